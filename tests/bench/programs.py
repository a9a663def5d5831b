"""What is run: programs that time themselves, and a web server under load."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import NamedTuple, Optional

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "programs"


class Result(NamedTuple):
    wall: float  # for each unit of work, in the program's unit of time
    cpu: float
    trace_bytes: Optional[float]  # for each unit of work; None where nothing is recorded
    lost: str  # in words


class Program:
    """A program of tests/programs that says on standard error how long its work took."""

    def __init__(self, name, *arguments, units=1, pinned=False):
        self.command = [FOLDER / name, *arguments, "--time", "--cpu-time"]
        self.units = units
        self.pinned = pinned

    def run(self, way, python, folder, number):
        """In the round of this number."""
        pin = one_cpu(number) if self.pinned else []
        with way.launch(python, folder) as launch:
            result = subprocess.run(
                pin + launch.command(python.path, *self.command), env=launch.environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        times = re.findall(r"^([\d.]+)(?: s)?$", result.stderr, re.M)
        if result.returncode != 0 or len(times) != 2:
            raise RuntimeError("%s: %s failed:\n%s" % (way.title, self.command[0].name, result.stderr))
        wall, cpu = (float(one) / self.units for one in times)
        size = None if launch.trace_bytes is None else launch.trace_bytes / self.units
        return Result(wall, cpu, size, launch.lost)


def one_cpu(number):
    """What keeps a command on one CPU, another one in each round: they can be differently busy."""
    cpus = sorted(os.sched_getaffinity(0))
    return ["taskset", "--cpu-list", str(cpus[number % len(cpus)])]


def reading(count, threads=1):
    """The tight loop: one release and one acquire a read. Results in ns for each read."""
    return Program("releases.py", "--threads", threads, "--count", count, units=count * max(threads, 1),
                   pinned=threads <= 1)


def countdown(count):
    """Two CPU-bound threads. Results in seconds."""
    return Program("countdown.py", "--threads", 2, "--count", count)


def mixed(count, threads):
    """Threads that do a little of everything. Results in ns for each unit of work."""
    return Program("mixed_threads.py", "--threads", threads, "--count", count, units=count * threads)


class Gunicorn:
    """
    gunicorn with a worker of four threads, and wrk, which asks on eight connections. Results in
    microseconds for each answer: wall time, and processor time of the worker.
    """

    PATH = "/count/1000"
    CONNECTIONS = 8

    def __init__(self, seconds):
        self.seconds = seconds

    @staticmethod
    def unusable(python):
        if not shutil.which("wrk"):
            return "no wrk (package wrk)"
        result = subprocess.run([python.path, "-c", "import flask, gunicorn"], stderr=subprocess.DEVNULL)
        return "%s has no flask or gunicorn (packages python3-flask, python3-gunicorn)" % python.path \
            if result.returncode else None

    def run(self, way, python, folder, _):
        with way.launch(python, folder) as launch:
            with self.server(launch, python, folder) as address:
                worker = json.load(urllib.request.urlopen(address + self.PATH))["pid"]
                load(address + self.PATH, 0.3)
                before = cpu_ns(worker)
                answers, seconds = load(address + self.PATH, self.seconds)
                cpu = cpu_ns(worker) - before
        size = None if launch.trace_bytes is None else launch.trace_bytes / answers
        return Result(seconds / answers * 1e6, cpu / answers / 1e3, size, launch.lost)

    @contextlib.contextmanager
    def server(self, launch, python, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            place = "127.0.0.1:%d" % free.getsockname()[1]
        log = pathlib.Path(folder) / "gunicorn.log"
        with open(log, "wb") as output:
            server = subprocess.Popen(
                launch.command(python.path, "-m", "gunicorn", "--worker-class", "gthread", "--threads", 4,
                               "--keep-alive", 60, "--bind", place, "flask_app:app"),
                cwd=FOLDER, env={**launch.environment, "PYTHONDONTWRITEBYTECODE": "1"}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for("http://" + place + self.PATH, server, log)
            yield "http://" + place
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def wait_for(url, server, log):
    deadline = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url).close()
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit("gunicorn does not answer:\n" + log.read_text())
            time.sleep(0.02)


def load(url, seconds):
    """-> how many answers wrk got, and in how many seconds."""
    # wrk knows whole seconds alone.
    result = subprocess.run(
        ["wrk", "-t1", "-c%d" % Gunicorn.CONNECTIONS, "-d%ds" % max(1, round(seconds)), url],
        stdout=subprocess.PIPE, text=True, check=True)
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", result.stdout)
    if not found or "Non-2xx" in result.stdout or "Socket errors" in result.stdout:
        raise RuntimeError("wrk:\n" + result.stdout)
    return int(found[1]), float(found[2]) * {"ms": 1e-3, "s": 1, "m": 60}[found[3]]


def cpu_ns(pid):
    """Processor time of a process's threads that are still there."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task)) as file:
            total += int(file.read().split()[0])
    return total

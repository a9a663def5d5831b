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
import tempfile
import time
import urllib.error
import urllib.request
from typing import NamedTuple, Optional

import rounds

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


def countdown(count, pinned=False):
    """Two CPU-bound threads. Results in seconds."""
    return Program("countdown.py", "--threads", 2, "--count", count, pinned=pinned)


def mixed(count, threads):
    """Threads that do a little of everything. Results in ns for each unit of work."""
    return Program("mixed_threads.py", "--threads", threads, "--count", count, units=count * threads)


class Turn(NamedTuple):
    """A second of load. Microseconds for each answer: wall time, and processor time of the worker."""

    wall: float
    cpu: float
    switches: float  # voluntary context switches of the worker for each answer


class Gunicorn:
    """gunicorn with a worker of four threads, and wrk, which asks on eight connections."""

    BARE = "/count/1000"
    PATHS = {BARE: "An answer that does next to nothing", "/page": "A page of 25 rows out of SQLite"}
    CONNECTIONS = 8

    @staticmethod
    def unusable(python):
        if not shutil.which("wrk"):
            return "no wrk (package wrk)"
        result = subprocess.run([python.path, "-c", "import flask, gunicorn"], stderr=subprocess.DEVNULL)
        return "%s has no flask or gunicorn (packages python3-flask, python3-gunicorn)" % python.path \
            if result.returncode else None

    def side_by_side(self, those, python, folder, turns):
        """
        A server for each of the ways, asked in turns: two runs of one way after the other differ
        by more than two ways do. Of those only one may be recorded: it would record the others.
        -> path -> key -> Turns; key -> what was lost, in words.
        """
        with contextlib.ExitStack() as stack:
            launches = {key: stack.enter_context(way.launch(python, folder)) for key, way in those.items()}
            with contextlib.ExitStack() as servers:
                addresses = {key: servers.enter_context(self.server(launch, python, folder))
                             for key, launch in launches.items()}
                results = {path: rounds.alternate(turns, self.askers(addresses, path)) for path in self.PATHS}
        return results, {key: launch.lost for key, launch in launches.items()}

    def askers(self, addresses, path):
        """key -> what asks that server for a turn, all of them warm."""
        workers = {key: json.load(urllib.request.urlopen(address + self.BARE))["pid"]
                   for key, address in addresses.items()}
        for address in addresses.values():
            load(address + path)
        return {key: lambda _, key=key: turn(addresses[key] + path, workers[key]) for key in addresses}

    @contextlib.contextmanager
    def server(self, launch, python, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            place = "127.0.0.1:%d" % free.getsockname()[1]
        log = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "gunicorn.log"
        with open(log, "wb") as output:
            server = subprocess.Popen(
                launch.command(python.path, "-m", "gunicorn", "--worker-class", "gthread", "--threads", 4,
                               "--keep-alive", 60, "--bind", place, "flask_app:app"),
                cwd=FOLDER, env={**launch.environment, "PYTHONDONTWRITEBYTECODE": "1"}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for("http://" + place + self.BARE, server, log)
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


def turn(url, worker):
    cpu, switches = cpu_ns(worker), context_switches(worker)
    answers, seconds = load(url)
    return Turn(seconds / answers * 1e6, (cpu_ns(worker) - cpu) / answers / 1e3,
                (context_switches(worker) - switches) / answers)


def load(url):
    """For a second, the least that wrk knows. -> how many answers it got, and in how many seconds."""
    result = subprocess.run(["wrk", "-t1", "-c%d" % Gunicorn.CONNECTIONS, "-d1s", url],
                            stdout=subprocess.PIPE, text=True, check=True)
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", result.stdout)
    if not found or "Non-2xx" in result.stdout or "Socket errors" in result.stdout:
        raise RuntimeError("wrk:\n" + result.stdout)
    return int(found[1]), float(found[2]) * {"ms": 1e-3, "s": 1, "m": 60}[found[3]]


def of_threads(pid, name):
    """The text of that file in /proc of each of a process's threads that are still there."""
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/%s" % (pid, task, name)) as file:
            yield file.read()


def cpu_ns(pid):
    """Processor time of its threads."""
    return sum(int(text.split()[0]) for text in of_threads(pid, "schedstat"))


def context_switches(pid):
    """Those that its threads asked for, as they had to wait for something."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M)[1])
               for text in of_threads(pid, "status"))

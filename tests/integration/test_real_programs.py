"""
Programs made of what people use, under load: the same results as without giltrace,
a report whose invariants hold, and in it what must be true of the program. On
Debian's own python3, which has the packages.
"""
import collections
import concurrent.futures
import http.client
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from conftest import BIN, PROGRAMS, clean_environment

PYTHON = "/usr/bin/python3"


@pytest.fixture
def need_module():
    """need_module("numpy") skips the test, and says so, where the package is missing."""

    def check(*modules):
        for module in modules:
            if subprocess.run([PYTHON, "-c", "import " + module], stderr=subprocess.DEVNULL).returncode != 0:
                pytest.skip("%s has no %s" % (PYTHON, module))

    return check


@pytest.fixture
def traced(giltrace, report_json, check_invariants, tmp_path):
    """Runs a program without and with giltrace; what it prints is the same. -> the processes of the report."""

    def run(program, *arguments):
        command = [PYTHON, str(PROGRAMS / program), *map(str, arguments)]
        expected = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=120)
        assert expected.returncode == 0, expected.stderr
        trace = tmp_path / "trace"
        result = giltrace("record", "-o", trace, "--", *command)
        assert (result.returncode, result.stdout) == (0, expected.stdout), result.stderr
        report = report_json(trace)
        check_invariants(report, trace)
        return report["processes"]

    return run


def threads_of(process, prefix):
    """The threads whose names begin so, of the process's one GIL."""
    (gil,) = process["gils"]
    return [thread for thread in gil["threads"] if thread["name"].startswith(prefix)]


def one_with(processes, prefix):
    (found,) = [process for process in processes if threads_of(process, prefix)]
    return found


def test_numpy(traced, need_module):
    need_module("numpy")
    rounds = 20
    (process,) = traced("numpy_threads.py", "--threads", 4, "--rounds", rounds)
    threads = threads_of(process, "numpy-")
    assert len(threads) == 4
    for thread in threads:
        # Each round has three loops that let go of the GIL, and take it again.
        assert thread["acquisitions"] >= 3 * rounds
        # Nearly all of the work is done without it.
        assert thread["held_ns"] < thread["alive_ns"] / 2


def test_sqlite(traced, need_module):
    need_module("sqlite3")
    rows = 500
    (process,) = traced("sqlite_threads.py", "--threads", 8, "--rows", rows)
    threads = threads_of(process, "sqlite-")
    assert len(threads) == 8
    # Each row is inserted in one step of SQLite and read in another, both without the GIL.
    assert all(thread["acquisitions"] >= 2 * rows for thread in threads)


def test_fetching_pool(traced):
    pages = 200
    processes = traced("fetch_pool.py", "--workers", 8, "--pages", pages)
    client = one_with(processes, "fetch_")
    server = one_with(processes, "Thread-")
    assert server["ppid"] == client["pid"]
    fetching = threads_of(client, "fetch_")
    assert 1 <= len(fetching) <= 8
    # Each page is waited for at least once, without the GIL.
    assert sum(thread["acquisitions"] for thread in fetching) >= pages
    # urllib asks for each page over a connection of its own, which the server gives a thread.
    assert len(threads_of(server, "Thread-")) == pages


def test_asyncio_with_executor(traced):
    ticks = 200
    (process,) = traced("asyncio_executor.py", "--workers", 4, "--jobs", 100, "--ticks", ticks)
    (loop,) = threads_of(process, "MainThread")
    workers = threads_of(process, "executor_")
    assert 1 <= len(workers) <= 4
    assert loop["acquisitions"] >= ticks  # the loop sleeps in epoll_wait for each
    assert sum(thread["acquisitions"] for thread in workers) >= 100


def answer_over(sock, path):
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = sock
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


class Gunicorn:
    """Threaded workers behind a socket in `folder`; `prefix`: the command that runs it."""

    def __init__(self, folder, *prefix):
        self.address = folder / "socket"
        self.log = folder / "log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*map(str, prefix), PYTHON, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "2",
                 "--threads", "4", "--bind", "unix:%s" % self.address, "--pid", str(folder / "pid"), "flask_app:app"],
                cwd=PROGRAMS, env=clean_environment(PYTHONDONTWRITEBYTECODE=1), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT,
            )
        self.pid_file = folder / "pid"

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.address))
        return connection

    def get(self, path):
        deadline = time.monotonic() + 60
        while True:
            try:
                return answer_over(self.connect(), path)
            except (FileNotFoundError, ConnectionRefusedError):
                # Not there yet.
                assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.01)

    def end(self):
        os.kill(int(self.pid_file.read_text()), signal.SIGTERM)
        return self.process.wait(60)


def load(server, requests):
    """-> the answers without the pids, sorted, and how often each pid answered."""
    paths = ["/count/%d" % (i * 100) if i % 2 else "/wait/%d" % (i % 5) for i in range(requests)]
    server.get("/wait/0")
    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(server.get, paths))
    assert all(status == 200 for status, _ in answers)
    pids = collections.Counter(answer.pop("pid") for _, answer in answers)
    return [answer for _, answer in answers], pids


def test_gunicorn(need_module, report_json, check_invariants, tmp_path):
    need_module("gunicorn", "flask")
    requests = 300
    untraced, traced = tmp_path / "untraced", tmp_path / "traced"
    untraced.mkdir()
    traced.mkdir()
    server = Gunicorn(untraced)
    expected, _ = load(server, requests)
    assert server.end() == 0

    server = Gunicorn(traced, BIN, "record", "-o", traced / "trace", "--")
    answers, pids = load(server, requests)
    master = int(server.pid_file.read_text())
    assert server.end() == 0, server.log.read_text()
    assert answers == expected

    report = report_json(traced / "trace")
    check_invariants(report, traced / "trace")
    processes = {process["pid"]: process for process in report["processes"]}
    assert pids.keys() <= processes.keys()
    for pid, served in pids.items():
        worker = processes[pid]
        assert worker["ppid"] == master and worker["exited"]
        (gil,) = worker["gils"]
        # One accepts, up to four answer.
        assert 2 <= len(gil["threads"]) <= 5
        answering = [thread for thread in gil["threads"] if thread["kind"] == "python"]
        assert sum(thread["acquisitions"] for thread in answering) >= served

"""PyPy, where there is one: its waits are recorded, its holds are said to be unknown."""
import subprocess

import pytest

import sessions
from conftest import PROGRAMS, clean_environment
from rawtrace import UNKNOWN


@pytest.fixture
def traced(record, report_json, check_invariants, pypy):
    """Records a program on PyPy, checks every invariant, and returns (report, RawTrace)."""

    def run(program, *arguments):
        trace = record(program, *arguments, python=pypy)
        report = report_json(trace)
        return report, check_invariants(report, trace)

    return run


def pypy_gil(process, pypy):
    assert process["implementation"] == "PyPy"
    # The language's version, which is all that can be read without calling into it.
    assert process["version"] == "%d.%d" % pypy.release
    assert process["gil"] == "enabled"
    (gil,) = process["gils"]
    assert gil["kind"] == "main"
    assert gil["interval_us"] is None
    return gil


def test_two_cpu_threads(traced, pypy):
    report, raw = traced("countdown.py", "--threads", 2, "--count", 600_000_000)
    (process,) = report["processes"]
    gil = pypy_gil(process, pypy)
    assert process["exited"]
    assert report["trace"]["complete"]
    counting = [thread for thread in gil["threads"] if thread["kind"] == "native"]
    assert len(counting) == 2
    # They take turns, so one of them always waits, whether it gets to queue at once or not.
    for thread in counting:
        assert thread["contended_acquisitions"] > 5
    assert gil["load"] > 0.5
    assert gil["handoff"]["count"] > 5
    assert gil["verdict"]["kind"] == "contention"
    assert "unknown" in gil["verdict"]["sentence"]
    assert [doubt["kind"] for doubt in report["doubts"]] == ["holds_unseen"]
    # The trace can have others' events, too.
    assert {wait["holder"] for wait in raw.events["wait"] if wait["pid"] == process["pid"]} == {-1}
    assert process["pid"] not in {request["pid"] for request in raw.events["drop_request"]}


def test_io_threads(traced, pypy):
    report, _ = traced("io_threads.py", "--threads", 4, "--count", 3000)
    pypy_gil(report["processes"][0], pypy)


def test_text_says_what_is_unknown(traced, pypy, record, giltrace):
    trace = record("countdown.py", "--threads", 2, "--count", 100_000_000, python=pypy)
    result = giltrace("report", trace)
    assert result.returncode == 0
    text = " ".join(result.stdout.split())
    assert "PyPy takes a free GIL and gives it up without a call that could be seen" in text
    assert "(unknown)" in text
    assert "drop request" not in text


def test_output_and_status(pypy, library):
    command = [pypy.path, str(PROGRAMS / "countdown.py"), "--threads", "3", "--count", "3000000"]
    plain = subprocess.run(command, capture_output=True, check=True, env=clean_environment())
    preloaded = subprocess.run(command, capture_output=True, check=True, env=clean_environment(LD_PRELOAD=library))
    assert (preloaded.stdout, preloaded.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize("way", ["fork", "mp-fork"])
def test_forked(traced, pypy, way):
    """A child is recorded once it has threads of its own, with a new GIL."""
    report, _ = traced("fork.py", way)
    # The parent has no thread but its first: whether PyPy creates its GIL all the same differs.
    *parents, child = report["processes"]
    assert len(parents) <= 1
    for parent in parents:
        assert pypy_gil(parent, pypy)["wait_ns"] == 0
        assert child["ppid"] == parent["pid"]
    pypy_gil(child, pypy)
    assert child["exited"]


FAMILY = """
import os, subprocess, sys, threading

def work():
    for _ in range(300_000):
        pass

def threads(count):
    some = [threading.Thread(target=work) for _ in range(count)]
    for one in some:
        one.start()
    for one in some:
        one.join()

threads(2)
pid = os.fork()
if pid == 0:
    threads(2)
    os._exit(3)
assert os.waitpid(pid, 0) == (pid, 3 << 8)
pid = os.fork()
if pid == 0:
    sys.exit(4)
assert os.waitpid(pid, 0) == (pid, 4 << 8)
for _ in range(10):
    assert subprocess.run(["true"]).returncode == 0
print(subprocess.run([sys.executable, "-c", "import threading; t = threading.Thread(target=print); t.start(); t.join()"])
      .returncode)
"""


def test_family(pypy, giltrace, tmp_path, report_json, check_invariants):
    """The parent has a GIL already: a forked child's, once it starts threads, is its own; others are left alone."""
    trace = tmp_path / "trace"
    result = giltrace("record", "-o", trace, "--", pypy.path, "-c", FAMILY)
    assert (result.returncode, result.stdout.split()) == (0, ["0"]), result.stderr
    report = report_json(trace)
    check_invariants(report, trace)
    parent, forked, started = report["processes"]
    assert forked["ppid"] == parent["pid"] != started["pid"]
    for process in report["processes"]:
        pypy_gil(process, pypy)
        assert process["exited"]
    # What the parent's threads did is not counted in the child.
    of_parent = {thread["tid"] for thread in parent["gils"][0]["threads"]}
    assert not of_parent & {thread["tid"] for thread in forked["gils"][0]["threads"]}


ENDS = """
import os, signal, sys, threading

def compute():
    while True:
        pass

def read():
    device = os.open("/dev/zero", os.O_RDONLY)
    while True:
        os.read(device, 100)

def brief():
    for _ in range(20_000):
        pass

for work in (compute, compute, read, read):
    threading.Thread(target=work, daemon=True).start()
for _ in range(30):
    some = [threading.Thread(target=brief) for _ in range(4)]
    for one in some:
        one.start()
    for one in some:
        one.join()
"""


@pytest.mark.parametrize("end, status", [
    ("sys.exit(5)", 5),
    ("os._exit(6)", 6),
    ("raise KeyError", 1),
    ("os.kill(os.getpid(), signal.SIGKILL)", 128 + 9),
    ("os.abort()", 128 + 6),
])
def test_ends_while_threads_wait(pypy, giltrace, tmp_path, report_json, check_invariants, end, status):
    trace = tmp_path / "trace"
    result = giltrace("record", "-q", "-o", trace, "--", pypy.path, "-c", ENDS + end + "\n")
    assert result.returncode == status
    report = report_json(trace)
    check_invariants(report, trace)
    (process,) = report["processes"]
    assert process["exited"] == (status < 128)
    gil = pypy_gil(process, pypy)
    assert gil["contended_acquisitions"] > 100
    assert gil["load"] > 1


PHASES = """
import sys, threading, time

def count():
    n = 0
    while counting:
        n += 1

for line in sys.stdin:
    if line == "begin\\n":
        counting = True
        some = [threading.Thread(target=count) for _ in range(2)]
        for one in some:
            one.start()
    elif line == "end\\n":
        counting = False
        for one in some:
            one.join()
    for _ in range(20):
        time.sleep(0.001)  # the GIL is given up, and wanted back
    print("done", flush=True)
"""


def test_sessions_in_mid_run(pypy, library, tmp_path, report_json, check_invariants):
    """Sessions that start while threads wait, and stop when none does."""
    program = subprocess.Popen(
        [pypy.path, "-c", PHASES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        env=clean_environment(LD_PRELOAD=library),
    )

    def do(what):
        program.stdin.write(what + "\n")
        assert program.stdout.readline() == "done\n"

    try:
        for number in range(3):
            do("begin")
            path = tmp_path / ("trace-%d" % number)
            with sessions.session(path) as session:
                do("work")
                do("end")
                session.stop()
            report = report_json(path)
            raw = check_invariants(report, path, pid=program.pid)
            (process,) = [one for one in report["processes"] if one["pid"] == program.pid]
            gil = pypy_gil(process, pypy)
            assert not process["exited"]
            assert len(gil["threads"]) == 3
            assert gil["contended_acquisitions"] > 20
            unknown = [event["tid"] for event in raw.events["acquire"]
                       if event["wait_ns"] == UNKNOWN and event["pid"] == program.pid]
            assert len(unknown) == len(set(unknown)) <= 3
        program.stdin.close()
        assert program.wait(timeout=30) == 0
    finally:
        program.kill()
        program.wait()
        program.stdout.close()

"""LD_PRELOAD=libgiltrace.so under LTTng sessions of the user's own, started and stopped in mid-run."""
import contextlib
import subprocess
import time

import pytest

import sessions
from conftest import BIN, PROGRAMS, clean_environment
from rawtrace import UNKNOWN


class Conversation:
    """A running phases.py that does what it is told."""

    def __init__(self, python, *launcher, **environment):
        self.process = subprocess.Popen(
            [*launcher, python.path, str(PROGRAMS / "phases.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=clean_environment(**environment),
        )

    def say(self, line):
        self.process.stdin.write(line + "\n")

    def hear(self, line):
        assert self.process.stdout.readline() == line + "\n"

    def do(self, command):
        """Returns when the program has done it."""
        self.say(command)
        self.hear("end " + command.partition(" ")[0])

    def quit(self):
        self.say("quit")
        assert self.process.wait(timeout=30) == 0


@pytest.fixture
def converse(python, library):
    with contextlib.ExitStack() as stack:

        def start(*launcher):
            """Preloaded, or run by `launcher`."""
            one = Conversation(python, *launcher, **({} if launcher else {"LD_PRELOAD": library}))
            stack.callback(one.process.stdout.close)
            stack.callback(one.process.stdin.close)
            stack.callback(one.process.kill)
            one.do("read 1")  # it is up, LTTng has registered it
            return one

        yield start


def of_process(raw, pid, kind):
    return [event for event in raw.events[kind] if event["pid"] == pid]


def process_of(report, pid):
    (found,) = [process for process in report["processes"] if process["pid"] == pid]
    return found


def test_whole_run(python, library, tmp_path, report_json, check_invariants):
    path = tmp_path / "trace"
    with sessions.session(path) as session:
        program = subprocess.Popen(
            [python.path, str(PROGRAMS / "mixed.py"), "--messages", "10"], stdout=subprocess.DEVNULL,
            env=clean_environment(LD_PRELOAD=library),
        )
        assert program.wait(timeout=60) == 0
        session.stop()
    report = report_json(path)
    check_invariants(report, path, pid=program.pid)
    process = process_of(report, program.pid)
    assert process["exited"]
    assert {"io", "cpu"} <= {thread["name"] for thread in process["gils"][0]["threads"]}


def test_started_in_mid_run(converse, tmp_path, report_json, check_invariants):
    """Recording begins at the next GIL operation, and says that the process was there before."""
    path = tmp_path / "trace"
    program = converse()
    program.do("read 1000")
    with sessions.session(path) as session:
        program.do("read 100")
        program.do("race 100")
        session.stop()
    program.quit()

    pid = program.process.pid
    raw = check_invariants(report_json(path), path, pid=pid)
    assert {event["state"] for event in of_process(raw, pid, "process")} == {"present"}
    assert {event["state"] for event in of_process(raw, pid, "gil")} == {"joined", "present"}
    main = [event for event in of_process(raw, pid, "release") if event["tid"] == pid]
    assert 100 < len(main) < 400, "of the 1000 reads before the session nothing is in the trace"
    names = {event["name"] for event in of_process(raw, pid, "thread")}
    assert {"racer-1", "racer-2"} <= names
    assert any(event["kind"] == "main" for event in of_process(raw, pid, "thread"))


def test_release_of_an_unseen_acquire(converse, tmp_path, report_json, check_invariants):
    """The session starts while the GIL is held, and another thread waits: neither time is invented."""
    path = tmp_path / "trace"
    program = converse()
    told = time.monotonic_ns()
    program.say("hold")
    program.hear("begin hold")  # written with the GIL in hand
    held_already = time.monotonic_ns()
    with sessions.session(path) as session:
        program.say("")
        program.hear("end hold")
        program.do("read 10")
        session.stop()
    program.quit()

    pid = program.process.pid
    report = report_json(path)
    raw = check_invariants(report, path, pid=pid)
    first, *others = sorted(of_process(raw, pid, "release"), key=lambda event: event["seq"])
    assert first["tid"] == pid
    assert all(event["acquired"] == 1 for event in others)
    (gil,) = process_of(report, pid)["gils"]
    assert gil["hold"]["count"] == gil["acquisitions"] - still_held(raw, pid)
    if first["acquired"]:
        # Somebody else's session saw the acquire: then the truth, and nothing else.
        assert told <= first["at"] - first["held_ns"] <= held_already
        return
    assert first["held_ns"] == UNKNOWN
    assert gil["held_ns"] == sum(event["held_ns"] for event in others)
    assert "unseen_acquire" in [doubt["kind"] for doubt in report["doubts"]]
    for acquire in of_process(raw, pid, "acquire"):
        assert acquire["wait_ns"] == UNKNOWN or acquire["at"] - acquire["wait_ns"] >= told


def still_held(raw, pid):
    """1 when the trace ends with the GIL held, else 0."""
    last = max(event["seq"] for kind in ("acquire", "release") for event in of_process(raw, pid, kind))
    return last % 2


def test_stopped_and_started_again(converse, tmp_path, report_json, check_invariants):
    """What happened in between is missing, and nothing else."""
    path = tmp_path / "trace"
    program = converse()
    with sessions.session(path) as session:
        program.do("read 100")
        session.stop()
        program.do("read 5000")
        session.start()
        program.do("read 100")
        session.stop()
    program.quit()

    pid = program.process.pid
    raw = check_invariants(report_json(path), path, pid=pid)
    releases = of_process(raw, pid, "release")
    assert 200 <= len(releases) < 400


def test_stopped_and_started_again_beside_another(converse, tmp_path, report_json, check_invariants):
    """The other one goes on all the time, and both know what is missing in which."""
    program = converse()
    pid = program.process.pid
    with sessions.session(tmp_path / "whole") as whole, sessions.session(tmp_path / "parts") as parts:
        program.do("read 100")
        parts.stop()
        program.do("read 5000")
        parts.start()
        program.do("read 100")
        parts.stop()
        whole.stop()
    program.quit()
    counts = {}
    for name in "whole", "parts":
        report = report_json(tmp_path / name)
        raw = check_invariants(report, tmp_path / name, pid=pid)
        assert "sequence_gap" not in [doubt["kind"] for doubt in report["doubts"]]
        counts[name] = len(of_process(raw, pid, "release"))
    assert counts["whole"] >= 5200 and 200 <= counts["parts"] < 1000


def test_two_sessions(converse, tmp_path, report_json, check_invariants):
    """Both get everything, each from its own start on."""
    program = converse()
    pid = program.process.pid
    with sessions.session(tmp_path / "first") as first:
        program.do("read 50")
        with sessions.session(tmp_path / "second") as second:
            program.do("read 50")
            second.stop()
        first.stop()
    program.quit()
    raw = [check_invariants(report_json(path), path, pid=pid) for path in (tmp_path / "first", tmp_path / "second")]
    counts = [len(of_process(one, pid, "release")) for one in raw]
    assert counts[0] >= 100
    assert 50 <= counts[1] <= counts[0] - 50


def test_recording_leaves_others_out(converse, tmp_path, report_json, check_invariants):
    """Whatever else is preloaded and runs meanwhile is not in the report of `giltrace record`."""
    path = tmp_path / "trace"
    before = converse()
    recorded = converse(BIN, "record", "-o", path, "--")
    meanwhile = converse()
    for other in (before, meanwhile):
        other.do("read 100")
        recorded.do("read 100")
        other.quit()
        recorded.do("read 100")
    recorded.quit()
    report = report_json(path)
    assert [process["ppid"] for process in report["processes"]] == [recorded.process.pid]
    check_invariants(report, path)


def test_no_session(converse):
    """Nothing to see: the program runs, and nobody hears of it."""
    program = converse()
    program.do("race 1000")
    program.quit()

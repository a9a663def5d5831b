"""record --attach: processes that were started long before, under load and idle, as often as one likes."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from conftest import BIN, LIB, PROGRAMS, clean_environment
from rawtrace import UNKNOWN, RawTrace
from test_record import LIMIT, OTHER_USER, PYTHON, home, manifest, wait_for  # noqa: F401 (a fixture)
from test_sessions import Conversation, converse, of_process, process_of  # noqa: F401

as_root = pytest.mark.skipif(os.getuid() != 0, reason="needs two users")


class Server:
    """A preloaded server.py."""

    def __init__(self, *arguments, python=sys.executable, prefix=(), environment=None, preload=LIB):
        command = [*prefix, *(["env", "LD_PRELOAD=" + preload] if preload else []), python, PROGRAMS / "server.py"]
        self.process = subprocess.Popen(
            list(map(str, [*command, *arguments])), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            bufsize=1, cwd="/", env=environment or clean_environment(),
        )
        ready, *workers = self.process.stdout.readline().split()
        assert ready == "ready"
        self.workers = list(map(int, workers))
        # Of runuser, which waits for it, the server is a child.
        self.pid = next(pid for pid in [self.process.pid, *children_of(self.process.pid)] if is_server(pid))

    def fork(self):
        """One more worker, whose parent is gone; its number."""
        self.process.stdin.write("fork\n")
        return int(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(LIMIT) == 0
        self.process.stdout.close()


def children_of(pid):
    return list(map(int, pathlib.Path("/proc/%d/task/%d/children" % (pid, pid)).read_text().split()))


def is_server(pid):
    return b"python" in pathlib.Path("/proc/%d/cmdline" % pid).read_bytes().split(b"\0")[0]


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:

        def start(*arguments, **options):
            one = Server(*arguments, **options)
            stack.callback(one.process.kill)
            stack.callback(one.process.stdin.close)
            return one

        yield start


@pytest.fixture
def attach(giltrace, tmp_path):
    """attach(ARGUMENT...) records for a moment and returns the path of the recording."""
    numbers = iter(range(1000))

    def run(*arguments, duration="300ms"):
        path = tmp_path / ("attached-%d" % next(numbers))
        result = giltrace("record", "--attach", "--duration", duration, "-o", path, *arguments)
        assert result.returncode == 0, result.stderr
        return path

    return run


class Recording:
    """giltrace record --attach in the background; begins when it says so."""

    def __init__(self, path, *arguments, prefix=(), environment=None, cwd=None):
        self.process = subprocess.Popen(
            [*prefix, BIN, "record", "--attach", "-o", str(path), *map(str, arguments)], stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, env=environment or clean_environment(), cwd=cwd)
        self.said = []
        while not (self.said and "giltrace: recording" in self.said[-1]):
            self.said.append(self.process.stderr.readline())
            assert self.said[-1], "it ended: %s" % self.said

    def finish(self):
        """Waits until it has ended, and returns all that it said."""
        self.said += self.process.stderr.readlines()
        status = self.process.wait(LIMIT)
        self.process.stderr.close()
        assert status == 0, self.said
        return "".join(self.said)

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.finish()


def thread_names(raw, pid):
    return {event["name"] for event in of_process(raw, pid, "thread")}


# What a session learns of processes that are older than it


def test_knows_all_of_a_running_server(serve, attach, report_json, check_invariants, python):
    server = serve("--idle", 2, "--busy", 2, "--io", 1, "--workers", 2, python=python.path)
    path = attach("--pid", server.pid)
    report = report_json(path)
    raw = check_invariants(report, path)
    server.end()

    family = {server.pid, *server.workers}
    assert {process["pid"] for process in report["processes"]} == family
    assert {event["state"] for event in raw.events["process"] if event["pid"] in family} == {"present"}
    for process in report["processes"]:
        assert (process["gil"], process["version"], len(process["gils"])) == ("enabled", python.version, 1)
        assert not process["exited"]
        if process["pid"] != server.pid:
            assert process["ppid"] == server.pid
    assert {"idle-1", "idle-2", "busy-1", "busy-2", "io-1"} <= thread_names(raw, server.pid)
    at_work = {thread["name"] for thread in process_of(report, server.pid)["gils"][0]["threads"]}
    assert {"busy-1", "busy-2", "io-1"} <= at_work
    for number, pid in enumerate(server.workers):
        (gil,) = process_of(report, pid)["gils"]
        assert gil["acquisitions"] > 0
        assert "worker%d-1" % (number + 1) in {thread["name"] for thread in gil["threads"]}


def test_knows_an_idle_server(serve, attach, report_json):
    """Not one operation on its GIL, and yet it is there, with its threads."""
    server = serve("--idle", 3)
    path = attach("--pid", server.pid)
    server.end()
    (process,) = report_json(path)["processes"]
    assert (process["pid"], process["gil"], len(process["gils"])) == (server.pid, "enabled", 1)
    assert process["gils"][0]["acquisitions"] == 0
    raw = RawTrace(path)
    assert {"idle-1", "idle-2", "idle-3"} <= thread_names(raw, server.pid)
    assert not of_process(raw, server.pid, "release")


def test_begins_while_one_holds_and_another_waits(converse, tmp_path, report_json, check_invariants):
    """Both began before: how long they took is unknown, not 0."""
    path = tmp_path / "trace"
    program = converse()
    pid = program.process.pid
    program.say("hold")
    program.hear("begin hold")
    recording = Recording(path, "--pid", pid)
    program.say("")
    program.hear("end hold")
    program.do("read 10")
    recording.end()
    program.quit()
    report = report_json(path)
    raw = check_invariants(report, path)
    first, *others = sorted(of_process(raw, pid, "release"), key=lambda event: event["seq"])
    if first["acquired"]:
        pytest.skip("somebody else's session goes on at the same time")
    assert first["held_ns"] == UNKNOWN
    (gil,) = process_of(report, pid)["gils"]
    assert gil["held_ns"] == sum(event["held_ns"] for event in others)
    doubts = [doubt["kind"] for doubt in report["doubts"]]
    assert "unseen_acquire" in doubts and "sequence_gap" not in doubts


def test_nothing_goes_on_when_it_has_ended(converse, tmp_path, check_invariants, report_json):
    """In between not even the numbers of the GIL go on: the hooks do nothing but look at the flag."""
    program = converse()
    pid = program.process.pid
    program.do("race 200")
    recordings = []
    for _ in range(2):
        path = tmp_path / ("trace-%d" % len(recordings))
        recording = Recording(path, "--pid", pid)
        program.do("race 200")
        recording.end()
        recordings.append(check_invariants(report_json(path), path))
        program.do("race 5000")
    program.quit()
    last, first = [
        pick(event["seq"] for event in of_process(raw, pid, "release")) for pick, raw in zip((max, min), recordings)]
    # Each of its three threads may have had one more hold to write.
    assert 0 < first - last <= 2 * 4
    # The first that says where recording begins; the last is of the state dump before the stop.
    assert first - 2 <= min(event["seq"] for event in of_process(recordings[1], pid, "gil") if event["seq"]) <= first


def instructions(profile):
    """What callgrind counted within libgiltrace.so."""
    result = subprocess.run(
        ["callgrind_annotate", "--threshold=100", str(profile)], stdout=subprocess.PIPE, text=True, check=True)
    return sum(
        int(line.split()[0].replace(",", "")) for line in result.stdout.splitlines() if "libgiltrace.so]" in line)


def test_cost_is_that_of_the_flag_again(need, any_python, library, tmp_path):
    """After a recording the hooks execute as many instructions as before it."""
    need("valgrind", "callgrind_control", "callgrind_annotate")
    counts = tmp_path / "counts"
    program = Conversation(
        any_python, "valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no",
        "--callgrind-out-file=%s" % counts, LD_PRELOAD=library)
    pid = program.process.pid

    def control(*what):
        subprocess.run(["callgrind_control", *what, str(pid)], check=True, stdout=subprocess.DEVNULL)

    def count():
        control("--instr=on")
        program.do("read 1000")
        control("--instr=off")

    try:
        program.do("read 10")
        count()
        control("--dump")
        recording = Recording(tmp_path / "trace", "--pid", pid)
        program.do("read 100")
        recording.end()
        program.do("read 10")
        count()
        control("--dump")
        program.quit()
    finally:
        program.process.kill()
        program.process.stdin.close()
        program.process.stdout.close()
    assert len(of_process(RawTrace(tmp_path / "trace"), pid, "release")) >= 100
    before, after = (instructions("%s.%d" % (counts, number)) for number in (1, 2))
    # A few calls more or less are of when counting began; not one instruction more in each of the reads is.
    assert before >= 1000
    assert abs(after - before) < 1000


def test_two_at_the_same_time(serve, tmp_path, report_json, check_invariants):
    server = serve("--busy", 2, "--io", 1)
    paths = [tmp_path / "first", tmp_path / "second"]
    first = Recording(paths[0], "--pid", server.pid)
    second = Recording(paths[1], "--pid", server.pid, "--duration", "300ms")
    second.finish()
    first.end()
    server.end()
    counts = []
    for path in paths:
        report = report_json(path)
        check_invariants(report, path)
        assert "sequence_gap" not in [doubt["kind"] for doubt in report["doubts"]]
        (process,) = report["processes"]
        assert {"busy-1", "busy-2", "io-1"} <= {thread["name"] for thread in process["gils"][0]["threads"]}
        counts.append(process["gils"][0]["acquisitions"])
    assert counts[0] > counts[1] > 0


def check_cycles(paths, server, report_json, check_invariants):
    """Of recordings under load, when that has ended."""
    acquisitions = 0
    for path in paths:
        report = report_json(path)
        check_invariants(report, path)
        assert "sequence_gap" not in [doubt["kind"] for doubt in report["doubts"]]
        acquisitions += process_of(report, server.pid)["gils"][0]["acquisitions"]
    assert acquisitions > len(paths)


def test_twenty_times_under_load(serve, attach, report_json, check_invariants):
    server = serve("--busy", 2, "--io", 2, "--idle", 2)
    paths = [attach("--pid", server.pid, duration="60ms") for _ in range(20)]
    server.end()
    check_cycles(paths, server, report_json, check_invariants)


# Whom it records


def test_descendants_and_nobody_else(serve, tmp_path, report_json, check_invariants):
    """Those that are forked meanwhile, too, even when their own parent is gone at once."""
    path = tmp_path / "trace"
    server, other = serve("--workers", 1), serve("--io", 1)
    recording = Recording(path, "--pid", server.pid)
    late = server.fork()
    recording.end()
    other.end()
    server.end()
    report = report_json(path)
    check_invariants(report, path)
    pids = {process["pid"] for process in report["processes"]}
    assert {server.pid, late, *server.workers} <= pids and other.pid not in pids
    assert len(pids) == 4  # and the one in between
    assert process_of(report, late)["ppid"] not in (1, server.pid)


def test_no_children(serve, tmp_path, report_json):
    """The others, workers included, are not even told: nothing of them is in the trace."""
    path = tmp_path / "trace"
    server, other = serve("--workers", 1, "--io", 1), serve("--io", 1)
    recording = Recording(path, "--pid", server.pid, "--no-children", "--duration", "200ms")
    server.fork()
    recording.finish()
    other.end()
    server.end()
    assert [process["pid"] for process in report_json(path)["processes"]] == [server.pid]
    assert RawTrace(path).pids() == {server.pid}


def test_several_pids(serve, attach, report_json):
    servers = [serve("--io", 1) for _ in range(3)]
    pids = [server.pid for server in servers]
    path = attach("--pid", "%d,%d" % (pids[0], pids[1]), "--pid", pids[2])
    for server in servers:
        server.end()
    assert {process["pid"] for process in report_json(path)["processes"]} == set(pids)
    assert manifest(path)["attached"] == {"pids": pids, "descendants": True}


def test_all(serve, tmp_path, report_json):
    """Without --pid all that run, and those that start meanwhile."""
    path = tmp_path / "trace"
    first = serve("--io", 1)
    recording = Recording(path)
    second = serve("--io", 1)
    recording.end()
    first.end()
    second.end()
    assert {first.pid, second.pid} <= {process["pid"] for process in report_json(path)["processes"]}
    assert manifest(path)["attached"] == {} and "run" not in manifest(path)


def test_process_of_another_recording(tmp_path, report_json):
    """The run id in its environment is that of the outer one, and both have it."""
    outer, inner = tmp_path / "outer", tmp_path / "inner"
    recorded = subprocess.Popen(
        [BIN, "record", "-q", "-o", str(outer), "--", sys.executable, str(PROGRAMS / "server.py"), "--io", "1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean_environment())
    assert recorded.stdout.readline() == "ready\n"
    (pid,) = children_of(recorded.pid)
    Recording(inner, "--pid", pid, "--duration", "100ms").finish()
    recorded.stdin.close()
    assert recorded.wait(LIMIT) == 0
    recorded.stdout.close()
    assert [process["pid"] for process in report_json(inner)["processes"]] == [pid]
    assert [process["pid"] for process in report_json(outer)["processes"]] == [pid]


# When it ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ends_by_a_signal(serve, tmp_path, number):
    server = serve()
    said = Recording(tmp_path / "out", "--pid", server.pid).end(number)
    assert "Ctrl-C ends it" in said
    assert "see it with: giltrace report" in said
    assert "end" in manifest(tmp_path / "out")
    server.end()


def test_ends_with_the_processes(serve, tmp_path, report_json):
    servers = [serve("--io", 1) for _ in range(2)]
    recording = Recording(tmp_path / "out", *(word for server in servers for word in ("--pid", server.pid)))
    servers[0].end()
    assert recording.process.poll() is None
    servers[1].end()
    recording.finish()
    assert all(process["exited"] for process in report_json(tmp_path / "out")["processes"])


def test_default_folder_is_named_after_the_process(serve, tmp_path):
    server = serve()
    result = subprocess.run(
        [BIN, "record", "--attach", "--pid", str(server.pid), "--duration", "10ms"], cwd=tmp_path,
        stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert result.returncode == 0, result.stderr
    (folder,) = tmp_path.iterdir()
    assert re.fullmatch(r"giltrace-server-\d{8}-\d{6}", folder.name)
    server.end()


# Why it does not record


@pytest.fixture
def refused(giltrace, tmp_path):
    """Runs what must fail; returns what it said. Nothing is left of it."""

    def run(*arguments):
        result = giltrace("record", "-o", tmp_path / "refused", *arguments)
        assert (result.returncode, result.stdout) == (125, "")
        assert not (tmp_path / "refused").exists()
        return result.stderr

    return run


def test_no_such_process(refused):
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert refused("--attach", "--pid", gone.pid) == "giltrace: there is no process %d\n" % gone.pid


def test_process_that_is_not_preloaded(serve, refused):
    server = serve(preload=None)
    message = refused("--attach", "--pid", server.pid)
    assert "process %d does not run under libgiltrace.so" % server.pid in message
    assert "LD_PRELOAD=%s" % os.path.realpath(LIB) in message
    server.end()


def test_process_without_python(refused):
    cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, env=clean_environment(LD_PRELOAD=LIB))
    wait_for(lambda: b"/cat" in os.readlink("/proc/%d/exe" % cat.pid).encode(), "exec")
    message = refused("--attach", "--pid", cat.pid)
    cat.communicate()
    assert "process %d runs under libgiltrace.so, but no Python" % cat.pid in message


def test_thread(serve, refused):
    server = serve("--idle", 1)
    thread = max(int(name) for name in os.listdir("/proc/%d/task" % server.pid))
    assert "%d is no process but a thread of process %d" % (thread, server.pid) in refused("--attach", "--pid", thread)
    server.end()


@pytest.mark.parametrize("arguments, words", [
    (["--attach", "--", "true"], "either --attach or a command: 'true'"),
    (["--attach", "true"], "either --attach or a command: 'true'"),
    (["--pid", "1", "--", "true"], "--pid and --duration go with --attach"),
    (["--duration", "1s"], "--pid and --duration go with --attach"),
    (["--attach", "--no-children"], "name the process with --pid"),
    (["--attach", "--pid", "me"], "'me' is no process number"),
    (["--attach", "--pid", "1,"], "'1,' is no process number"),
    (["--attach", "--pid", "0"], "'0' is no process number"),
    (["--attach", "--duration", "soon"], "'soon' is no duration"),
    (["--attach", "--duration", "0s"], "'0s' is no duration"),
])
def test_wrong_usage(refused, arguments, words):
    assert words in refused(*arguments)


def test_run_does_not_attach(giltrace):
    assert giltrace("run", "--attach").returncode == 125


# doctor --pid


def test_doctor_on_a_running_process(serve, giltrace):
    server, bare = serve("--workers", 1), serve(preload=None)
    good, bad = (giltrace("doctor", "--pid", one.pid) for one in (server, bare))
    assert (good.returncode, bad.returncode) == (0, 1)
    assert re.search(r"ok +process +%d " % server.pid, good.stdout)
    assert "1 Python descendant" in " ".join(good.stdout.split())
    assert "process %d does not run under libgiltrace.so" % bare.pid in " ".join(bad.stdout.split())
    assert giltrace("doctor", "--pid", server.pid, "true").returncode == 2
    server.end()
    bare.end()


# The session daemon, started by giltrace: as nobody, whom root's does not serve


def home_record(home, name, *arguments):
    result = home.run("record", "--attach", "-o", name, *arguments)
    assert result.returncode == 0, result.stderr
    return home.folder / name


def test_program_that_is_older_than_the_daemon(home, serve, report_json, check_invariants):
    """LTTng-UST looks for a daemon until there is one, and again when that has ended."""
    server = serve("--busy", 2, "--workers", 1, prefix=home.prefix, environment=home.environment)
    assert not home.daemons()
    for name in ("first", "second"):
        path = home_record(home, name, "--pid", server.pid, "--duration", "200ms")
        assert not home.daemons()
        report = report_json(path)
        assert {process["pid"] for process in report["processes"]} == {server.pid, *server.workers}
        check_invariants(report, path)
    server.end()
    home.assert_clean()


def test_all_that_are_older_than_the_daemon(home, serve, report_json):
    servers = [serve("--io", 1, prefix=home.prefix, environment=home.environment) for _ in range(2)]
    report = report_json(home_record(home, "out", "--duration", "100ms"))
    assert {process["pid"] for process in report["processes"]} == {server.pid for server in servers}
    for server in servers:
        server.end()
    home.assert_clean()


def test_daemon_is_looked_for_where_the_process_does(home, serve, report_json):
    """Whatever the home of who records is, that of the process counts."""
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir()
    os.chown(elsewhere, home.folder.stat().st_uid, home.folder.stat().st_gid)
    server = serve("--io", 1, prefix=home.prefix, environment={**home.environment, "LTTNG_HOME": str(elsewhere)})
    report = report_json(home_record(home, "out", "--pid", server.pid, "--duration", "100ms"))
    assert [process["pid"] for process in report["processes"]] == [server.pid]
    server.end()
    home.assert_clean()


def test_process_whose_home_cannot_be_used(home, serve):
    server = serve(prefix=home.prefix, environment={**home.environment, "LTTNG_HOME": "/nonexistent"})
    result = home.run("record", "--attach", "--pid", server.pid, "--duration", "1s", "-o", "out")
    assert result.returncode == 125
    assert "looks for a daemon in '/nonexistent/.lttng'" in result.stderr
    assert "LTTNG_HOME=%s" % home.folder in result.stderr
    server.end()
    home.assert_clean()


def test_nothing_to_attach_to(home):
    result = home.run("record", "--attach", "--duration", "10ms", "-o", "out")
    assert result.returncode == 125
    assert "nothing was recorded: no process" in result.stderr
    assert not (home.folder / "out").exists()
    home.assert_clean()


def test_eight_times_under_load_as_nobody(home, serve, report_json, check_invariants):
    """With one daemon for all of them, held by a recording that goes on."""
    server = serve("--busy", 3, prefix=home.prefix, environment=home.environment)
    outer = Recording(home.folder / "outer", "--pid", server.pid, "--no-children", prefix=home.prefix,
                      environment=home.environment)
    paths = [home_record(home, str(i), "--pid", server.pid, "--duration", "60ms") for i in range(8)]
    # runuser passes no SIGINT on.
    (recorder,) = [pid for pid, name in home.processes().items() if name == "giltrace"]
    os.kill(recorder, signal.SIGINT)
    outer.finish()
    server.end()
    home.assert_clean()
    check_invariants(report_json(home.folder / "outer"), home.folder / "outer")
    check_cycles(paths, server, report_json, check_invariants)


@as_root
def test_process_of_another_user(home, serve, attach, report_json):
    """Root records everybody, others only themselves."""
    theirs = serve("--io", 1, prefix=home.prefix, environment=home.environment)
    path = attach("--pid", theirs.pid)
    assert [process["pid"] for process in report_json(path)["processes"]] == [theirs.pid]
    ours = serve()
    result = home.run("record", "--attach", "--pid", ours.pid, "-o", "out")
    assert result.returncode == 125
    assert "process %d belongs to another user, root" % ours.pid in result.stderr
    theirs.end()
    ours.end()
    home.assert_clean()

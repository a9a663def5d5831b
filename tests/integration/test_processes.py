"""Whatever becomes of a process, it behaves as without us, and what it did before is in the trace."""
import json
import resource
import subprocess

import pytest

from conftest import PROGRAMS, clean_environment

READS = 50  # of each of the two threads with which every way begins
KILLED = {"kill", "segv", "faulthandler"}  # by a signal that nobody can stand before
# Which others a way leads to, by the last word of their command lines, in any order.
CHILDREN = {"daemon": ["daemon", "daemon", "daemon"], "preexec": ["work"], "spawn": ["work"]}
EXECS = {"execv", "execve", "execvp", "busy-exec"}  # the same program again, in the same process


@pytest.fixture(scope="module")
def expected():
    """What the program says on this interpreter without us."""
    results = {}

    def run(python):
        if python.path not in results:
            results[python.path] = subprocess.run(
                [python.path, str(PROGRAMS / "processes.py"), "all"], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, env=clean_environment(),
            )
            assert results[python.path].returncode == 0
        return results[python.path].stdout

    return run


def way_of(process):
    return process["command"].split()[-1]


def threads_of(process):
    return [thread for gil in process["gils"] for thread in gil["threads"]]


def check_way(way, first, others):
    """`others`: the processes that `first` led to."""
    assert sorted(way_of(one) for one in others) == sorted(CHILDREN.get(way, ["work"] if way in EXECS else []))
    assert first["exited"] == (way not in KILLED)
    acquisitions = {thread["name"]: thread["acquisitions"] for thread in threads_of(first)}
    labels = [way, {"closerange": "closed", "close": "closed", "exec-failed": "stayed"}.get(way, way)]
    for name in ["%s-%d" % (label, i) for label in labels for i in (1, 2)]:
        assert acquisitions[name] >= READS, name
    for other in others:
        assert other["exited"]
        if way in EXECS:
            assert (other["pid"], other["ppid"]) == (first["pid"], first["ppid"])


def test_all_ways(giltrace, report_json, check_invariants, expected, python, tmp_path):
    trace = tmp_path / "trace"
    result = giltrace("record", "-o", trace, "--", python.path, PROGRAMS / "processes.py", "all")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == expected(python).splitlines()
    report = report_json(trace)
    raw = check_invariants(report, trace)

    root, *rest = report["processes"]
    children = {}
    for process in rest:
        children.setdefault(process["ppid"], []).append(process)
    mine = children[root["pid"]]
    ways = {}
    while mine:
        first = mine.pop(0)
        others = [other for other in mine if other["pid"] == first["pid"]]
        for other in others:
            mine.remove(other)
        generation = [first]
        while generation:
            generation = [child for one in generation for child in children.get(one["pid"], [])]
            others += generation
        ways[way_of(first)] = first, others
    said = [line.split(":")[0] for line in expected(python).splitlines()]
    assert list(ways) == said
    for way, (first, others) in ways.items():
        check_way(way, first, others)

    # The hold in which the program became another one, or aborted, is open, and told.
    for way in ["execv", "execl", "abort", "busy-exec", "busy-abort"]:
        pid = ways[way][0]["pid"]
        gil = raw.gil(pid, 0, 0)
        assert gil.holds[-1].end is None and gil.holds[-1].tid == pid, way
        (main,) = [thread for thread in threads_of(ways[way][0]) if thread["kind"] == "main"]
        closed = sum(hold.end - hold.begin for hold in gil.holds[:-1] if hold.tid == pid)
        assert main["held_ns"] > closed, way


def test_killed_one_after_the_other(giltrace, check_invariants, any_python, tmp_path):
    """
    Each has buffers of its own: one that is killed in the middle of an event loses the
    piece in which that was, and costs the others nothing.
    """
    children = 12
    trace = tmp_path / "trace"
    result = giltrace("record", "-o", trace, "--", any_python.path, PROGRAMS / "killed.py", "--children", children)
    assert [line.split()[1] for line in result.stdout.splitlines()] == (children - 1) * ["-9"] + ["0"]
    result = giltrace("report", trace, "--format", "json")
    report = json.loads(result.stdout)
    assert report["trace"]["lost_events"] == 0
    first, *killed, last = report["processes"]
    # Whose first piece is lost is not there: that is said.
    assert len(killed) == children - 1 or "killed while it wrote" in result.stderr
    assert len(killed) >= children // 2
    assert report["trace"]["complete"] is False
    assert not any(process["exited"] for process in killed)
    readers = [max(thread["acquisitions"] for thread in threads_of(process)) for process in killed]
    assert max(readers) >= 3000  # that many reads had been made before
    for process in (first, last):
        assert process["exited"]
        check_invariants(report, trace, pid=process["pid"])
    assert [thread["acquisitions"] >= 4000 for thread in threads_of(last) if thread["kind"] == "python"] == [True, True]


def test_time_to_register(giltrace, tmp_path):
    """Those that a busy daemon has not got round to would run unrecorded; what the user says counts."""
    for given, expected in [({}, "60000"), ({"LTTNG_UST_REGISTER_TIMEOUT": "5"}, "5")]:
        result = giltrace(
            "record", "-f", "-o", tmp_path / "trace", "--", "printenv", "LTTNG_UST_REGISTER_TIMEOUT",
            env=clean_environment(**given))
        assert result.stdout == expected + "\n"


def test_more_streams_than_descriptors(record_command, giltrace, any_python):
    """Data streams of many processes are read at the same time; the soft limit of descriptors is no limit."""
    processes, few = 8, 12
    program = (
        "import subprocess, sys\n"
        "for one in [subprocess.Popen([sys.executable, '-S', '-c', 'pass']) for _ in range(%d)]:\n"
        "    one.wait()\n" % (processes - 1))
    trace, _ = record_command(any_python.path, "-c", program)
    assert len([path for path in trace.rglob("giltrace_*") if path.suffix != ".idx"]) > few
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    result = giltrace(
        "report", trace, "--format", "json",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, most)))
    assert result.returncode == 0 and result.stderr == ""
    assert len(json.loads(result.stdout)["processes"]) == processes

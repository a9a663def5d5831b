"""Each process has its own pid and GIL in the trace, however it came to be."""
import pytest

from conftest import needs_terminal

READS = 50  # of each of a child's two threads


def only(report, count):
    """The report's processes, which must be that many."""
    processes = report["processes"]
    assert len(processes) == count, [(p["pid"], p["ppid"], p["command"], p["exited"]) for p in processes]
    return processes


def named(process, label):
    threads = [thread for gil in process["gils"] for thread in gil["threads"]]
    return [thread for thread in threads if thread["name"].startswith(label + "-")]


def worker(report, label):
    """The process whose threads are called `label`-1 and -2."""
    found = [process for process in report["processes"] if named(process, label)]
    assert len(found) == 1
    threads = named(found[0], label)
    assert sorted(thread["name"] for thread in threads) == [label + "-1", label + "-2"]
    assert all(thread["acquisitions"] >= READS for thread in threads)
    return found[0]


@pytest.fixture
def traced(record, report_json, check_invariants, python):
    def run(way):
        trace = record("fork.py", way, python=python)
        report = report_json(trace)
        check_invariants(report, trace)
        return report

    return run


@pytest.mark.parametrize(
    "way, label",
    [("fork", "forked"), pytest.param("pty", "terminal", marks=needs_terminal), ("mp-fork", "fork")],
)
def test_forked(traced, way, label):
    report = traced(way)
    parent, child = only(report, 2)
    assert worker(report, label) is child
    assert child["ppid"] == parent["pid"]
    assert child["pid"] != parent["pid"]
    # Nothing of the parent's is counted in the child, whose one GIL is new.
    assert len(parent["gils"]) == len(child["gils"]) == 1
    assert {thread["kind"] for thread in child["gils"][0]["threads"]} == {"main", "python"}
    assert child["version"] == parent["version"]


@pytest.mark.parametrize("way, label", [("mp-forkserver", "forkserver"), ("mp-spawn", "spawn"), ("subprocess", "alone")])
def test_started(traced, way, label):
    report = traced(way)
    child = worker(report, label)
    assert child is not report["processes"][0]
    pids = [process["pid"] for process in report["processes"]]
    assert child["ppid"] in pids
    assert all(len(process["gils"]) == 1 for process in report["processes"])


def test_exec(traced):
    """The same pid, one program after the other."""
    report = traced("exec")
    first, second = only(report, 2)
    assert first["pid"] == second["pid"]
    assert worker(report, "alone") is second
    assert second["command"].endswith("work")


def test_children_that_are_not_python(traced):
    report = traced("subprocesses")
    only(report, 1)
    worker(report, "many")

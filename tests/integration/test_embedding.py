"""Python in another program: linked or opened, more than once, and entered by the program's own threads."""
import os
import pathlib
from typing import NamedTuple

import pytest

from conftest import BUILT, clean_environment

LIST = pathlib.Path(os.environ.get("GILTRACE_BUILD", BUILT.parent)) / "tests" / "programs" / "embed.txt"


class Embedded(NamedTuple):
    program: str  # linked with it
    library: str
    home: str


FOUND = [Embedded(*line.split(";")) for line in LIST.read_text().splitlines()] if LIST.exists() else []


@pytest.fixture(params=FOUND, ids=[one.program for one in FOUND])
def embedded(request):
    return request.param


@pytest.fixture
def traced(record_command, report_json, check_invariants, embedded):
    """traced("linked" or "opened", SCENARIO) -> the one process in the report, checked."""

    def run(how, scenario):
        if how == "linked":
            trace, printed = record_command(BUILT / embedded.program, scenario)
        else:
            environment = clean_environment(PYTHONHOME=embedded.home)
            trace, printed = record_command(BUILT / "embed-opened", scenario, embedded.library, env=environment)
        report = report_json(trace)
        assert report["trace"]["complete"], report["doubts"]
        check_invariants(report, trace)
        assert len(report["processes"]) == 1
        process = report["processes"][0]
        assert process["gil"] == "enabled"
        assert process["implementation"] == "CPython"
        assert "python%s.so" % ".".join(process["version"].split(".")[:2]) in embedded.library
        return process, printed

    return run


def kinds(gil):
    return sorted((thread["kind"], thread["name"]) for thread in gil["threads"])


@pytest.mark.parametrize("how", ["linked", "opened"])
def test_threads_of_the_program(traced, how):
    """They are called what the program calls them, also one that was there before Python."""
    process, _ = traced(how, "threads")
    assert len(process["gils"]) == 1
    gil = process["gils"][0]
    assert kinds(gil) == [
        ("main", "MainThread"), ("native", ""), ("native", "another"), ("native", "early"), ("native", "itself")]
    assert all(thread["acquisitions"] >= 20 for thread in gil["threads"])
    # Each is there from its beginning to its end, no longer.
    assert all(thread["alive_ns"] < gil["span_ns"] for thread in gil["threads"] if thread["kind"] == "native")


@pytest.mark.parametrize("how", ["linked", "opened"])
def test_python_again(traced, how):
    """Each initialisation makes another GIL, whatever its address."""
    process, _ = traced(how, "again")
    gils = process["gils"]
    assert [gil["kind"] for gil in gils] == ["main"] * 3
    assert [gil["ended"] for gil in gils] == [True, True, False]
    for gil in gils:
        assert gil["interval_us"] == 5000
        assert kinds(gil) == [("main", "MainThread"), ("native", ""), ("python", "worker")]
    for earlier, later in zip(gils, gils[1:]):
        assert earlier["begin_ns"] + earlier["lifetime_ns"] <= later["begin_ns"]


@pytest.mark.parametrize("how", ["linked", "opened"])
def test_python_on_another_thread(traced, how):
    """Python's main thread is the one that initialises it."""
    process, _ = traced(how, "elsewhere")
    threads = {thread["name"]: thread for thread in process["gils"][0]["threads"]}
    assert threads["MainThread"]["kind"] == "main"
    assert threads["MainThread"]["tid"] != process["pid"]


def test_library_that_comes_and_goes(traced):
    process, printed = traced("opened", "reload")
    assert printed.split() == ["unloaded", "1"] * 3
    assert [gil["kind"] for gil in process["gils"]] == ["main"] * 3
    for gil in process["gils"]:
        assert ("python", "worker") in kinds(gil)


@pytest.fixture
def linked(record_command, embedded):
    """linked(SCENARIO, STATUS) -> the trace of the program that is linked with Python, what it printed."""

    def run(scenario, status):
        return record_command(BUILT / embedded.program, scenario, status=status)

    return run


def test_end_during_fork_of_another_thread(linked, report_json, check_invariants):
    """Who forks keeps the list of threads until it is done: nobody waits for that in order to end."""
    trace, _ = linked("fork-exit", 7)
    report = report_json(trace)
    check_invariants(report, trace)
    assert [process["exited"] for process in report["processes"]] == [True]


def test_end_by_a_thread_that_never_wrote(linked, report_json, check_invariants):
    """Its first event would allocate, which a handler of a signal must not; what others wrote is there."""
    trace, _ = linked("early-exit", 7)
    report = report_json(trace)
    raw = check_invariants(report, trace)
    (process,) = report["processes"]
    assert process["exited"] is False
    assert "exiting" not in {event["state"] for event in raw.events["process"]}


def test_abort_that_a_handler_leaves(linked, report_json, check_invariants):
    """The process lives on, and is killed: it never told of an end."""
    trace, _ = linked("abort", 128 + 9)
    report = report_json(trace)
    check_invariants(report, trace)
    (process,) = report["processes"]
    assert process["exited"] is False
    assert sum(thread["acquisitions"] for thread in process["gils"][0]["threads"]) > 20


def test_handler_of_exit_that_waits_for_a_thread(linked, embedded):
    """A thread that must not go back to a Python that is gone ends all the same."""
    minor = int(embedded.program.split(".")[1].split("-")[0])
    if minor == 8 or minor > 13:
        pytest.skip("this Python's thread never ends by itself")
    _, printed = linked("join", 0)
    assert printed == "joined\n"

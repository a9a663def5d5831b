"""
The table of supported interpreters: every CPython found x what programs do with threads,
processes and interpreters. Each recording must satisfy every invariant. What was seen is
written into matrix.json in the build tree, of which tests/matrix-table makes the table.
"""
import json
import os
import pathlib
import re
import subprocess

import pytest

import sessions
from conftest import ROOT
from test_sessions import converse  # noqa: F401 (a fixture)

BUILD = pathlib.Path(os.environ.get("GILTRACE_BUILD", str(ROOT / "build")))
READS = 200


def version_of(tool):
    text = subprocess.run([tool, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"\d+(\.\d+)+", text)[0]


@pytest.fixture(scope="module")
def matrix():
    """{(version, build): {scenario: cell}}, written at the end, whatever has failed."""
    rows = {}
    yield rows
    BUILD.joinpath("matrix.json").write_text(json.dumps({
        "schema": "giltrace-matrix/1",
        "lttng": version_of("lttng"),
        "babeltrace2": version_of("babeltrace2"),
        "rows": [{"version": version, "build": build, "cells": cells} for (version, build), cells in rows.items()],
    }, indent="\t"))


@pytest.fixture
def traced(record, report_json, check_invariants, python):
    """Records a program, checks every invariant, and returns the report's processes."""

    def run(program, *arguments):
        trace = record(program, *arguments, python=python)
        report = report_json(trace)
        check_invariants(report, trace)
        for process in report["processes"]:
            assert (process["implementation"], process["version"]) == ("CPython", python.version)
        return report["processes"]

    return run


def acquisitions(process, *names):
    """By the threads of these names, or all of them."""
    threads = [thread for gil in process["gils"] for thread in gil["threads"]]
    return sum(thread["acquisitions"] for thread in threads if not names or thread["name"] in names)


def two_cpu_threads(traced):
    (process,) = processes = traced("countdown.py", "--threads", 2, "--count", 6_000_000)
    (gil,) = process["gils"]
    assert process["exited"]
    assert gil["forced_releases"] > 5
    return processes


def io_threads(traced):
    (process,) = processes = traced("io_threads.py", "--threads", 4, "--count", READS)
    assert process["exited"]
    assert acquisitions(process, *("io-%d" % number for number in range(1, 5))) >= 4 * READS
    return processes


def fork(traced):
    parent, child = traced("fork.py", "fork")
    assert child["ppid"] == parent["pid"] and child["exited"] and parent["exited"]
    assert acquisitions(child, "forked-1", "forked-2") >= 100
    return [parent, child]


def spawn(traced):
    processes = traced("fork.py", "mp-spawn")
    (child,) = [one for one in processes if "spawn_main" in one["command"]]
    assert processes[0]["exited"] and child["exited"]  # multiprocessing's helper outlives them
    assert acquisitions(child, "spawn-1", "spawn-2") >= 100
    return processes


def subinterpreters(traced, own_gils):
    (process,) = processes = traced("subinterpreters.py", "--count", READS)
    assert process["exited"]
    assert len(process["gils"]) == (3 if own_gils else 1)
    for name in "sub-1", "sub-2":
        by_gil = [sum(one["acquisitions"] for one in gil["threads"] if one["name"] == name) for gil in process["gils"]]
        assert max(by_gil) >= READS, "its work is all under one GIL"
    return processes


def attach(start, report_json, check_invariants, path):
    """The session begins in mid-run, and nothing of before is in it."""
    program = start()
    program.do("read 5000")
    with sessions.session(path) as session:
        program.do("read %d" % READS)
        program.do("race %d" % READS)
        session.stop()
    program.quit()
    report = report_json(path)
    check_invariants(report, path, pid=program.process.pid)
    (process,) = [one for one in report["processes"] if one["pid"] == program.process.pid]
    assert 3 * READS <= acquisitions(process) < 5000
    return [process]


@pytest.fixture
def run_scenario(traced, converse, report_json, check_invariants, python, tmp_path):  # noqa: F811
    scenarios = {
        "two CPU threads": lambda: two_cpu_threads(traced),
        "I/O threads": lambda: io_threads(traced),
        "fork": lambda: fork(traced),
        "spawn": lambda: spawn(traced),
        "subinterpreters": lambda: subinterpreters(traced, own_gils=python.release >= (3, 12)),
        "attach": lambda: attach(converse, report_json, check_invariants, tmp_path / "attached"),
    }
    return lambda name: scenarios[name]()


@pytest.mark.parametrize("scenario", ["two CPU threads", "I/O threads", "fork", "spawn", "subinterpreters", "attach"])
def test_scenario(matrix, run_scenario, python, scenario):
    if python.free_threaded:
        pytest.skip("there is no GIL to trace unless it is switched on")
    cell = {"acquisitions": None, "verdict": "fails"}
    matrix.setdefault((python.version, python.build), {})[scenario] = cell
    processes = run_scenario(scenario)
    assert all(process["gil"] == "enabled" for process in processes)
    cell.update(acquisitions=sum(map(acquisitions, processes)), verdict="holds")

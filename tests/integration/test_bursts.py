"""
Short holds leave many in one event: they are the same holds, and of a program that is
killed no more are missing than the report says.
"""
import collections
import csv
import io
import mmap
import random
import signal
import subprocess
import sys

import pytest

from conftest import BIN, BUILT, PROGRAMS, clean_environment
from invariants import CYCLES_MOST
from rawtrace import RawTrace

READS = 20000


def reads_of(raw):
    """tid -> how often it let go of the GIL to read"""
    [process] = [e for e in raw.events["process"] if e["state"] == "started"]
    names = raw.sites(process["pid"], process["instance"])
    return collections.Counter(
        e["tid"] for e in raw.events["release"] if e["site"] in names and names[e["site"]][2] == "read_bytes")


def test_are_the_same_holds(giltrace, python, report_json, check_invariants, tmp_path):
    if python.free_threaded:
        pytest.skip("its GIL is off")
    for bursts in 1, 0:
        trace = tmp_path / ("trace%d" % bursts)
        result = giltrace("record", "-q", "-o", trace, "--", python.path, PROGRAMS / "tight.py", "--reads", READS,
                          "--threads", 2, env=clean_environment(GILTRACE_BURST=bursts))
        assert result.returncode == 0, result.stderr
        report = report_json(trace)
        raw = check_invariants(report, trace)
        assert bool(raw.events["cycles"]) == bool(bursts)
        counts = reads_of(raw)
        assert len(counts) == 2
        # Opening and closing the file are two more, and so is letting go on request.
        assert all(READS <= count for count in counts.values())
        [gil] = report["processes"][0]["gils"]
        assert gil["acquisitions"] < 2 * READS + 10000


def test_same_counts_as_an_event_for_each(report_json, check_invariants, giltrace, python, tmp_path):
    """The main thread alone: nothing depends on who comes first."""
    counts = {}
    for option in ("--no-burst", "--quiet"):
        trace = tmp_path / option.strip("-")
        result = giltrace("record", option, "-o", trace, "--", python.path, PROGRAMS / "releases.py", "--count", READS)
        assert result.returncode == 0, result.stderr
        report = report_json(trace)
        raw = check_invariants(report, trace)
        (process,) = report["processes"]
        (gil,) = process["gils"]
        counts[option] = [
            (thread["name"], thread["acquisitions"], thread["contended_acquisitions"]) for thread in gil["threads"]]
        assert gil["acquisitions"] >= READS
        cycles = raw.events["cycles"]
        assert bool(cycles) == (option == "--quiet")
        assert len(cycles) <= READS / 20
    assert counts["--no-burst"] == counts["--quiet"]


def test_are_rows(giltrace, any_python, report_json, tmp_path):
    """Of a table as of the report, each hold with its own times."""
    trace = tmp_path / "trace"
    result = giltrace("record", "-q", "-o", trace, "--", any_python.path, PROGRAMS / "tight.py", "--reads", READS)
    assert result.returncode == 0, result.stderr
    [gil] = report_json(trace)["processes"][0]["gils"]
    table = giltrace("export", trace, "--format", "csv", "--table", "holds").stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == gil["acquisitions"] > READS
    assert sum(int(row["held_ns"] or 0) for row in rows) == gil["held_ns"]


def test_killed(giltrace, any_python, report_json, check_invariants, tmp_path):
    """
    The thread counts what it has read where it outlives the program: so much must be in
    the trace but for one buffer of the GIL and one of the thread. (It is alone: another
    one can be in the middle of an event, and LTTng then keeps back all that is in the
    same piece of its ring buffer.)
    """
    for attempt in range(10):
        counters = tmp_path / "counters"
        counters.write_bytes(bytes(mmap.PAGESIZE))
        trace = tmp_path / ("killed%d" % attempt)
        result = giltrace(
            "record", "-q", "-o", trace, "--", any_python.path, PROGRAMS / "tight.py", "--reads", 10**9,
            "--counters", counters, "--kill-after", random.randrange(3000, 30000))
        assert result.returncode == 128 + signal.SIGKILL
        done = int.from_bytes(counters.read_bytes()[:8], sys.byteorder)
        report = report_json(trace)
        kinds = {doubt["kind"] for doubt in report["doubts"]}
        assert "unfinished" in kinds
        assert kinds <= {"unfinished", "kept_back", "unattributed_wait"}
        raw = check_invariants(report, trace)
        missing = done - sum(reads_of(raw).values())
        assert missing <= 2 * CYCLES_MOST
        assert "kept_back" in kinds or missing <= 1


def test_killed_while_others_wait(giltrace, any_python, report_json, check_invariants, tmp_path):
    """Whatever was kept back: of the waits and holds that are there, each is what it was."""
    for attempt in range(2):
        counters = tmp_path / "counters"
        counters.write_bytes(bytes(mmap.PAGESIZE))
        trace = tmp_path / ("killed%d" % attempt)
        result = giltrace(
            "record", "-q", "-o", trace, "--", any_python.path, PROGRAMS / "tight.py", "--reads", 10**9, "--threads", 3,
            "--counters", counters, "--kill-after", random.randrange(3000, 30000))
        assert result.returncode == 128 + signal.SIGKILL
        report = report_json(trace)
        kinds = {doubt["kind"] for doubt in report["doubts"]}
        assert "kept_back" in kinds
        assert kinds <= {"unfinished", "kept_back", "unattributed_wait"}
        raw = check_invariants(report, trace)
        assert any(event["wait_ns"] for event in raw.events["acquire"]) and raw.events["cycles"]


def blamed_at_the_end(giltrace, python, report_json, check_invariants, trace, bursts):
    """For how long a thread waited for another one until the program ended, which is about a millisecond."""
    result = giltrace("record", "-q", "-o", trace, "--", python.path, PROGRAMS / "exit_against.py",
                      BUILT / "library.so", env=clean_environment(GILTRACE_BURST=bursts))
    assert result.returncode == 0, result.stderr
    report = report_json(trace)
    raw = check_invariants(report, trace)
    [process] = report["processes"]
    [gil] = process["gils"]
    [waiter] = [thread["tid"] for thread in gil["threads"] if thread["name"] == "waits"]
    [holder] = [thread["tid"] for thread in gil["threads"] if thread["kind"] == "main"]
    if waiter not in raw.gil(process["pid"], 0, gil["id"]).unfinished_waits():
        return 0
    return sum(pair["wait_ns"] for pair in gil["blame"] if (pair["waiter"], pair["holder"]) == (waiter, holder))


def test_waits_at_the_end(giltrace, python, report_json, check_invariants, tmp_path):
    """A short wait leaves with the hold behind it; where there will be none, it is told all the same."""
    if python.free_threaded:
        pytest.skip("its GIL is off")
    for bursts in 1, 0:
        # The thread may be off its CPU until the program has ended, and not have come to wait.
        assert any(blamed_at_the_end(giltrace, python, report_json, check_invariants,
                                     tmp_path / ("%d-%d" % (bursts, attempt)), bursts) for attempt in range(5))


def test_space(giltrace, any_python, tmp_path):
    """At most ten bytes for a hold that met nobody."""
    count = 10 * READS

    def size(reads):
        trace = tmp_path / str(reads)
        result = giltrace("record", "-qo", trace, "--", any_python.path, PROGRAMS / "releases.py", "--count", reads)
        assert result.returncode == 0, result.stderr
        return sum(path.stat().st_size for path in trace.rglob("*") if path.is_file())

    assert size(count) - size(0) <= 10 * count


SLEEPER = """
import os, sys, time
device = os.open("/dev/zero", os.O_RDONLY)
for number in range(4):
    print(number, flush=True)
    sys.stdin.readline()
    for _ in range(101):
        os.read(device, 1)
"""


def test_what_is_kept_back_is_written_before_the_session_stops(giltrace, library, report_json, any_python, tmp_path):
    """The program sleeps then: no operation of its own writes it."""
    with subprocess.Popen(
            [any_python.path, "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=clean_environment(LD_PRELOAD=str(library))) as program:
        assert program.stdout.readline() == "0\n"
        trace = tmp_path / "trace"
        with subprocess.Popen(
                [BIN, "record", "--attach", "--pid", str(program.pid), "-o", trace], stderr=subprocess.PIPE,
                text=True, env=clean_environment()) as recording:
            assert "recording 1 process" in recording.stderr.readline()
            for number in (1, 2, 3):
                program.stdin.write("\n")
                program.stdin.flush()
                assert program.stdout.readline() == "%d\n" % number
            recording.terminate()
            recording.communicate()
        raw = RawTrace(trace)
        # Between the first number that it said then and the last one: each read is there.
        assert len(raw.events["release"]) >= 3 * 101
        assert report_json(trace)["processes"][0]["gils"][0]["acquisitions"] >= 3 * 101
        program.stdin.close()

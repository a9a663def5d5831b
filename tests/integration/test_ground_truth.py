"""
Must agree with CPython itself: uprobes on take_gil and drop_gil count in the same run
as giltrace. Needs root and bpftrace, and a Python with symbols.
"""
import subprocess

import pytest

import uprobes
from conftest import PROGRAMS, clean_environment

# A probe's cost varies with what else the machine does, and a thread may be
# preempted between the probe and the moment that the shim takes.
COST_MARGIN = 3
PREEMPTION_NS = 20_000_000


@pytest.fixture
def probed(need, python):
    """What to probe in this interpreter, as (binary, symbols); skips, and says why, where that cannot be."""
    need("bpftrace", "nm", "objdump")
    reason = uprobes.unusable()
    if reason:
        pytest.skip(reason)
    binary = uprobes.binary_of(python)
    symbols, reason = uprobes.symbols_of(binary)
    if not symbols:
        pytest.skip(reason)
    return binary, symbols


def loop_ns(python, count):
    """Wall time of `count` release-acquire cycles."""
    result = subprocess.run(
        [python.path, PROGRAMS / "releases.py", "--count", str(count), "--time"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True, env=clean_environment(),
    )
    return int(result.stderr)


def check(trace, counted, cost_ns, report_json, check_invariants):
    report = report_json(trace)
    check_invariants(report, trace)

    (process,) = report["processes"]
    (gil,) = process["gils"]
    pid = process["pid"]
    expected = {tid: count for (other, tid), count in counted["taken"].items() if other == pid}
    assert {thread["tid"]: thread["acquisitions"] for thread in gil["threads"]} == expected

    for thread in gil["threads"]:
        holds = counted["dropped"].get((pid, thread["tid"]), 0)
        if holds < thread["acquisitions"]:
            continue  # ended with the GIL in hand: the probes never saw the end of its last hold
        difference = thread["held_ns"] - counted["held"][pid, thread["tid"]]
        # The shim's hold begins before the one probe and ends after the other.
        assert 0 <= difference <= COST_MARGIN * cost_ns * holds + PREEMPTION_NS, thread["name"]


def test_uprobes_agree(record, report_json, check_invariants, python, probed):
    """All programs under the same probes: to attach and to remove these takes longer than they run."""
    programs = [
        ("releases.py", "--count", 5000), ("releases.py", "--threads", 2, "--count", 3000), ("mixed.py", "--messages", 30)]
    cycles = 20_000
    unprobed_ns = loop_ns(python, cycles)
    with uprobes.counting(*probed) as counted:
        cost_ns = (loop_ns(python, cycles) - unprobed_ns) / cycles
        traces = [record(*program, python=python) for program in programs]
    for trace in traces:
        check(trace, counted, cost_ns, report_json, check_invariants)

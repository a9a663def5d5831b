"""
Interpreters that cannot be had here, imitated in C (tests/programs/imitation.c): free-threaded
builds, versions that nobody has seen yet, GILs whose memory goes.
"""
import pytest

from conftest import BUILT


@pytest.fixture
def imitate(record_command, report_json, check_invariants):
    """imitate("switch") -> the process in the report, what the program counted itself, the RawTrace."""

    def run(scenario):
        trace, printed = record_command(BUILT / "imitation", scenario)
        report = report_json(trace)
        assert report["trace"]["complete"], report["doubts"]
        raw = check_invariants(report, trace)
        assert len(report["processes"]) == 1
        counted = {name: int(value) for name, value in (line.split() for line in printed.splitlines())}
        return report, counted, raw

    return run


def only_gil(report):
    gils = report["processes"][0]["gils"]
    assert len(gils) == 1
    return gils[0]


def doubts(report):
    return {doubt["kind"] for doubt in report["doubts"]}


def test_version_that_nobody_has_seen(imitate):
    """Timing goes on, and nothing is missing as long as the struct is what it was."""
    report, counted, _ = imitate("unseen")
    process, gil = report["processes"][0], only_gil(report)
    assert (process["implementation"], process["version"]) == ("CPython", "3.16.0a1")
    assert process["gil"] == gil["mode"] == "enabled"
    assert gil["acquisitions"] == counted["acquisitions"]
    assert gil["detail"] == "full"
    assert gil["interval_us"] == 5000
    assert gil["drop_requests"] > 5
    assert gil["verdict"]["kind"] == "cpu_bound"
    assert not doubts(report)


def test_struct_that_nobody_has_seen(imitate, giltrace, record_command):
    """Holds and waits are exact; what needs the struct's words is unknown, and the report says why."""
    report, counted, _ = imitate("shifted")
    process, gil = report["processes"][0], only_gil(report)
    assert process["version"] == "3.17.0"
    assert gil["acquisitions"] == counted["acquisitions"]
    assert gil["contended_acquisitions"] > 5
    assert gil["wait_ns"] > 0
    assert gil["detail"] == "times"
    assert gil["interval_us"] is gil["drop_requests"] is gil["forced_releases"] is None
    assert gil["drop_latency"]["count"] is None
    assert doubts(report) == {"layout_unknown"}
    trace, _ = record_command(BUILT / "imitation", "shifted")
    text = giltrace("report", trace).stdout
    assert "laid out as none that giltrace knows" in " ".join(text.split())


def test_gil_that_is_off(imitate):
    """`disabled`, never "0 % contention"."""
    report, counted, _ = imitate("off")
    process = report["processes"][0]
    assert counted["acquisitions"] == 0
    assert process["gil"] == "disabled"
    assert process["gils"] == []
    assert process["verdict"]["kind"] == "free_threaded"
    assert doubts(report) == {"gil_disabled"}


def test_gil_that_is_on_from_the_start(imitate):
    """PYTHON_GIL=1 and -X gil=1."""
    report, counted, _ = imitate("on")
    process, gil = report["processes"][0], only_gil(report)
    assert process["gil"] == gil["mode"] == "enabled"
    assert gil["acquisitions"] == counted["acquisitions"]
    assert gil["drop_requests"] > 5
    assert gil["span_ns"] == gil["lifetime_ns"]
    assert gil["verdict"]["kind"] == "cpu_bound"


def test_gil_that_is_switched_on_and_off(imitate):
    """Only the time that it is on counts; those who wait when it goes off hold nothing, and wait no longer."""
    report, counted, raw = imitate("switch")
    process, gil = report["processes"][0], only_gil(report)
    assert process["gil"] == gil["mode"] == "disabled"
    assert not doubts(report)
    assert gil["acquisitions"] == counted["acquisitions"]
    assert counted["on_at_least"] <= gil["span_ns"] <= counted["on_at_most"]
    assert gil["lifetime_ns"] > gil["span_ns"]
    one = raw.gil(process["pid"], 0, gil["id"])
    assert [on for _, on in one.switches] == [False, True, False, True, False]
    off = one.switches[2][0]
    assert len([wait for wait in one.waits if wait.end == off]) == 3
    assert "the GIL was on for" in gil["verdict"]["sentence"]


def test_memory_of_ended_interpreters_goes(imitate):
    """2000 of them, some while their GIL was held: no crash, and none is in the way of the others."""
    report, counted, _ = imitate("many")
    gils = report["processes"][0]["gils"]
    assert len(gils) == counted["gils"]
    assert gils[0]["kind"] == "main"
    assert gils[0]["acquisitions"] == counted["acquisitions"]
    assert gils[0]["drop_requests"] > 5
    assert {gil["kind"] for gil in gils[1:]} == {"sub"}
    assert all(gil["created"] for gil in gils)
    assert all(gil["acquisitions"] <= 1 for gil in gils[1:])
    assert sum(gil["ended"] for gil in gils) >= len(gils) - 512


def test_threads_that_go_from_gil_to_gil(imitate):
    """Each GIL's figures are its own, forced switches out of either included."""
    report, counted, raw = imitate("nested")
    process = report["processes"][0]
    outer, inner = process["gils"]
    assert outer["acquisitions"] == counted["acquisitions"]
    assert inner["acquisitions"] == counted["inner_acquisitions"]
    assert {thread["tid"] for thread in outer["threads"]} == {thread["tid"] for thread in inner["threads"]}
    for gil in (outer, inner):
        acquires = raw.gil(process["pid"], 0, gil["id"]).acquires
        assert gil["forced_releases"] > 3
        assert any(acquire["yield_ns"] for acquire in acquires)

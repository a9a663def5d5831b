"""Must hold on every CPython found: the invariants on each trace, and counts that must be as they are."""
import pytest


def only_process(report):
    assert report["trace"]["complete"], report["doubts"]
    assert len(report["processes"]) == 1, [p["command"] for p in report["processes"]]
    return report["processes"][0]


def only_gil(process):
    assert process["gil"] == "enabled"
    assert len(process["gils"]) == 1
    return process["gils"][0]


def named(gil, name):
    found = [thread for thread in gil["threads"] if thread["name"] == name]
    assert len(found) == 1, "%s is not one of %s" % (name, [thread["name"] for thread in gil["threads"]])
    return found[0]


@pytest.fixture
def traced(record, report_json, check_invariants):
    """Records a program, checks every invariant, and returns (report, RawTrace)."""

    def run(program, *arguments, python):
        trace = record(program, *arguments, python=python)
        report = report_json(trace)
        return report, check_invariants(report, trace)

    return run


def test_single_thread(traced, python):
    report, _ = traced("countdown.py", "--count", 300_000, python=python)
    process = only_process(report)
    gil = only_gil(process)
    assert (process["implementation"], process["version"]) == ("CPython", python.version)
    assert len(gil["threads"]) == 1
    assert gil["contended_acquisitions"] == gil["drop_requests"] == gil["wait_ns"] == 0
    assert gil["blame"] == []


def test_two_cpu_threads(traced, python):
    report, _ = traced("countdown.py", "--threads", 2, "--count", 6_000_000, python=python)
    gil = only_gil(only_process(report))
    threads = [named(gil, "countdown-1"), named(gil, "countdown-2")]
    assert gil["interval_us"] == 5000
    assert gil["drop_requests"] > 5
    assert gil["forced_releases"] > 5
    for thread in threads:
        assert thread["contended_acquisitions"] > 2
        assert thread["drop_requests_sent"] > 2
        assert thread["drop_requests_received"] > 2
    pairs = {(row["waiter"], row["holder"]) for row in gil["blame"]}
    tids = [thread["tid"] for thread in threads]
    assert {tuple(tids), tuple(reversed(tids))} <= pairs


def test_four_io_threads(traced, python):
    report, _ = traced("io_threads.py", "--threads", 4, "--count", 1500, python=python)
    gil = only_gil(only_process(report))
    for number in range(1, 5):
        assert named(gil, "io-%d" % number)["acquisitions"] >= 1500


def test_mix(traced, python):
    report, _ = traced("mixed.py", "--messages", 40, python=python)
    gil = only_gil(only_process(report))
    io, cpu = named(gil, "io"), named(gil, "cpu")
    assert io["acquisitions"] >= 80
    assert io["drop_requests_sent"] > 10
    assert cpu["drop_requests_received"] > 10
    behind = [row["wait_ns"] for row in gil["blame"] if (row["waiter"], row["holder"]) == (io["tid"], cpu["tid"])]
    assert len(behind) == 1
    assert behind[0] > io["wait_ns"] / 2, "the I/O thread waits behind the CPU-bound one"


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_processes(traced, python, method):
    report, _ = traced(
        "countdown.py", "--processes", 2, "--count", 200_000, "--start-method", method, python=python
    )
    parent = report["processes"][0]
    workers = [process for process in report["processes"] if is_worker(process, parent, method)]
    assert len(workers) == 2, [(p["pid"], p["ppid"], p["command"]) for p in report["processes"]]
    for process in [parent, *workers]:
        assert process["exited"]
    for process in report["processes"]:
        assert process["gil"] == "enabled"
        assert process["gils"], "process %d has no GIL" % process["pid"]
        assert process["gils"][0]["acquisitions"] > 0
    pids = [process["pid"] for process in report["processes"]]
    assert len(set(pids)) == len(pids)


def is_worker(process, parent, method):
    """Not one of the helpers that multiprocessing has beside the workers, and that may outlive the program."""
    if method == "spawn":
        return "spawn_main" in process["command"]
    if method == "forkserver":
        return process["ppid"] not in (parent["pid"], parent["ppid"], 1)
    return process["ppid"] == parent["pid"]


def test_thread_names(traced, python):
    report, _ = traced("names.py", python=python)
    names = [thread["name"] for thread in only_gil(only_process(report))["threads"]]
    assert "plain" in names
    assert 'with spaces and "quotes"' in names
    assert "Zo\u00eb \u2013 \u4e2d\u6587 \U0001f40d" in names
    assert names.count("twin") == 2
    long = [name for name in names if name.startswith("long-")]
    assert len(long) == 1
    assert ("long-" + "0123456789" * 20).startswith(long[0])


@pytest.mark.parametrize("interval_us", [500, 20_000])
def test_switch_interval(record, report_json, check_invariants, python, interval_us):
    """Ground truth: no drop request before sys.setswitchinterval's time is over, so no more than fit."""
    trace = record("setinterval.py", "--interval", interval_us / 1e6, "--seconds", 0.4, python=python)
    report = report_json(trace)
    check_invariants(report, trace, interval_us)
    gil = only_gil(only_process(report))
    turns = 400_000 / interval_us
    assert turns / 50 < gil["drop_requests"] <= 1.1 * turns + 5


def test_counts_are_exact(record, report_json, check_invariants, python):
    """A program that counts its own releases: N reads are N acquisitions more than no reads."""

    def acquisitions(count):
        trace = record("releases.py", "--count", count, python=python)
        report = report_json(trace)
        check_invariants(report, trace)
        return only_gil(only_process(report))["acquisitions"]

    acquisitions(0)  # writes the byte code of what it imports
    assert acquisitions(5000) - acquisitions(0) == 5000

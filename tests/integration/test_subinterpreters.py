"""Several interpreters in one process: each GIL has a row of its own, each thread is counted under each."""
import pytest


@pytest.fixture
def traced(record, report_json, check_invariants, python):
    """Records subinterpreters.py, checks every invariant, and returns the one process."""

    def run(*arguments):
        trace = record("many_interpreters.py", *arguments, python=python)
        report = report_json(trace)
        assert report["trace"]["complete"], report["doubts"]
        check_invariants(report, trace)
        assert len(report["processes"]) == 1
        return report["processes"][0]

    return run


def names(gil):
    return {thread["name"] for thread in gil["threads"]}


def tid_of(gil, name):
    return next(thread["tid"] for thread in gil["threads"] if thread["name"] == name)


def test_gils_of_their_own(traced, python):
    if python.release < (3, 12):
        pytest.skip("interpreters share one GIL before 3.12")
    process = traced("own", 2)
    main, *subs = process["gils"]
    assert [gil["kind"] for gil in process["gils"]] == ["main", "sub", "sub"]
    assert {"MainThread", "outer-1", "outer-2"} <= names(main)
    assert not names(main) & {"inner-1", "inner-2"}
    for gil in subs:
        assert {"inner-1", "inner-2"} <= names(gil)
        assert gil["created"]
        assert gil["drop_requests"] > 2
        pairs = {(row["waiter"], row["holder"]) for row in gil["blame"]}
        inner = tid_of(gil, "inner-1"), tid_of(gil, "inner-2")
        assert {inner, inner[::-1]} <= pairs
        # The thread that uses the interpreter is counted under both GILs.
        outer = names(gil) & {"outer-1", "outer-2"}
        assert len(outer) == 1
        assert tid_of(gil, *outer) == tid_of(main, *outer)
    # An interpreter that has ended is not held up to the end of the process.
    assert all(gil["begin_ns"] + gil["lifetime_ns"] <= main["begin_ns"] + main["lifetime_ns"] for gil in subs)


def test_shared_gil(traced, python):
    process = traced("shared", 2)
    assert [gil["kind"] for gil in process["gils"]] == ["main"]
    gil = process["gils"][0]
    assert {"MainThread", "outer-1", "outer-2"} <= names(gil)
    inner = [thread for thread in gil["threads"] if thread["name"].startswith("inner-")]
    if python.release >= (3, 12):
        assert sorted(thread["name"] for thread in inner) == ["inner-1", "inner-1", "inner-2", "inner-2"]
    else:
        # Up to 3.11 nobody can tell from outside whether such a thread may be asked for names.
        assert len([thread for thread in gil["threads"] if not thread["name"]]) == 4
    assert gil["drop_requests"] > 5


MANY = 600  # more than the shim's table of GILs has room for


def test_many_one_after_the_other(record_command, report_json, check_invariants, programs, any_python):
    if any_python.release < (3, 12):
        pytest.skip("interpreters share one GIL before 3.12")
    trace, _ = record_command(any_python.path, "-S", "-I", programs / "many_interpreters.py", "many", MANY)
    report = report_json(trace)
    assert report["trace"]["complete"], report["doubts"]
    check_invariants(report, trace)
    gils = report["processes"][0]["gils"]
    assert [gil["kind"] for gil in gils] == ["main"] + ["sub"] * MANY
    assert all(gil["acquisitions"] > 0 for gil in gils)
    assert sum(gil["ended"] for gil in gils) > MANY * 3 // 4


def test_interpreter_pool(traced, python):
    if python.release < (3, 14):
        pytest.skip("InterpreterPoolExecutor came with 3.14")
    process = traced("pool", 20)
    main, *subs = process["gils"]
    assert len(subs) == 2
    for gil in subs:
        assert gil["kind"] == "sub"
        assert any(name.startswith("InterpreterPoolExecutor") for name in names(gil) & names(main))

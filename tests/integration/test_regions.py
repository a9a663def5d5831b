"""
`report --region NAME`: every figure is that of the raw events within the region,
and the region's time is the one that the program measured itself. `--each-region`:
the same figures of all of them from one pass.
"""
import collections
import json
import subprocess

import pytest

import sessions
from conftest import PROGRAMS, clean_environment
from invariants import check_invariants

NAME_BYTES = 511  # of a region
# As the README has it.
MARKS = """
import ctypes
lib = ctypes.PyDLL(None)
begin, end = (getattr(lib, "giltrace_" + name, lambda name: None) for name in ("begin", "end"))
"""


@pytest.fixture(scope="module")
def stuck(any_python, library, session_daemon, tmp_path_factory):
    """A trace of stuck.py, its pid, and the [first, last] nanosecond of each call in its region."""
    path = tmp_path_factory.mktemp("regions") / "trace"
    with sessions.session(path) as session:
        process = subprocess.Popen(
            [any_python.path, PROGRAMS / "stuck.py", "--calls", "4", "--milliseconds", "30"],
            stdout=subprocess.PIPE, env=clean_environment(LD_PRELOAD=library),
        )
        output, _ = process.communicate(timeout=120)
        session.stop()
    assert process.returncode == 0
    return path, process.pid, json.loads(output)[1]


@pytest.fixture
def report(giltrace, stuck):
    def run(*arguments):
        result = giltrace("report", stuck[0], "--format", "json", *arguments)
        assert result.returncode == 0, result.stderr
        parsed = json.loads(result.stdout)
        return parsed, next(one for one in parsed["processes"] if one["pid"] == stuck[1])

    return run


def inside(stays, begin, end):
    return sum(max(0, min(end, to) - max(begin, at)) for at, to in stays)


def test_plain_report_lists_it(report, stuck):
    path, pid, calls = stuck
    parsed, process = report()
    raw = check_invariants(parsed, path, pid=pid)
    marks = [event["at"] for event in raw.events["mark"] if event["pid"] == pid]
    (region,) = process["regions"]
    assert parsed["region"] is None
    assert region == {
        "name": "call", "scope": "thread", "count": len(calls), "threads": 1, "unclosed": 0, "unmatched": 0,
        "total_ns": sum(end - begin for begin, end in zip(marks[::2], marks[1::2])),
    }
    assert region["total_ns"] >= sum(end - begin for begin, end in calls)


def test_figures_are_those_of_the_raw_events(report, stuck):
    path, pid, calls = stuck
    whole, _ = report()
    raw = check_invariants(whole, path, pid=pid)
    parsed, process = report("--region", "call")
    marks = [event for event in raw.events["mark"] if event["pid"] == pid]
    stays = [(begin["at"], end["at"]) for begin, end in zip(marks[::2], marks[1::2])]
    keeper = marks[0]["tid"]
    (gil,) = process["gils"]
    one = raw.gil(pid, 0, gil["id"])

    assert parsed["region"] == "call"
    assert gil["span_ns"] == sum(end - begin for begin, end in stays)
    held = [inside(stays, hold.begin, hold.end) for hold in one.holds
            if hold.tid == keeper and None not in (hold.begin, hold.end)]
    assert gil["held_ns"] == sum(held) >= len(calls) * 30_000_000
    assert gil["acquisitions"] == sum(1 for ns in held if ns)
    waits = [wait for wait in one.waits if wait.tid == keeper and inside(stays, wait.begin, wait.end)]
    assert all(inside(stays, wait.begin, wait.end) == wait.end - wait.begin for wait in waits)
    assert gil["wait_ns"] == sum(wait.end - wait.begin for wait in waits)
    blame = collections.Counter()
    for row in gil["blame"]:
        assert row["waiter"] == keeper
        blame[row["holder"]] += row["wait_ns"]
    assert sum(blame.values()) == gil["wait_ns"]
    behind = [inside([(wait.begin, wait.end)], hold.begin, hold.end or wait.end)
              for wait in waits for hold in one.holds if hold.begin is not None]
    assert sum(behind) == gil["wait_ns"] - blame["handoff"]
    (thread,) = [thread for thread in gil["threads"] if thread["alive_ns"]]
    assert (thread["tid"], thread["alive_ns"]) == (keeper, gil["span_ns"])


def test_text_says_what_it_is_of(giltrace, stuck):
    text = giltrace("report", stuck[0], "--region=call").stdout
    assert "only what happened while threads were inside 'call'" in text
    assert "Inside 'call':" in text


@pytest.mark.parametrize("name, words", [("cal", "did you mean 'call'?"), ("draw", "there are: 'call'"), ("", "there are")])
def test_unknown_name(giltrace, stuck, name, words):
    result = giltrace("report", stuck[0], "--region", name)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("giltrace: no region '%s' was marked in '%s'" % (name, stuck[0]))
    assert words in result.stderr


PARTS = 4


@pytest.fixture
def parts(record, python, report_json):
    """A trace of parts.py, and the RawGil of its process."""
    path = record("parts.py", "--parts", PARTS, python=python)
    whole = report_json(path)
    raw = check_invariants(whole, path)
    (process,) = whole["processes"]
    return path, raw.gil(process["pid"], 0, process["gils"][0]["id"]), raw.events["mark"]


def stays_of(marks, name):
    """[begin, end) of each time that the region was entered."""
    at = [mark["at"] for mark in marks if mark["name"] == name]
    return list(zip(at[::2], at[1::2]))


def without_verdict(gils):
    """What a verdict says of how often a region was entered, and by whom, is of its own report."""
    return [{key: value for key, value in gil.items() if key != "verdict"} for gil in gils]


def check_alone(giltrace, path, region):
    """As the report on that region alone has it."""
    alone = json.loads(giltrace("report", path, "--format", "json", "--region", region["name"]).stdout)
    assert without_verdict(region["gils"]) == without_verdict(alone["processes"][0]["gils"]), region["name"]


def check_everywhere(region, raw, marks):
    """As the raw events have it, of all threads."""
    (gil,) = region["gils"]
    stays = stays_of(marks, region["name"])
    holds = [hold for hold in raw.holds if None not in (hold.begin, hold.end)]
    held = [inside(stays, hold.begin, hold.end) for hold in holds]
    assert region["count"] == len(stays) == (2 if region["name"] == "part 0" else 1)
    assert region["threads"] is None
    assert gil["span_ns"] == region["total_ns"] == sum(end - begin for begin, end in stays)
    assert gil["held_ns"] == sum(held)
    assert gil["hold"]["max_ns"] == max(held)
    assert gil["acquisitions"] == sum(1 for ns in held if ns)
    assert gil["releases"] == sum(1 for hold in holds for begin, end in stays if begin < hold.end <= end)
    assert gil["wait_ns"] == sum(inside(stays, wait.begin, wait.end) for wait in raw.waits)
    assert gil["wait_ns"] == sum(row["wait_ns"] for row in gil["blame"])
    assert gil["drop_requests"] == sum(
        1 for request in raw.requests for begin, end in stays if begin <= request["at"] < end)
    assert "other" in {thread["name"] for thread in gil["threads"]}


def test_each_region(giltrace, parts):
    path, raw, marks = parts
    result = giltrace("report", path, "--format", "json", "--each-region")
    assert result.returncode == 0, result.stderr
    (process,) = json.loads(result.stdout)["processes"]
    everywhere = {"whole", *("part %d" % number for number in range(PARTS))}

    assert {region["name"] for region in process["regions"]} == {"compute", *everywhere}
    for region in process["regions"]:
        check_alone(giltrace, path, region)
        assert region["scope"] == ("process" if region["name"] in everywhere else "thread")
        if region["scope"] == "process":
            check_everywhere(region, raw, marks)


def test_each_region_is_for_json(giltrace, stuck):
    result = giltrace("report", stuck[0], "--each-region")
    assert result.returncode == 2 and result.stdout == ""
    assert "--format json" in result.stderr


@pytest.fixture(scope="module")
def marked(any_python, giltrace, tmp_path_factory):
    """A trace of regions.py, and what the program notes of its regions, by the name that the trace has."""
    path = tmp_path_factory.mktemp("marked") / "trace"
    result = giltrace("record", "-qo", path, "--", any_python.path, PROGRAMS / "regions.py")
    assert (result.returncode, result.stderr) == (0, "")
    noted = json.loads(result.stdout)
    return path, {name.encode()[:NAME_BYTES].decode(errors="ignore"): one for name, one in noted.items()}


def test_all_kinds_of_regions(marked, report_json):
    path, noted = marked
    (process,) = report_json(path)["processes"]
    regions = {region["name"]: region for region in process["regions"]}
    assert len(regions) == len(process["regions"]) and regions.keys() <= noted.keys()
    # Names that are too many are not there, and each of their marks is counted.
    assert len(noted) > len(regions) >= 10000
    assert process["regions_left_out"] == 2 * (len(noted) - len(regions))
    assert all(name.startswith("name ") for name in noted.keys() - regions.keys())
    for name, region in regions.items():
        count, threads, unclosed, unmatched, least, most = noted[name]
        assert (region["count"], region["threads"]) == (count, threads), name
        assert (region["unclosed"], region["unmatched"]) == (unclosed, unmatched), name
        assert least <= region["total_ns"] <= (float("inf") if most is None else most), name


@pytest.mark.parametrize("kind", ["outer", "recursive", "crossing", "never left", "höhe", "a name", "name 19999"])
def test_figures_of_any_of_them(marked, giltrace, kind):
    path, noted = marked
    name = kind if kind in noted else next(name for name in noted if name.startswith(kind))
    result = giltrace("report", path, "--format", "json", "--region", name)
    assert result.returncode == 0, result.stderr
    parsed = json.loads(result.stdout)
    assert parsed["region"] == name
    (region,) = [one for one in parsed["processes"][0]["regions"] if one["name"] == name]
    (gil,) = parsed["processes"][0]["gils"]
    assert gil["span_ns"] == region["total_ns"] >= gil["held_ns"]


def test_nothing_is_marked_where_nothing_is_preloaded(any_python):
    code = MARKS + "begin(b'parse'); end(b'parse'); print('done')"
    result = subprocess.run([any_python.path, "-c", code], env=clean_environment(), stdout=subprocess.PIPE, text=True)
    assert (result.returncode, result.stdout) == (0, "done\n")

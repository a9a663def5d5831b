"""
giltrace export: each format read back by a reader that is not ours, and its figures
compared with those of the JSON report, to the nanosecond.
"""
import collections
import csv
import io
import json
import os
import pathlib
import re
import sqlite3
import subprocess

import pytest

import firefox
import perfetto
from conftest import BIN, PROGRAMS, ROOT, clean_environment

TABLES = ["processes", "gils", "threads", "sites", "holds", "waits", "drop_requests", "handoffs", "regions", "blame"]


@pytest.fixture(scope="module")
def traces(giltrace, any_python, session_daemon, tmp_path_factory):
    """Recordings of programs by name, made when first asked for."""
    folder = tmp_path_factory.mktemp("traces")
    made = {}

    def get(program, *arguments):
        if program not in made:
            made[program] = folder / program
            result = giltrace("record", "-q", "-o", made[program], "--", any_python.path, PROGRAMS / program, *arguments)
            assert result.returncode == 0, result.stderr
        return made[program]

    return get


RECORDED = [["countdown.py"], ["hostile.py"], ["fork.py", "mp-fork"], ["stuck.py"]]


@pytest.fixture(params=RECORDED, ids=lambda words: words[0])
def trace(request, traces):
    return traces(*request.param)


@pytest.fixture
def export():
    """export(TRACE, FORMAT, ARGUMENT...) -> what was written to standard output, as bytes."""

    def run(trace, form, *arguments):
        result = subprocess.run(
            [BIN, "export", trace, "--format", form, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env=clean_environment(), timeout=120)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout

    return run


def figures(giltrace, trace, *arguments):
    """The processes of the JSON report."""
    result = giltrace("report", trace, "--format", "json", *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["processes"]


def each_gil(processes):
    return [(process, gil) for process in processes for gil in process["gils"]]


@pytest.fixture(scope="module")
def perfetto_parser(tmp_path_factory, need):
    need("protoc")
    pytest.importorskip("google.protobuf", reason="python3-protobuf is not installed")
    return perfetto.parser(tmp_path_factory.mktemp("protoc"))


def tracks_of(parsed, pid):
    return {track.thread.tid: uuid for uuid, track in parsed.tracks.items()
            if track.HasField("thread") and track.thread.pid == pid}


def check_perfetto_gil(parsed, process, gil):
    tracks = tracks_of(parsed, process["pid"])
    for thread in gil["threads"]:
        track = tracks[thread["tid"]]
        held, waited = parsed.total(track, "hold"), parsed.total(track, "wait", "forced switch")
        assert (held, waited) == (thread["held_ns"], thread["wait_ns"]), thread["name"]
        holds = [one for one in parsed.slices if (one.track, one.category) == (track, "hold")]
        assert len(holds) == thread["acquisitions"]
        assert sum("asked_ns_before_end" in one.notes for one in holds) <= gil["forced_releases"]
        requests = [one for one in parsed.instants if (one.track, one.category) == (track, "drop request")]
        assert len(requests) == thread["drop_requests_sent"]
        if thread["name"]:
            assert parsed.tracks[track].thread.name == thread["name"]


def check_flows(parsed):
    """From a hold to the next hold of the GIL, whose thread has waited behind it."""
    ends = {flow: one for one in parsed.slices for flow in one.flow_ends}
    begins = {flow: one for one in parsed.slices for flow in one.flows}
    assert begins.keys() == ends.keys()
    for flow, source in begins.items():
        target = ends[flow]
        assert source.category == target.category == "hold"
        assert source.end <= target.begin
    behind = [one for one in parsed.slices if one.category == "wait" and "behind" in one.notes]
    return len(begins), len(behind)


def check_counter(parsed):
    """What the counters add up to over time is all the waiting but the forced switches."""
    area = 0
    for points in parsed.counters.values():
        assert points == sorted(points) and points[-1][1] == 0
        area += sum(value * (after - at) for (at, value), (after, _) in zip(points, points[1:]))
    assert area == sum(one.end - one.begin for one in parsed.slices if one.category == "wait")


def test_perfetto(giltrace, trace, export, perfetto_parser):
    parsed = perfetto.Perfetto(perfetto_parser, export(trace, "perfetto"))
    processes = figures(giltrace, trace)
    named = {track.process.pid: track.process.name for track in parsed.tracks.values() if track.HasField("process")}
    assert named == {process["pid"]: process["command"] for process in processes}
    for process, gil in each_gil(processes):
        check_perfetto_gil(parsed, process, gil)
    flows, behind = check_flows(parsed)
    assert flows == behind
    assert flows or not any(gil["wait_ns"] for _, gil in each_gil(processes))
    check_counter(parsed)


def test_perfetto_regions(giltrace, traces, export, perfetto_parser):
    trace = traces("hostile.py")
    parsed = perfetto.Perfetto(perfetto_parser, export(trace, "perfetto"))
    (process,) = figures(giltrace, trace)
    totals = collections.Counter()
    for one in parsed.slices:
        if one.category == "region":
            assert parsed.tracks[one.track].name == one.name
            totals[one.name] += one.end - one.begin
    assert totals == {region["name"]: region["total_ns"] for region in process["regions"]}
    assert len(totals) == 3


@pytest.fixture
def profiler_cli(tmp_path):
    """profiler_cli(CONTENT) -> Mozilla's profiler with that profile; its package is kept in the build tree."""
    script, reason = firefox.fetch_profiler_cli(pathlib.Path(os.environ.get("GILTRACE_BUILD", str(ROOT / "build"))))
    if not script:
        pytest.skip(reason)

    def load(content):
        (tmp_path / "profile.json").write_bytes(content)
        (tmp_path / "cli").mkdir()
        return firefox.ProfilerCli(script, tmp_path / "profile.json", tmp_path / "cli")

    return load


def lane_of(profile, process, gil, thread):
    """A thread's first lane has its name, that for another GIL the GIL's number, too."""
    name = thread["name"] or "tid %d" % thread["tid"]
    (lane,) = [one for one in profile.threads
               if (one.pid, one.tid) == (str(process["pid"]), thread["tid"]) and one.process == process["command"]
               and one.name in (name, "%s (GIL %d)" % (name, gil["id"]))
               and one.of("hold") and len(one.of("hold")) == thread["acquisitions"]]
    return lane


def check_firefox_lane(lane, gil, thread):
    assert (lane.total("hold"), lane.total("wait", "forced switch")) == (thread["held_ns"], thread["wait_ns"])
    requests = lane.of("drop request")
    assert len(requests) == thread["drop_requests_sent"]
    assert all(one.data["interval"] == gil["interval_us"] and one.phase == firefox.INSTANT for one in requests)
    held = collections.Counter()
    for line, weight in lane.samples:
        assert line or not weight
        held[line] += weight
    expected = collections.Counter()
    for at in thread["sites"]:
        site = gil["sites"][at["site"]]
        line = (site["function"], site["file"], site["line"]) if site["function"] else ("(line not known)", None, None)
        expected[line] += at["held_ns"]
    assert +held == +expected


def check_behind(profile, pid):
    """A wait is behind a thread that there is, or nobody."""
    names = {thread.name for thread in profile.threads if thread.pid == pid} | {"(free)"}
    return all(marker.data.get("thread", "(free)") in names
               for thread in profile.threads if thread.pid == pid for marker in thread.markers)


@pytest.mark.parametrize(
    "trace", [*RECORDED, ["subinterpreters.py"]], indirect=True, ids=lambda words: words[0])
def test_firefox(giltrace, trace, export):
    profile = firefox.Profile(export(trace, "firefox"))
    processes = figures(giltrace, trace)
    assert {(thread.pid, thread.process) for thread in profile.threads} == {
        (str(process["pid"]), process["command"]) for process in processes}
    for process, gil in each_gil(processes):
        for thread in gil["threads"]:
            check_firefox_lane(lane_of(profile, process, gil, thread), gil, thread)
        handoffs = sum(lane.total("handoff") for lane in profile.threads
                       if (lane.pid, lane.name) == (str(process["pid"]), "GIL %d" % gil["id"]))
        assert handoffs == gil["handoff_ns"]
        assert check_behind(profile, str(process["pid"]))
    regions = collections.Counter()
    for thread in profile.threads:
        for marker in thread.of("region"):
            regions[marker.name] += marker.ns
    assert regions == {"region: " + region["name"]: region["total_ns"]
                       for process in processes for region in process["regions"]}


@pytest.mark.parametrize("program", ["hostile.py", "fork.py", "subinterpreters.py"])
def test_firefox_profiler_reads_it(giltrace, traces, export, profiler_cli, program):
    """The figures that Mozilla's own code makes of it are the report's."""
    trace = traces(program, *(["mp-fork"] if program == "fork.py" else []))
    content = export(trace, "firefox")
    profile = firefox.Profile(content)
    with profiler_cli(content) as cli:
        for process, gil in each_gil(figures(giltrace, trace)):
            for thread in gil["threads"][:2]:
                lane = lane_of(profile, process, gil, thread)
                handle = "t-%d" % profile.threads.index(lane)
                functions = cli.ask("thread", "functions", "--thread", handle)
                assert functions["friendlyThreadName"] == lane.name
                assert functions["weightType"] == "tracing-ms"
                held = sum(firefox.ns(one["selfSamples"]) for one in functions["functions"])
                assert abs(held - thread["held_ns"]) <= len(lane.samples)  # summed as floating-point numbers
                markers = cli.ask("thread", "markers", "--thread", handle)
                counts = {one["markerName"]: one["count"] for one in markers["byType"]}
                assert counts == collections.Counter(marker.name for marker in lane.markers)
        meta = cli.ask("profile", "meta")
        assert "giltrace" in json.dumps(meta)


FOLDED = re.compile(r"(.+) (\d+)")


def folded(text):
    lines = [FOLDED.fullmatch(line) for line in text.splitlines()]
    assert all(lines)
    stacks = [(match[1].split(";"), int(match[2])) for match in lines]
    assert all(all(stack) for stack, _ in stacks)
    return stacks


@pytest.mark.parametrize("region", [False, True], ids=["whole", "region"])
def test_folded(giltrace, traces, export, region):
    trace = traces("stuck.py")
    options = ["--region", "call"] if region else []
    sums = {}
    for weight in ("held", "blocked", "waited"):
        sums[weight] = collections.Counter()
        for stack, ns in folded(export(trace, "folded", "--weight", weight, *options).decode()):
            sums[weight][stack[1]] += ns
    (process,) = figures(giltrace, trace, *options)
    (gil,) = process["gils"]
    names = {thread["tid"]: thread["name"] for thread in gil["threads"]}
    assert sums["held"] == {one["name"]: one["held_ns"] for one in gil["threads"] if one["held_ns"]}
    assert sums["waited"] == {one["name"]: one["wait_ns"] for one in gil["threads"] if one["wait_ns"]}
    blocked = collections.Counter()
    for pair in gil["blame"]:
        if pair["holder"] in names:
            blocked[names[pair["holder"]]] += pair["wait_ns"]
    assert sums["blocked"] == blocked


def test_folded_stacks(traces, export):
    """A long hold has its callers below it."""
    stacks = folded(export(traces("stuck.py"), "folded").decode())
    callers = [stack for stack, _ in stacks if stack[1] == "keep" and len(stack) > 3]
    assert any(re.match(r"Thread\._bootstrap|_bootstrap", stack[2]) and "stuck.py:" in stack[-1] for stack in callers)


def test_folded_keeps_frames_apart(giltrace, traces, export):
    """Whatever the names are: a semicolon or line break in one is no frame or line more."""
    trace = traces("hostile.py")
    stacks = folded(export(trace, "folded").decode())
    (process,) = figures(giltrace, trace)
    assert sum(ns for _, ns in stacks) == process["gils"][0]["held_ns"]
    assert any("<script>alert(1)" in stack[1] for stack, _ in stacks)


def read_csv(text):
    """By RFC 4180: whoever reads it strictly understands it."""
    assert text.endswith("\r\n")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert all(len(row) == len(header) for row in rows)
    return [dict(zip(header, row)) for row in rows]


def number(text):
    return int(text) if text else None


@pytest.fixture
def database(trace, export, tmp_path):
    export(trace, "sqlite", "-o", tmp_path / "trace.db")
    connection = sqlite3.connect(tmp_path / "trace.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    yield connection
    connection.close()


def test_sqlite(giltrace, trace, database):
    """The views' figures are the report's."""
    rows = database.execute(
        "SELECT pid, tid, name, acquisitions, contended_acquisitions, held_ns, longest_hold_ns, wait_ns,"
        " longest_wait_ns, drop_requests_sent FROM thread_figures").fetchall()
    expected = [
        (process["pid"], thread["tid"], thread["name"] or None, thread["acquisitions"],
         thread["contended_acquisitions"], thread["held_ns"], thread["hold"]["max_ns"], thread["wait_ns"],
         thread["wait"]["max_ns"], thread["drop_requests_sent"])
        for process, gil in each_gil(figures(giltrace, trace)) for thread in gil["threads"]]
    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_sqlite_of_pypy(giltrace, pypy, record_command, export, tmp_path):
    """What nobody can know of it is NULL, not 0."""
    trace, _ = record_command(pypy.path, PROGRAMS / "countdown.py", "--threads", "2", "--count", "100000000")
    export(trace, "sqlite", "-o", tmp_path / "db")
    connection = sqlite3.connect(tmp_path / "db")
    rows = connection.execute("SELECT tid, acquisitions, held_ns, wait_ns FROM thread_figures").fetchall()
    connection.close()
    (_, gil), = each_gil(figures(giltrace, trace))
    assert sorted(rows) == sorted((one["tid"], None, None, one["wait_ns"]) for one in gil["threads"])
    assert gil["wait_ns"] > 0


def test_sqlite_sites_and_blame(giltrace, trace, database):
    sites = collections.Counter()
    for file, line, function, held, waited in database.execute(
            "SELECT file, line, function, held_ns, wait_ns FROM site_figures"):
        sites[file, line, function] += held
        sites[file, line, function, "wait"] += waited
    expected = collections.Counter()
    for _, gil in each_gil(figures(giltrace, trace)):
        for site in gil["sites"]:
            known = site["line"] is not None
            key = (site["file"], site["line"], site["function"]) if known else (None, None, None)
            expected[key] += site["held_ns"]
            expected[(*key, "wait")] += site["wait_ns"]
    assert +sites == +expected
    blame = collections.Counter(database.execute("SELECT waiter_tid, coalesce(holder_tid, holder), wait_ns FROM blame_names"))
    assert blame == collections.Counter(
        (pair["waiter"], pair["holder"], pair["wait_ns"])
        for _, gil in each_gil(figures(giltrace, trace)) for pair in gil["blame"])
    (total,) = database.execute("SELECT coalesce(sum(wait_ns), 0) FROM blame").fetchone()
    (waited,) = database.execute("SELECT coalesce(sum(waited_ns), 0) FROM waits").fetchone()
    assert total == waited == sum(gil["wait_ns"] for _, gil in each_gil(figures(giltrace, trace)))


def test_sqlite_is_whole(database):
    """Every reference leads somewhere, and holds of a GIL do not overlap."""
    for table, column, target in [
            ("gils", "process", "processes"), ("threads", "gil", "gils"), ("holds", "thread", "threads"),
            ("holds", "site", "sites"), ("waits", "thread", "threads"), ("waits", "behind_thread", "threads"),
            ("waits", "behind_site", "sites"), ("drop_requests", "receiver", "threads"), ("blame", "holder", "threads")]:
        key = database.execute("SELECT name FROM pragma_table_info(?) WHERE pk", (target,)).fetchone()[0]
        assert database.execute(
            f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL"
            f" AND {column} NOT IN (SELECT {key} FROM {target})").fetchone() == (0,)
    assert database.execute(
        "SELECT count(*) FROM (SELECT begin_ns, lag(end_ns) OVER (PARTITION BY gil ORDER BY number) AS before"
        " FROM holds) WHERE begin_ns < before").fetchone() == (0,)


def test_csv_has_what_sqlite_has(trace, export, database, tmp_path):
    export(trace, "csv", "-o", tmp_path / "tables")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == sorted(name + ".csv" for name in TABLES)
    for name in TABLES:
        text = (tmp_path / "tables" / (name + ".csv")).read_bytes().decode()
        rows = read_csv(text)
        columns = [(column[1], column[2]) for column in database.execute("PRAGMA table_info(%s)" % name)]
        expected = database.execute("SELECT * FROM " + name).fetchall()
        got = [tuple(number(row[key]) if kind == "INTEGER" else row[key] or None for key, kind in columns)
               for row in rows]
        assert sorted(got, key=lambda row: row[0]) == sorted(expected, key=lambda row: row[0]), name
        assert export(trace, "csv", "--table", name).decode() == text
        export(trace, "csv", "--table", name, "-o", tmp_path / "one.csv")
        assert (tmp_path / "one.csv").read_bytes().decode() == text


def test_names_arrive_as_they_are(traces, export, tmp_path):
    export(traces("hostile.py"), "sqlite", "-o", tmp_path / "db")
    connection = sqlite3.connect(tmp_path / "db")
    names = {name for (name,) in connection.execute("SELECT name FROM threads")}
    files = {file for (file,) in connection.execute("SELECT file FROM sites") if file and "dir;x" in file}
    regions = {name for (name,) in connection.execute("SELECT name FROM regions")}
    connection.close()
    assert "</script><script>alert(1)</script>" in names & regions
    assert "a,\"b\";c\n=1+1" in names & regions
    (file,) = files
    assert re.fullmatch("dir;x/a, \"b\" <script>\n caf.+ \u4e2d\\.py", file)


@pytest.mark.parametrize("arguments, said", [
    (["--format", "png"], "'png' is no format"),
    ([], "which format?"),
    (["--format", "csv"], "give a new folder"),
    (["--format", "sqlite"], "give its name with --output"),
    (["--format", "csv", "--table", "people"], "'people' is no table"),
    (["--format", "perfetto", "--weight", "held"], "--weight goes with"),
    (["--format", "perfetto", "--region", "call"], "--region goes with --format=folded"),
    (["--format", "firefox", "--region", "call"], "--region goes with --format=folded"),
    (["--format", "folded", "--weight", "kilos"], "'kilos' is no weight"),
    (["--format", "folded", "--region", "nowhere"], "no region 'nowhere'"),
    (["--format", "sqlite", "-o", "/dev/null"], "cannot write a database to '/dev/null'"),
    (["--format", "perfetto", "-o", "/nowhere/x"], "cannot write '/nowhere/x'"),
    (["--format", "csv", "-o", "/"], "cannot create the folder '/'"),
])
def test_what_cannot_be(giltrace, traces, arguments, said):
    result = giltrace("export", traces("stuck.py"), *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert not result.stdout


def test_nothing_half_is_left(giltrace, traces, tmp_path):
    for form, name in [("perfetto", "x"), ("firefox", "p"), ("csv", "folder"), ("sqlite", "db"), ("folded", "y")]:
        result = giltrace("export", tmp_path / "none", "--format", form, "-o", tmp_path / name)
        assert result.returncode == 2
    result = giltrace("export", traces("stuck.py"), "--format", "folded", "--region", "none", "-o", tmp_path / "z")
    assert result.returncode == 2
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said(giltrace, traces):
    for form in ("perfetto", "firefox", "folded"):
        result = giltrace("export", traces("stuck.py"), "--format", form, "-o", "/dev/full")
        assert result.returncode == 2
        assert "cannot write '/dev/full': No space left on device" in result.stderr

"""
Python lines in the trace: each release and each wait carries the line that the
program says it is at, whatever the code is called and however often it is replaced.
"""
import json
import subprocess

import pytest

import sessions
from conftest import PROGRAMS, clean_environment
from rawtrace import RawTrace

FUNCTION_BYTES, FILE_BYTES, STACK_FRAMES = 255, 1023, 256


def recorded(text, limit):
    """As the trace has it: UTF-8, lone surrogates replaced, cut between characters."""
    encoded = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text).encode()
    return encoded[:limit].decode(errors="ignore")


def sites_of(trace, pid):
    """number -> (function, file, line); a number that means two things is an error."""
    sites = {}
    for event in trace.events["site"]:
        if event["pid"] == pid:
            site = event["function"], event["file"], event["line"]
            assert sites.setdefault(event["site"], site) == site
    return sites


def run_program(python, library, path, program, *arguments, **environment):
    """Runs one of tests/programs in a session of its own -> (its pid, what it printed: thread and notes, the trace)."""
    with sessions.session(path) as session:
        process = subprocess.Popen(
            [python.path, PROGRAMS / program, *map(str, arguments)], stdout=subprocess.PIPE,
            env=clean_environment(LD_PRELOAD=library, **environment),
        )
        output, _ = process.communicate(timeout=300)
        session.stop()
    assert process.returncode == 0
    return process.pid, *json.loads(output), RawTrace(path)


def run(python, library, path, *arguments, **environment):
    """lines.py, with what it noted as the trace should have it."""
    pid, tid, noted, trace = run_program(python, library, path, "lines.py", *arguments, **environment)
    noted = [
        (recorded(function, FUNCTION_BYTES), recorded(file, FILE_BYTES), line) for function, file, line in noted
    ]
    return pid, tid, noted, trace


def releases_of(trace, pid, tid):
    mine = [event for event in trace.events["release"] if (event["pid"], event["tid"]) == (pid, tid)]
    return sorted(mine, key=lambda event: event["seq"])


def test_every_noted_line(python, library, tmp_path):
    """All of them, in their order, and no line that was not run."""
    pid, tid, noted, trace = run(python, library, tmp_path / "trace")
    assert trace.lost == 0
    assert not [event for event in trace.events["unavailable"] if event["pid"] == pid]
    sites = sites_of(trace, pid)
    seen = [sites.get(event["site"]) for event in releases_of(trace, pid, tid)]
    wanted = set(noted)
    assert len(noted) > 2000
    assert [site for site in seen if site in wanted] == noted
    # Code that exists only for its notes has no other line at which it lets go.
    files = {file for _, file, _ in noted} - {str(PROGRAMS / "lines.py")}
    assert not [site for site in seen if site and site[1] in files and site not in wanted]


def test_deep_recursion_gets_its_innermost_frames(python, library, tmp_path):
    pid, _, _, trace = run(python, library, tmp_path / "trace", "--times", 1)
    sites = sites_of(trace, pid)
    stacks = [event for event in trace.events["stack"] if event["pid"] == pid and event["kind"] == "hold"]
    assert any(stack["_sites_length"] == STACK_FRAMES and not stack["whole"] for stack in stacks)
    assert any(function.endswith("recursion") for function, _, _ in sites.values())


def test_a_stack_for_every_hold_over_the_threshold_and_none_else(python, library, tmp_path):
    pid, _, _, trace = run(python, library, tmp_path / "trace", "--times", 1, GILTRACE_STACK_OVER="3ms")
    releases = [event for event in trace.events["release"] if event["pid"] == pid]
    long = {event["seq"] for event in releases if event["acquired"] and event["held_ns"] >= 3_000_000}
    stacks = [event["seq"] for event in trace.events["stack"] if event["pid"] == pid and event["kind"] == "hold"]
    assert long and sorted(stacks) == sorted(long)


@pytest.mark.parametrize("environment, reason", [({"GILTRACE_SITES": "0"}, "GILTRACE_SITES=0")])
def test_off_with_a_reason(any_python, library, tmp_path, environment, reason):
    pid, _, _, trace = run(any_python, library, tmp_path / "trace", "--times", 1, **environment)
    (event,) = [event for event in trace.events["unavailable"] if event["pid"] == pid]
    assert event["facility"] == "sites" and reason in event["reason"]
    assert {event["site"] for event in trace.events["release"] if event["pid"] == pid} == {0}


def test_no_stacks_with_0(any_python, library, tmp_path):
    pid, _, _, trace = run(any_python, library, tmp_path / "trace", "--times", 1, GILTRACE_STACK_OVER="0")
    assert not [event for event in trace.events["stack"] if event["pid"] == pid]


def line_of(program, text):
    """The number of the one line of a program with this text in it."""
    lines = (PROGRAMS / program).read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if text in line]
    return number


def test_a_call_that_never_lets_go_is_seen_while_it_lasts(python, library, tmp_path):
    pid, keeper, calls, trace = run_program(python, library, tmp_path / "trace", "stuck.py")
    sites = sites_of(trace, pid)
    place = "keep", str(PROGRAMS / "stuck.py"), line_of("stuck.py", "library.usleep")
    # The hold is put down to the line of the call, and spans it. The same line may have let go before the call.
    releases = [
        event for event in releases_of(trace, pid, keeper)
        if sites.get(event["site"]) == place and event["held_ns"] >= 60_000_000
    ]
    assert len(releases) == len(calls)
    for event, (begin, _) in zip(releases, calls):
        assert event["at"] >= begin + 60_000_000
    # And while it lasted, the waiter saw where it is. On a busy machine it may come too late for some.
    stacks = {
        event["seq"]: event for event in trace.events["stack"]
        if (event["pid"], event["kind"]) == (pid, "unanswered")
    }
    seen = [(stacks[event["seq"] - 1], event) for event in releases if event["seq"] - 1 in stacks]
    assert seen
    for stack, release in seen:
        assert stack["tid"] == keeper and stack["whole"] and sites[stack["sites"][0]] == place
        assert release["at"] - release["held_ns"] < stack["at"] < release["at"]


def test_regions_are_marked(python, library, tmp_path):
    pid, keeper, calls, trace = run_program(python, library, tmp_path / "trace", "stuck.py")
    marks = [event for event in trace.events["mark"] if event["pid"] == pid]
    assert {event["tid"] for event in marks} == {keeper}
    assert {event["name"] for event in marks} == {"call"}
    assert [event["state"] for event in marks] == ["begin", "end"] * len(calls)
    for (begin, end), mark_begin, mark_end in zip(calls, marks[::2], marks[1::2]):
        assert mark_begin["at"] <= begin < end <= mark_end["at"]


def test_marks_do_nothing_without_a_session_or_a_name(any_python, library):
    code = "import ctypes; l = ctypes.PyDLL(None); l.giltrace_begin(b'x'); l.giltrace_begin(None); l.giltrace_end(b'x')"
    subprocess.run([any_python.path, "-c", code], env=clean_environment(LD_PRELOAD=library), check=True)

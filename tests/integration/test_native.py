"""
Native stacks: a C function that keeps the GIL is named, in the stacks of long holds
and, with --stack-signal, in those of holders that do not answer, while they run.
"""
import json
import os
import platform
import re

import pytest

from conftest import BUILT, PROGRAMS

LIBRARY = BUILT / "library.so"
FUNCTION = "library_compute"
SIGNAL = "--stack-signal=URG"

needs_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="holders are interrupted on x86_64 only")


def run(giltrace, python, path, *arguments, options=(SIGNAL,)):
    """native.py, recorded -> (what it printed, its process in the report, the report)."""
    result = giltrace("record", "-qo", path, *options, "--", python.path, PROGRAMS / "native.py", LIBRARY, *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    report = giltrace("report", path, "--format", "json")
    assert report.returncode == 0, report.stderr
    report = json.loads(report.stdout)
    (process,) = report["processes"]
    return json.loads(result.stdout), process, report


def unanswered(process):
    """Stacks of holders that were in the library's function."""
    (gil,) = process["gils"]
    return [
        stack for stack in gil["stacks"]
        if stack["kind"] == "unanswered" and any(frame["function"] == "hold" for frame in stack["python"][:1])
    ]


def modules(process, stack):
    """[(name of the module, function)] of the native frames, innermost first."""
    names = [module["path"].rsplit("/", 1)[-1] for module in process["modules"]]
    return [(None if f["module"] is None else names[f["module"]], f["function"]) for f in stack["native"]]


def reasons(process):
    return [one["reason"] for one in process["unavailable"] if one["facility"] == "stacks"]


@needs_x86
def test_holder_in_c_is_named_while_it_is_there(giltrace, python, check_invariants, tmp_path):
    if python.free_threaded:
        pytest.skip("there is no GIL to keep")
    said, process, report = run(giltrace, python, tmp_path / "out")
    assert said == {"seen": [], "pending": False}
    stacks = unanswered(process)
    # One that the scheduler kept waiting for long has not answered in time.
    answered = [stack for stack in stacks if stack["native"]]
    assert answered and not reasons(process)
    for stack in answered:
        frames = modules(process, stack)
        # The function itself, or the clock that it calls; then its caller and so on, out to where the thread began.
        assert (LIBRARY.name, FUNCTION) in frames[:4], frames
        at = frames.index((LIBRARY.name, FUNCTION))
        assert all(module != LIBRARY.name for module, _ in frames[at + 1:])
        assert any("_ctypes" in (module or "") or "python" in (module or "") for module, _ in frames[at + 1:]), frames
        assert any("python" in module for module, _ in frames if module), frames
    check_invariants(report, tmp_path / "out")


def test_verdict_names_it(giltrace, any_python, tmp_path):
    library = os.path.join(".", LIBRARY.name)  # it is found all the same where the report is made
    result = giltrace(
        "run", SIGNAL, "-o", tmp_path / "out", "--", any_python.path, PROGRAMS / "native.py", library,
        cwd=LIBRARY.parent)
    assert result.returncode == 0
    report = json.loads(giltrace("report", tmp_path / "out", "--format=json").stdout)
    if platform.machine() != "x86_64":
        assert "x86_64" in json.dumps(report)
        return
    (gil,) = report["processes"][0]["gils"]
    assert gil["verdict"]["kind"] == "long_holds"
    verdict = gil["verdict"]["sentence"]
    assert re.match(
        r"native\.py:\d+ hold\(\) keeps the GIL (up to )?\S+ ms at a time( \(at most \S+ ms\))?, "
        r"(more than )?\d+ % of all waiting is behind it; it is inside library\.so:library_compute( \(library\.c:\d+\))?, "
        r"which does not release the GIL\.", verdict), verdict
    assert verdict in " ".join(result.stderr.split())


def test_nobody_is_interrupted_unasked(giltrace, any_python, tmp_path):
    said, process, _ = run(giltrace, any_python, tmp_path / "out", options=())
    assert said["seen"] == [] and not reasons(process)
    assert unanswered(process) and not any(stack["native"] for stack in unanswered(process))


@needs_x86
@pytest.mark.parametrize("argument, why", [
    ("--handle", "the program uses the signal"),
    ("--ignore", "the program uses the signal"),
    ("--late", "the program has come to use the signal"),
])
def test_the_signal_of_the_program_stays_its_own(giltrace, any_python, tmp_path, argument, why):
    said, process, _ = run(giltrace, any_python, tmp_path / "out", argument)
    assert said["seen"] == []
    (reason,) = reasons(process)
    assert reason.startswith(why)
    assert unanswered(process)


@needs_x86
def test_a_thread_that_blocks_the_signal_gets_none(giltrace, any_python, tmp_path):
    said, process, _ = run(giltrace, any_python, tmp_path / "out", "--block")
    assert said == {"seen": [], "pending": False}
    assert unanswered(process) and not any(stack["native"] for stack in unanswered(process))


@needs_x86
@pytest.mark.parametrize("number", ["SEGV", "KILL", "CHLD"])
def test_signals_that_cannot_be_used(giltrace, any_python, tmp_path, number):
    _, process, _ = run(giltrace, any_python, tmp_path / "out", options=("--stack-signal", number))
    (reason,) = reasons(process)
    assert "no signal that can be used" in reason

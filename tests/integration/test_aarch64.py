"""
What is particular to aarch64. Run by tests/aarch64, which cross-compiles giltrace, makes
a folder with Debian's arm64 CPython and stands in for its interpreter with qemu.
"""
import json
import os
import pathlib
import re
import subprocess

import pytest

import invariants
from conftest import PROGRAMS, clean_environment

FOLDER = os.environ.get("GILTRACE_AARCH64")
pytestmark = pytest.mark.skipif(not FOLDER, reason="tests/aarch64 runs these")

ROOT = pathlib.Path(FOLDER or "/nonexistent", "root")
BUILD = pathlib.Path(FOLDER or "/nonexistent", "build")
INTERPRETER = ROOT / "usr/bin/python3.11"  # itself, which only qemu can run
DEBUG_LIBRARY = ROOT / "usr/lib/aarch64-linux-gnu/libpython3.11d.so.1.0"


def debugger(binary, *expressions):
    """The values of these C expressions, by what the debug information of `binary` says."""
    command = ["gdb-multiarch", "-nx", "-batch"]
    for expression in expressions:
        command += ["-ex", "output (long)(%s)" % expression, "-ex", "echo \\n"]
    result = subprocess.run([*command, binary], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    values = result.stdout.split()
    assert len(values) == len(expressions), result.stdout + result.stderr
    return [int(value) for value in values]


def test_distances_are_those_of_the_struct():
    """layout.h as compiled into the library, and the struct as compiled into Debian's CPython."""
    members = "interval", "locked", "switch_number", "mutex", "switch_cond", "switch_mutex"
    ours = debugger(BUILD / "lib/libgiltrace.so", *("LAYOUT_" + member.upper() for member in members))
    offset = "&((struct _gil_runtime_state *)0)->"
    cond, *theirs = debugger(DEBUG_LIBRARY, offset + "cond", *(offset + member for member in members))
    assert ours == [value - cond for value in theirs]
    assert ours == [-32, -16, -8, 48, 96, 144]


def test_version_of_the_condition_variables():
    """dlvsym finds each function under the version that symbols.c names."""
    versions = subprocess.run(
        ["readelf", "--dyn-syms", "--wide", ROOT / "lib/aarch64-linux-gnu/libc.so.6"],
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout
    for name in "init", "signal", "wait", "timedwait":
        assert re.findall(r" pthread_cond_%s@+(\S+)" % name, versions) == ["GLIBC_2.17"]


def test_gil_is_found(python, library, tmp_path):
    """And the program's output is its own."""
    log = tmp_path / "log"
    command = [python.path, PROGRAMS / "countdown.py", "--threads", "2", "--count", "10000"]
    plain, preloaded = (
        subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(**environment))
        for environment in ({}, {"LD_PRELOAD": library, "GILTRACE_LOG": log})
    )
    assert (preloaded.returncode, preloaded.stdout, preloaded.stderr) == (0, plain.stdout, plain.stderr)
    assert re.search(r": GIL found at 0x[0-9a-f]+: CPython %s\n" % re.escape(python.version), log.read_text())


EXECLE = """
import ctypes
environment = (ctypes.c_char_p * 2)(b"GREETING=given", None)
ctypes.CDLL(None).execle(b"/usr/bin/printenv", b"printenv", b"GREETING", None, environment)
"""


def test_arguments_of_execle(python, library):
    """A list of arguments is another type here than on x86_64; behind it comes the environment."""
    result = subprocess.run(
        [python.path, "-c", EXECLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=clean_environment(LD_PRELOAD=library),
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"given\n", b"")


def test_report_of_the_arm64_command(record, python, report_json):
    """The analysis, too: it says the same on both machines."""
    trace = record("mixed.py", "--messages", 20, python=python)
    ours = report_json(trace)
    invariants.check_invariants(ours, trace)
    result = subprocess.run(
        [ROOT / "qemu", "-L", ROOT, BUILD / "bin/giltrace", "report", trace, "--format", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == ours


@pytest.mark.parametrize("command", ["record", "run"])
def test_interpreter_of_another_machine(giltrace, tmp_path, command):
    result = giltrace(command, "-o", tmp_path / "out", "--", INTERPRETER, "-c", "pass")
    assert result.returncode == 126
    assert "another kind of machine" in result.stderr


def test_doctor_knows_an_interpreter_of_another_machine(giltrace):
    result = giltrace("doctor", "--", INTERPRETER)
    assert result.returncode == 1
    assert "is for another architecture" in " ".join(result.stdout.split())

"""The command line: help, versions, mistakes, output that cannot be written, doctor, man pages, completion."""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys

import pytest

from conftest import BIN, LIB, ROOT, clean_environment

COMMANDS = ["run", "record", "top", "metrics", "report", "export", "check", "diff", "doctor"]
RECORDING = ["run", "record"]
SYSTEM_PYTHON = "/usr/bin/python3"


def trouble(command):
    """Exit status of a command's own failure."""
    return 125 if command in RECORDING + ["top", "metrics"] else 2


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_lists_the_commands(giltrace, arguments):
    result = giltrace(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    for command in COMMANDS:
        assert "\n  %s " % command in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(giltrace, command):
    result = giltrace(command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: giltrace %s " % command)
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Exit status" in result.stdout
    assert giltrace("help", command).stdout == result.stdout


def test_version(giltrace):
    result = giltrace("--version")
    assert result.returncode == 0
    assert result.stdout.split()[0] == "giltrace" and result.stdout.split()[1][0].isdigit()


def test_no_command(giltrace):
    result = giltrace()
    assert result.returncode == 2
    assert "--help" in result.stderr and result.stdout == ""


@pytest.mark.parametrize("wrong, right", [("recrod", "record"), ("repotr", "report"), ("doc", "doctor"), ("rum", "run")])
def test_unknown_command_offers_the_nearest(giltrace, wrong, right):
    for arguments in ([wrong], ["help", wrong]):
        result = giltrace(*arguments)
        assert result.returncode == 2
        assert "'%s' is not a giltrace command" % wrong in result.stderr
        assert "did you mean '%s'?" % right in result.stderr


def test_unknown_command_far_from_all(giltrace):
    result = giltrace("python3")
    assert result.returncode == 2
    assert "giltrace run -- python3" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_option(giltrace, command):
    result = giltrace(command, "--no-such-option", "x")
    assert result.returncode == trouble(command)
    assert "--no-such-option" in result.stderr and "--help" in result.stderr
    assert result.stdout == ""


def test_unknown_option_before_the_command(giltrace):
    result = giltrace("--no-such-option", "run")
    assert result.returncode == 2
    assert "--no-such-option" in result.stderr


@pytest.mark.parametrize("command", RECORDING)
def test_nothing_to_run(giltrace, command):
    for arguments in ([], ["--"], ["-o", "x"]):
        result = giltrace(command, *arguments)
        assert result.returncode == 125
        assert "which command?" in result.stderr


@pytest.mark.parametrize("size", ["", "0", "1k", "-1", "x", "12X", "1MM", "17G", "99999999999999999999"])
def test_wrong_buffer_size(giltrace, size):
    result = giltrace("record", "--buffer-size=" + size, "true")
    assert result.returncode == 125
    assert "is not a size" in result.stderr


@pytest.mark.parametrize("command", RECORDING)
@pytest.mark.parametrize("option", ["--stack-over", "--unanswered-over"])
@pytest.mark.parametrize("time", ["", "-1", "x", "10 ms", "1e3", "ms"])
def test_wrong_threshold(giltrace, command, option, time):
    result = giltrace(command, option + "=" + time, "true")
    assert result.returncode == 125
    assert "is no duration" in result.stderr


@pytest.mark.parametrize("signal", ["", "0", "-1", "x", "65", "SIGNONE", "23x"])
def test_wrong_signal(giltrace, signal):
    result = giltrace("run", "--stack-signal=" + signal, "true")
    assert result.returncode == 125
    assert "is no signal" in result.stderr


@pytest.mark.parametrize("option", ["--stack-over=1ms", "--unanswered-over=0", "--no-sites", "--no-burst", "--stack-signal=URG"])
def test_what_runs_already_keeps_its_thresholds(giltrace, option):
    result = giltrace("record", "--attach", option)
    assert result.returncode == 125
    assert "set GILTRACE_STACK_OVER" in result.stderr


@pytest.mark.parametrize("arguments, status", [
    (["--help"], 2), (["--version"], 2), (["run", "--help"], 125), (["record", "--help"], 125),
    (["report", "--help"], 2), (["check", "--help"], 2), (["diff", "--help"], 2),
    (["doctor", "--help"], 2),
])
def test_output_that_cannot_be_written(giltrace, arguments, status):
    with open("/dev/full", "w") as full:
        result = giltrace(*arguments, stdout=full)
    assert result.returncode == status
    assert "cannot write to standard output: No space left on device" in result.stderr


def test_output_that_is_closed():
    result = subprocess.run(["sh", "-c", '"$0" --version >&-', BIN], stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert "cannot write to standard output" in result.stderr


# doctor


def kinds(result):
    """{subject: kind} of doctor's lines, the last of a subject counting."""
    found = {}
    for line in result.stdout.splitlines():
        if line[:2] == "  " and line[2:3].strip():
            found[line[11:25].strip()] = line[2:9].strip()
    return found


@pytest.fixture
def doctor(giltrace):
    def run(*command):
        result = giltrace("doctor", *(["--", *command] if command else []))
        assert max(map(len, result.stdout.splitlines())) <= 80
        assert "\033" not in result.stdout
        assert result.returncode == (1 if "problem" in kinds(result).values() else 0)
        return result

    return run


@pytest.fixture
def script(tmp_path):
    """script(text) -> path of an executable file with that text."""

    def write(text, name="script"):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    return write


def test_doctor_on_a_python(doctor, any_python):
    result = doctor(any_python.path, "no-such-file.py")
    assert set(kinds(result).values()) == {"ok"}, result.stdout
    assert kinds(result)["recording"] == "ok"
    assert any_python.version in result.stdout


def test_doctor_loads_the_libraries_without_a_crash(need, any_python, tmp_path):
    """As they are loaded when a program is recorded: preloaded, and by what is preloaded."""
    need("strace")
    log = tmp_path / "log"
    result = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=none", "-o", log, BIN, "doctor", "--", any_python.path, "x.py"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, env=clean_environment())
    assert result.returncode == 0, result.stdout
    assert not re.search("SIG(SEGV|ABRT|BUS|ILL)", log.read_text())


def test_doctor_on_libraries_that_cannot_be_loaded(tmp_path):
    """The library, or the recorder, is cut off, or what they need is missing."""
    for folder in ("bin", "lib"):
        (tmp_path / folder).mkdir()
    program = tmp_path / "bin" / "giltrace"
    shutil.copy(BIN, program)
    source = pathlib.Path(LIB).parent
    for name in ("libgiltrace.so", "libgiltrace-lttng.so"):
        shutil.copy(source / name, tmp_path / "lib")

    def lines():
        result = subprocess.run([program, "doctor"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                timeout=120, env=clean_environment())
        found = kinds(result)
        assert result.returncode == (1 if "problem" in found.values() else 0)
        return found["library"], found["recorder"], " ".join(result.stdout.split())

    assert lines()[:2] == ("ok", "ok")
    recorder = tmp_path / "lib" / "libgiltrace-lttng.so"
    whole = recorder.read_bytes()
    recorder.write_bytes(b"")
    *found, text = lines()
    assert found == ["ok", "problem"] and "file too short next: build or install giltrace again" in text
    recorder.write_bytes(whole.replace(b"liblttng-ust.so.1", b"liblttng-ust.so.X"))
    *found, text = lines()
    assert found == ["ok", "problem"] and "liblttng-ust.so.X: cannot open shared object file" in text
    assert "next: install the package liblttng-ust1" in text
    recorder.write_bytes(whole)
    library = tmp_path / "lib" / "libgiltrace.so"
    library.write_bytes(library.read_bytes()[:4096])
    assert lines()[0] == "problem"


def test_doctor_does_not_run_the_program(doctor, any_python, script, tmp_path):
    mark = tmp_path / "was-here"
    program = script("#!/usr/bin/env %s\nopen(%r, 'w')\n" % (any_python.path, str(mark)))
    assert doctor(program).returncode == 0
    shell = script("#!/bin/sh\ntouch '%s'\n" % mark, "shell")
    assert doctor(shell).returncode == 0
    assert not mark.exists()


def test_doctor_follows_launchers(doctor, any_python, script):
    direct = script("#!%s\n" % any_python.path, "direct")
    result = doctor("env", "-i", "A=1", direct)
    assert "%s->%s" % (direct, any_python.path) in "".join(result.stdout.split())
    assert kinds(result)["recording"] == "ok"


def test_doctor_on_a_shell_script(doctor, script):
    result = doctor(script("#!/bin/sh\nexec python3\n"))
    assert result.returncode == 0
    assert kinds(result)["interpreter"] == "note"
    assert "script for /bin/sh" in " ".join(result.stdout.split())


def test_doctor_on_a_command_that_is_not_there(doctor):
    result = doctor("no-such-command-anywhere")
    assert kinds(result)["command"] == "problem"
    assert "cannot find command" in result.stdout


def test_doctor_on_a_file_that_may_not_be_executed(doctor, tmp_path):
    path = tmp_path / "plain.py"
    path.write_text("")
    result = doctor(path)
    assert kinds(result)["command"] == "problem"
    assert "giltrace run -- python3" in " ".join(result.stdout.split())


def test_doctor_on_another_program(doctor):
    result = doctor("ls")
    assert kinds(result)["interpreter"] == "note"
    assert "is no Python" in " ".join(result.stdout.split())


def test_doctor_on_a_setuid_program(doctor, tmp_path):
    if os.getuid() != 0:
        pytest.skip("needs root to give a file to another user")
    path = tmp_path / "python3"
    shutil.copy(SYSTEM_PYTHON, path)
    os.chown(path, 65534, 65534)
    path.chmod(0o755 | stat.S_ISUID)
    result = doctor(path)
    assert kinds(result)["command"] == "problem"
    assert "set-user-ID" in result.stdout


def test_doctor_on_a_static_program(doctor, tmp_path, need):
    need("gcc")
    path = tmp_path / "python3"
    source = tmp_path / "static.c"
    source.write_text("void _start(void) { for (;;) ; }\n")
    subprocess.run(["gcc", "-static", "-nostdlib", "-o", path, source], check=True)
    result = doctor(path)
    assert kinds(result)["interpreter"] == "problem"
    assert "statically linked" in result.stdout
    other = path.rename(tmp_path / "launcher")
    assert kinds(doctor(other))["interpreter"] == "note"


def test_doctor_on_pypy(doctor, pypy):
    result = doctor(pypy.path)
    assert kinds(result)["interpreter"] == "note"
    assert "not who holds it" in " ".join(result.stdout.split())


@pytest.mark.parametrize("answer, words", [
    ("jython;3;10;3.10.14;0;1", "not CPython"),
    ("cpython;3;13;3.13.0;1;0", "free-threaded"),
    ("cpython;2;7;2.7.18;0;1", "too old"),
    ("nonsense", "does not work"),
])
def test_doctor_on_pythons_without_a_known_gil(doctor, tmp_path, need, answer, words):
    need("gcc")
    path = tmp_path / "python3"
    source = tmp_path / "fake.c"
    source.write_text('#include <stdio.h>\nint main(void) { puts("%s"); }\n' % answer)
    subprocess.run(["gcc", "-o", path, source], check=True)
    result = doctor(path)
    assert kinds(result)["interpreter"] == "problem"
    assert words in " ".join(result.stdout.split())


def test_doctor_without_lttng(giltrace, tmp_path):
    """No daemon answers where this looks, and there is none to start."""
    if os.getuid() == 0:
        pytest.skip("root's daemon is the same whatever the environment; test_record has the same as nobody")
    result = giltrace("doctor", env=clean_environment(LTTNG_HOME=tmp_path, LTTNG_SESSIOND_PATH="/nonexistent"))
    assert result.returncode == 1
    assert "lttng-tools" in result.stdout


# What is installed beside the command


@pytest.mark.parametrize("page", ["giltrace", *["giltrace-" + name for name in COMMANDS]])
def test_man_page(page, need):
    need("groff")
    path = ROOT / "analysis" / "man" / (page + ".1")
    result = subprocess.run(
        ["groff", "-mandoc", "-Tutf8", "-ww", "-rLL=78n", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    text = re.sub(".\x08", "", result.stdout)
    assert "SYNOPSIS" in text
    if page != "giltrace":
        help_text = subprocess.run([BIN, page.split("-")[1], "--help"], stdout=subprocess.PIPE, text=True).stdout
        options = set(re.findall(r"--[a-z][a-z-]*", help_text))
        assert options <= set(re.findall(r"--[a-z][a-z-]*", text)), "options that %s does not have" % path.name


def complete(*words):
    """What bash offers for the last of `words`."""
    line = ["giltrace", *words]
    commands = """
        source "$0"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        _giltrace
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    completion = ROOT / "analysis" / "completion" / "giltrace.bash"
    result = subprocess.run(
        ["bash", "--norc", "-c", commands, completion, *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert result.stderr == ""
    return result.stdout.split()


def test_completion(need, tmp_path):
    need("bash")
    assert set(complete("")) >= set(COMMANDS)
    assert complete("rec") == ["record"]
    assert "--buffer-size" in complete("record", "--b")
    assert complete("run", "--st") == complete("record", "--st") == ["--stack-over", "--stack-signal"]
    assert "10ms" in complete("record", "--stack-over", "")
    assert "20ms" in complete("run", "--unanswered-over", "=", "")
    assert sys.executable in complete("run", "--no-sites", "--stack-over", "0", sys.executable[:-1])
    assert complete("run", "--", "python3.no-such") == []
    assert complete("record", "--att") == ["--attach"]
    assert complete("record", "--attach", "--duration", "10") == ["10s", "10m"]
    assert complete("top", "--it") == ["--iterations"]
    assert str(os.getpid()) in complete("top", "--attach", str(os.getpid())[:1])
    assert sys.executable in complete("top", "--delay", "1s", sys.executable[:-1])
    assert str(os.getpid()) in complete("record", "--attach", "--pid", str(os.getpid())[:1])
    assert sys.executable in complete("run", "--", sys.executable[:-1])
    (tmp_path / "trace").mkdir()
    assert complete("report", str(tmp_path) + "/tr") == [str(tmp_path / "trace")]
    assert complete("check", str(tmp_path) + "/tr") == [str(tmp_path / "trace")]
    assert complete("diff", str(tmp_path) + "/tr") == [str(tmp_path / "trace")]
    assert complete("export", "-f", "p") == ["perfetto"]
    assert complete("export", "--format", "fi") == ["firefox"]
    assert complete("export", "--weight", "bl") == ["blocked"]
    assert complete("export", str(tmp_path) + "/tr") == [str(tmp_path / "trace")]
    assert complete("check", "--upd") == ["--update-baseline"]
    assert "junit" in complete("check", "--format", "")
    assert sys.executable in complete("check", "-n", "3", "--", sys.executable[:-1])

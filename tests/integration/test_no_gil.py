"""Programs without a GIL that could be seen: the report says so, and why; the program's exit status is kept."""
import json
import os
import stat
import subprocess

import pytest

from conftest import clean_environment


@pytest.fixture
def run(giltrace, tmp_path):
    """run(status, COMMAND...): the only process of the JSON report, after both formats have been looked at."""

    def check(status, *command):
        report_file = tmp_path / "report.json"
        result = giltrace("run", "--format=json", "--report-file", report_file, "--", *command)
        assert result.returncode == status, result.stderr
        report = json.loads(report_file.read_text())
        assert [doubt["kind"] for doubt in report["doubts"]] == ["gil_not_found"]
        assert report["trace"]["events"] == 0
        (process,) = report["processes"]
        assert process["gils"] == []
        assert process["exited"]
        assert process["verdict"]["severity"] == "unknown"
        assert process["gil_reason"] in process["verdict"]["sentence"]
        assert process["command"] == " ".join(map(str, command))

        result = giltrace("run", "--", *command)
        assert result.returncode == status
        text = " ".join(result.stderr.split())
        assert "o GIL found: " + process["gil_reason"] in text
        return process

    return check


@pytest.fixture
def compiled(tmp_path, need):
    """Builds a program that ends with its first argument as status."""
    need("gcc")

    def build(name, *options):
        source = tmp_path / "status.c"
        source.write_text("#include <stdlib.h>\nint main(int n, char **words) { return n > 1 ? atoi(words[1]) : 0; }\n")
        path = tmp_path / name
        subprocess.run(["gcc", *options, "-o", path, source], check=True)
        return path

    return build


def test_c_program(run, compiled):
    process = run(7, compiled("program"), 7)
    assert process["gil"] == "none"
    assert process["verdict"]["kind"] == "no_gil"
    assert "not Python" in process["gil_reason"]
    assert "statically" not in process["gil_reason"]


def test_static_program(run, compiled):
    process = run(5, compiled("program", "-static"), 5)
    assert process["gil"] == "none"
    assert "statically linked" in process["gil_reason"]


def test_static_python(run, tmp_path, need):
    """What has Python's messages inside may be one, with a GIL that nobody saw."""
    need("gcc")
    source, path = tmp_path / "fake.c", tmp_path / "embedding"
    source.write_text('const char message[] = "Fatal Python error: ";\nint main(void) { return message[0] != 70; }\n')
    subprocess.run(["gcc", "-O0", "-static", "-o", path, source], check=True)
    process = run(0, path)
    assert process["gil"] == "unknown"
    assert process["verdict"]["kind"] == "unknown"
    assert "statically linked" in process["gil_reason"]


def test_program_of_another_user(run, compiled):
    if os.getuid() != 0:
        pytest.skip("needs root to give a file to another user")
    path = compiled("program")
    os.chown(path, 65534, 65534)
    path.chmod(0o755 | stat.S_ISUID)
    assert "set-user-ID" in run(3, path, 3)["gil_reason"]


def test_shell(run):
    assert run(4, "sh", "-c", "exit 4")["gil"] == "none"


def test_shell_script(run, tmp_path):
    path = tmp_path / "script"
    path.write_text("#!/bin/sh\nexit 6\n")
    path.chmod(0o755)
    process = run(6, path)
    assert process["gil"] == "unknown"
    assert "script" in process["gil_reason"]


def test_killed(run):
    assert run(128 + 9, "sh", "-c", "kill -KILL $$")["gil"] == "none"


@pytest.mark.parametrize("name, implementation, gil", [("jython", "Jython", "none"), ("graalpy", "GraalPy", "unknown")])
def test_known_by_name(run, tmp_path, name, implementation, gil):
    """As both of them may be started: by a script."""
    path = tmp_path / name
    path.write_text("#!/bin/sh\nexit 9\n")
    path.chmod(0o755)
    process = run(9, path)
    assert (process["implementation"], process["gil"]) == (implementation, gil)
    assert "irtual machine" in process["gil_reason"] or "Java VM" in process["gil_reason"]


def test_jython(run, need):
    need("jython")
    process = run(5, "jython", "-c", "import sys; sys.exit(5)")
    assert (process["implementation"], process["gil"]) == ("Jython", "none")


def test_java(run, need):
    need("java")
    assert "Java VM" in run(0, "java", "-version")["gil_reason"]


@pytest.mark.parametrize("linked, source", [
    ("statically", 'package main\nimport "os"\nfunc main() { os.Exit(6) }\n'),
    ("dynamically", 'package main\n// int six() { return 6; }\nimport "C"\nimport "os"\nfunc main() { os.Exit(int(C.six())) }\n'),
])
def test_go(run, tmp_path, need, linked, source):
    need("go", "gcc")
    (tmp_path / "program.go").write_text(source)
    subprocess.run(
        ["go", "build", "-o", "program", "program.go"], cwd=tmp_path, check=True,
        env=clean_environment(GOCACHE=tmp_path / "cache", HOME=tmp_path),
    )
    process = run(6, tmp_path / "program")
    assert process["gil"] == "none"
    assert "written in Go" in process["gil_reason"]
    assert ("statically linked" in process["gil_reason"]) == (linked == "statically")


def test_pypy_on_one_thread(run, pypy):
    process = run(8, pypy.path, "-c", "raise SystemExit(8)")
    assert (process["implementation"], process["gil"]) == ("PyPy", "unknown")
    assert "thread" in process["gil_reason"]


def test_kept_recording(giltrace, compiled, tmp_path):
    """The reason is in the recording: it can be reported on later, when the program is gone."""
    program, trace = compiled("program"), tmp_path / "trace"
    assert giltrace("record", "-o", trace, "--", program, 2).returncode == 2
    program.unlink()
    result = giltrace("report", trace)
    assert result.returncode == 0
    assert "the program is not Python" in " ".join(result.stdout.split())


def test_python_beside_it(giltrace, any_python, tmp_path):
    """A shell that starts a Python: that one has a GIL, and of the shell there is nothing to say."""
    report_file = tmp_path / "report.json"
    command = "%s -c pass; exit 3" % any_python.path
    result = giltrace("run", "--format=json", "--report-file", report_file, "--", "sh", "-c", command)
    assert result.returncode == 3
    (process,) = json.loads(report_file.read_text())["processes"]
    assert process["implementation"] == "CPython"
    assert process["gil_reason"] is None

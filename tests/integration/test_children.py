"""GILTRACE_CHILDREN=0: the program is traced, and what it starts is not."""
import subprocess

import pytest

from conftest import PROGRAMS, clean_environment, needs_terminal


@pytest.mark.parametrize(
    "way",
    ["fork", pytest.param("pty", marks=needs_terminal), "mp-fork", "mp-forkserver", "mp-spawn", "subprocess"],
)
def test_only_the_program(record, report_json, check_invariants, any_python, way):
    trace = record("fork.py", way, python=any_python, env=clean_environment(GILTRACE_CHILDREN=0))
    report = report_json(trace)
    check_invariants(report, trace)
    (process,) = report["processes"]
    assert process["command"].endswith("fork.py " + way)
    (gil,) = process["gils"]
    assert [thread["kind"] for thread in gil["threads"]].count("main") == 1


def test_other_preloaded_libraries_stay(library, any_python, tmp_path):
    """Only this library leaves the children's LD_PRELOAD."""
    show = "import os, subprocess; subprocess.run(['printenv', 'LD_PRELOAD'])"
    other = tmp_path / "libother.so"
    for before, after in [(library, ""), ("%s:%s" % (other, library), "%s\n" % other)]:
        result = subprocess.run(
            [any_python.path, "-c", show], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=clean_environment(LD_PRELOAD=before, GILTRACE_CHILDREN=0),
        )
        assert result.stdout == after


@pytest.mark.parametrize("way", ["fork", "mp-spawn", "subprocess", "exec"])
def test_output_is_the_same(library, any_python, way):
    def output(**environment):
        return subprocess.run(
            [any_python.path, str(PROGRAMS / "fork.py"), way], stdout=subprocess.PIPE, check=True,
            stderr=subprocess.DEVNULL, env=clean_environment(**environment),
        ).stdout

    assert output(LD_PRELOAD=library, GILTRACE_CHILDREN=0) == output()

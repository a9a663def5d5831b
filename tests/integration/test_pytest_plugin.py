"""
The plugin for pytest: marked tests are judged alone and by what all threads did, nothing else
is, mistakes are said, and what is not recorded is not judged.
"""
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from conftest import BIN, ROOT, clean_environment

COMMANDS = pathlib.Path(BIN).resolve().parent
PLUGIN = COMMANDS.parent / "share/giltrace/pytest"

SUITE = '''
import ctypes
import hashlib
import threading
import time

import pytest

HOLDING = ctypes.PyDLL(None)  # calls without letting go of the GIL


def hold():
    HOLDING.usleep(400000)


@pytest.fixture
def slow_fixture():
    hold()


@pytest.mark.gil(max_hold="300ms", min_releases=1, max_wait_share=0.9)
def test_good(slow_fixture):
    ctypes.CDLL(None).usleep(1000)


@pytest.mark.gil(max_hold="300ms")
def test_bad():
    hold()


@pytest.mark.gil(max_wait="200ms")
def test_bad_thread():
    thread = threading.Thread(target=hold)
    thread.start()
    time.sleep(0.01)
    thread.join()


@pytest.mark.gil(max_releases="not judged")
class TestInClass:
    @pytest.mark.gil(max_releases=10)
    @pytest.mark.parametrize("name", ["[*?]", "\\u00fc\\\\", "x" * 600])
    def test_names(self, name):
        time.sleep(0.001)


def test_plain():
    pass
'''.replace('max_releases="not judged"', "max_hold='300ms'")


@pytest.fixture
def suite(tmp_path):
    """suite(TEXT) writes the tests into the folder that pytest(ARGUMENT...) runs in."""

    def write(text=SUITE):
        (tmp_path / "test_it.py").write_text(text)

    write()
    return write


def run_in(folder, *command, typed=None, **environment):
    path = "%s:%s" % (COMMANDS, os.environ["PATH"])
    return subprocess.run(
        [*map(str, command)], cwd=folder, input=typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=120, env=clean_environment(PATH=path, PYTHONDONTWRITEBYTECODE="1", COLUMNS="80", **environment))


@pytest.fixture
def run_pytest(tmp_path, suite):
    """As on a machine where the plugin is installed."""
    return lambda *arguments, start=("-m", "pytest"), typed=None: run_in(
        tmp_path, sys.executable, *start, "-p", "no:cacheprovider", *arguments, typed=typed, PYTHONPATH=PLUGIN)


@pytest.fixture
def check_pytest(tmp_path, suite):
    """`giltrace check -- pytest`, which finds the plugin by itself."""

    def run(*arguments, options=()):
        found = tmp_path / "found.json"
        result = run_in(tmp_path, BIN, "check", "--format=text", "--format=json:" + str(found), *options,
                        "--", sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments)
        outcomes = json.loads(found.read_text())["outcomes"] if found.exists() else []
        return result, {outcome["name"]: outcome for outcome in outcomes}

    return run


def names_of(outcomes, verdict):
    return {name for name, outcome in outcomes.items() if outcome["verdict"] == verdict}


def check_outcomes(result, outcomes):
    """Of SUITE."""
    assert result.returncode == 1, result.stdout + result.stderr
    assert names_of(outcomes, "worse") == {"test_it.py::test_bad hold", "test_it.py::test_bad_thread wait"}
    assert len(names_of(outcomes, "pass")) == 3 + 2 * 3 and len(outcomes) == 11
    bad, thread = outcomes["test_it.py::test_bad hold"], outcomes["test_it.py::test_bad_thread wait"]
    assert bad["where"] == "test_it.py:%d" % line_of("@pytest.mark.gil(max_hold=\"300ms\")\ndef test_bad")
    assert bad["now"] >= 400e6 and bad["limit"] == 300e6
    assert thread["causes"][0]["function"] == "hold"


def line_of(text):
    return SUITE[:SUITE.index(text)].count("\n") + 1


def test_each_test_is_judged_alone(check_pytest):
    result, outcomes = check_pytest()
    check_outcomes(result, outcomes)
    assert "6 tests have limits on the GIL; giltrace judges them now" in result.stdout
    assert re.search(r"test_it\.py::test_bad hold\n.*test_it\.py:\d+", result.stderr)
    assert re.search(r"test_it\.py::test_bad_thread wait\n +test_it.py:\d+ hold: ", result.stderr)


def test_in_parallel(check_pytest):
    if not importlib.util.find_spec("xdist"):
        pytest.skip("pytest-xdist is not installed")
    check_outcomes(*check_pytest("-n", "2"))


def test_figures_are_those_of_the_region(check_pytest, giltrace, tmp_path):
    result, outcomes = check_pytest(options=["-o", tmp_path / "kept"])
    for test, name, figure in (("test_good", "releases", "releases"), ("test_bad", "hold", "max_ns")):
        report = giltrace("report", tmp_path / "kept", "--format=json", "--region=pytest test_it.py::" + test)
        (process,) = json.loads(report.stdout)["processes"]
        gil = process["gils"][0]
        found = outcomes["test_it.py::%s %s" % (test, name)]
        assert found["now"] == (gil["hold"]["max_ns"] if figure == "max_ns" else gil["releases"])


def test_records_itself(run_pytest, tmp_path):
    good = run_pytest("--gil", "-k", "good", "--gil-format=text", "--gil-format=junit:gil.xml", "--junitxml=own.xml")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "1 passed, 6 deselected" in good.stdout and "Pass: 3 limits kept" in good.stderr
    assert xml.etree.ElementTree.parse(tmp_path / "own.xml").getroot().find("testsuite").get("tests") == "1"
    cases = xml.etree.ElementTree.parse(tmp_path / "gil.xml").getroot().iter("testcase")
    assert {case.get("name") for case in cases} == {
        "test_it.py::test_good " + figure for figure in ("hold (max)", "releases (min)", "wait_share (max)")}
    bad = run_pytest("--gil", "-k", "test_bad", "--gil-repeat=2")
    assert bad.returncode == 1 and bad.stdout.count("2 passed, 5 deselected") == 2 and "2 runs" in bad.stderr


@pytest.mark.parametrize("name", ["py.test", "pytest-3", "py.test-3"])
def test_launchers_of_debian(run_pytest, suite, tmp_path, name):
    suite("import pytest\n\n\n@pytest.mark.gil(min_releases=0)\ndef test_it():\n    pass\n")
    (tmp_path / name).write_text("import sys\n\nimport pytest\n\nsys.exit(pytest.main())\n")
    result = run_pytest("--gil", start=(name,))
    assert result.returncode == 0 and "Pass: 1 limit kept" in result.stderr, result.stdout + result.stderr


def test_debugger_reads_standard_input(run_pytest, suite, tmp_path):
    (tmp_path / "conftest.py").write_text("print('said once')\n")
    suite("import pytest\n\n\n@pytest.mark.gil(min_releases=0)\ndef test_it():\n    breakpoint()\n    assert True\n")
    result = run_pytest("--gil", typed="p 'read' * 3\ncontinue\n")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "readreadread" in result.stdout and "1 passed" in result.stdout
    assert result.stdout.count("said once") <= 1


def test_a_failing_test_suite_is_no_pass(check_pytest, suite):
    suite(SUITE + "\n\ndef test_fails():\n    assert False\n")
    result, outcomes = check_pytest("-k", "good or fails")
    assert result.returncode == 2 and "the program failed: it ended with status 1" in re.sub(r"\s+", " ", result.stderr)
    assert not names_of(outcomes, "pass")


@pytest.mark.parametrize("end", [
    "os._exit(0)",
    "os.execl('/bin/true', 'true')",
    "ctypes.CDLL(None).exit(0)",
    "threading.Thread(target=os._exit, args=(0,)).start(); time.sleep(60)",
])
def test_a_test_that_ends_its_process_is_no_pass(check_pytest, suite, end):
    """Whatever was seen of it by then. One that is over by then has passed."""
    suite(SUITE + "\n\n@pytest.mark.gil(max_hold='100s')\ndef test_zz_ends():\n    import os\n    %s\n" % end)
    result, outcomes = check_pytest("-k", "good or ends")
    assert result.returncode == 2, result.stdout + result.stderr
    assert names_of(outcomes, "unknown") == {"test_it.py::test_zz_ends hold"}
    assert len(names_of(outcomes, "pass")) == 3
    assert "test_zz_ends' was not left before its process ended" in re.sub(r"\s+", " ", result.stderr)


def test_without_marks_there_is_nothing_to_judge(check_pytest):
    result, outcomes = check_pytest("-k", "plain")
    assert result.returncode == 2 and "there is no rule" in result.stderr
    assert " GIL " not in result.stdout


def test_not_recorded(run_pytest):
    skipped = run_pytest("-rs")
    assert skipped.returncode == 0 and "1 passed, 6 skipped" in skipped.stdout
    assert "the GIL is not recorded; it is by 'pytest --gil'" in skipped.stdout
    failed = run_pytest("--gil-required")
    assert failed.returncode == 1 and "the GIL is not recorded" in failed.stdout
    assert re.search(r"1 passed.* 6 errors|6 errors.*1 passed|6 failed, 1 passed|1 passed, 6 errors", failed.stdout)


def test_recorded_but_not_judged(giltrace, suite, tmp_path):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "giltrace", "-k", "test_bad"]
    for options, status in (([], 0), (["--gil-required"], 1), (["--gil"], 1)):
        path = tmp_path / "-".join(["trace", *options])
        result = run_in(tmp_path, BIN, "record", "-q", "-o", path, "--", *command, *options, PYTHONPATH=PLUGIN)
        assert result.returncode == status and "but nobody judges it" in re.sub(r"\s+", " ", result.stdout)
    report = giltrace("report", tmp_path / "trace", "--format=json", "--each-region")
    (process,) = json.loads(report.stdout)["processes"]
    assert {region["name"]: region["scope"] for region in process["regions"]} == {
        "pytest test_it.py::test_bad": "process", "pytest test_it.py::test_bad_thread": "process"}


@pytest.mark.parametrize("arguments, words", [
    ("max_hodl='5ms'", "mark.gil has no limit 'max_hodl'; did you mean max_hold"),
    ("colour=1", "mark.gil has no limit 'colour'; there are max_wait_share, "),
    ("max_hold=5", "max_hold of mark.gil is 5, not a duration such as \"5ms\""),
    ("max_hold='soon'", "max_hold of mark.gil is 'soon', not a duration"),
    ("max_wait_share=10", "max_wait_share of mark.gil is 10, not a share such as 0.1 or \"10%\""),
    ("min_releases=1.5", "min_releases of mark.gil is 1.5, not a whole number"),
    ("min_releases=True", "min_releases of mark.gil is True, not a whole number"),
    ("'5ms'", "the limits of mark.gil have names"),
    ("", "mark.gil has no limit; there are "),
])
def test_mistakes(run_pytest, suite, arguments, words):
    suite("import pytest\n\n\n@pytest.mark.gil(%s)\ndef test_it():\n    pass\n" % arguments)
    result = run_pytest("--gil-required")
    assert result.returncode == 4
    assert "test_it.py::test_it: " in result.stderr and words in result.stderr


def test_marks_of_others_are_left_alone(run_pytest, suite):
    suite("import pytest\n\n\n@pytest.mark.gil\ndef test_it():\n    pass\n\n\n"
          "@pytest.mark.gil('of another plugin', colour=1)\ndef test_other():\n    pass\n")
    result = run_pytest()
    assert result.returncode == 0 and "2 passed" in result.stdout, result.stdout + result.stderr


def test_units_as_written_are_understood(check_pytest, suite):
    suite("import pytest\n\n\nclass Share(float):\n    def __repr__(self):\n        return 'np.float64(1.0)'\n\n\n"
          "@pytest.mark.gil(max_wait_share='90 %', max_hold='1.5s', max_wait='250 us', max_waits=100, "
          "max_forced_releases=10, min_held_share=0, max_held_share=Share(1))\ndef test_it():\n    pass\n")
    result, outcomes = check_pytest()
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(outcomes) == 6 and "Pass: 7 limits kept" in result.stderr


def test_needs_the_command(run_pytest, tmp_path, suite):
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    (copy / "giltrace.py").write_text((PLUGIN / "giltrace.py").read_text())
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "giltrace", "--gil"], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        env=clean_environment(PATH="/nowhere", PYTHONPATH=copy))
    assert result.returncode == 4 and "needs the command giltrace, which is not on PATH" in result.stderr


def test_every_python_understands_it(python):
    source = ROOT / "analysis/pytest/giltrace.py"
    subprocess.run([python.path, "-c", "compile(open(%r).read(), 'giltrace.py', 'exec')" % str(source)], check=True)

"""giltrace check: real runs are judged, what cannot be known never passes, and every format is read by a parser of its own."""
import json
import os
import re
import signal
import subprocess
import time
import xml.etree.ElementTree

import pytest

import interpreters
from conftest import BIN, PROGRAMS, clean_environment

# The threads give the GIL up for each digest, or when they are asked to only: a ratio, so that no load of the machine matters.
RULES = """
[[rule]]
figure = "drop_requests_received / acquisitions"
thread = "worker-*"
max = "40%"
name = "workers let go"

[[rule]]
figure = "acquisitions"
min = 40
"""
DIGEST = PROGRAMS / "digest.py"


@pytest.fixture
def config(tmp_path):
    """config(TEXT) -> path of the configuration."""

    def write(text):
        path = tmp_path / "giltrace.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture(scope="module")
def recorded(giltrace, any_python, tmp_path_factory):
    """Recordings of the program as it should be and with the switch."""
    folder = tmp_path_factory.mktemp("recorded")
    for name, options in (("good", []), ("bad", ["--worse", "--count", "10"])):
        result = giltrace("record", "-q", "-o", folder / name, "--", any_python.path, DIGEST, *options)
        assert result.returncode == 0, result.stderr
    return folder


def test_runs_of_an_earlier_check_do_not_mix(giltrace, any_python, config, tmp_path):
    """Where they were kept, fewer runs than before would have left some behind, to be judged with the new ones."""
    rules, runs = config(RULES), tmp_path / "runs"

    def check(*options, program=any_python.path):
        return giltrace("check", "-c", rules, "-o", runs, *options, "--", program, DIGEST)

    def kept():
        return sorted(path.parent.name for path in runs.glob("**/giltrace.json"))

    assert check("-n", 3).returncode == 0
    (runs / "notes.txt").write_text("mine")
    assert kept() == ["1", "2", "3"]
    refused = check("-n", 2)
    assert refused.returncode == 2 and kept() == ["1", "2", "3"]
    assert ("already holds the runs of an earlier check\n  name another one with -o, or replace them with --force\n"
            in refused.stderr)
    assert check("-n", 2, "-f", program="no-such-program").returncode == 2 and kept() == ["1", "2", "3"]
    assert check("-n", 2, "-f").returncode == 0
    assert kept() == ["1", "2"] and (runs / "notes.txt").read_text() == "mine"
    # A single run's recording is the folder itself; several are below it, and the two do not mix.
    (runs / "notes.txt").unlink()
    assert check("-n", 1, "-f").returncode == 0
    assert kept() == ["runs"]
    assert "already holds a recording" in check("-n", 2).stderr and kept() == ["runs"]
    assert check("-n", 2, "-f").returncode == 0
    assert kept() == ["1", "2"]
    # What the user has put there is no run that check may remove.
    (runs / "2").rename(runs / "before")
    refused = check("-n", 2, "-f")
    assert refused.returncode == 2 and "'before', which is no run of an earlier check" in refused.stderr
    assert kept() == ["1", "before"]


def test_no_gil_is_no_pass(giltrace, config):
    found = [one for one in interpreters.find() if one.free_threaded]
    if not found:
        pytest.skip("no free-threaded CPython was found")
    for python in found:
        result = giltrace("check", "-c", config(RULES), "-n", 2, "--", python.path, DIGEST)
        assert result.returncode == 2 and "disabled" in result.stderr


def test_pass_and_regression(giltrace, any_python, config, tmp_path):
    rules = config(RULES)
    good = giltrace("check", "-c", rules, "-n", 2, "--", any_python.path, DIGEST)
    assert (good.returncode, good.stdout) == (0, ""), good.stderr
    assert "Pass: 2 limits kept" in good.stderr
    bad = giltrace("check", "-c", rules, "--format", "json:" + str(tmp_path / "bad.json"),
                   "--", any_python.path, DIGEST, "--worse", "--count", 10)
    found = json.loads((tmp_path / "bad.json").read_text())
    assert bad.returncode == 1, bad.stderr
    assert found["verdict"] == "worse" and found["interpreter"].startswith("CPython 3.")
    worse = found["outcomes"][0]
    assert (worse["verdict"], worse["limit"], worse["name"]) == ("worse", 0.4, "workers let go")
    assert worse["causes"][0]["file"] == str(DIGEST) and worse["causes"][0]["function"] == "digest"


def test_text_fits_and_names_the_line(giltrace, config, recorded):
    result = giltrace("check", recorded / "bad", "--config", config(RULES))
    assert (result.returncode, result.stderr) == (1, "")
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert re.search(r"^workers let go +[\d.]+ % +at most 40.0 % +WORSE\n    digest.py:\d+ digest: others waited ", result.stdout, re.M)
    assert result.stdout.endswith("not kept\n")


def test_saved_reports_and_traces_are_the_same(giltrace, config, recorded, tmp_path):
    saved = tmp_path / "good.json"
    assert giltrace("report", recorded / "good", "-f", "json", "-o", saved).returncode == 0
    rules = config(RULES)
    results = [giltrace("check", path, "-c", rules, "--format", "json") for path in (recorded / "good", saved)]
    assert [result.returncode for result in results] == [0, 0]
    assert results[0].stdout == results[1].stdout
    both = giltrace("check", saved, recorded / "bad", saved, "-c", rules, "--format", "json")
    assert json.loads(both.stdout)["runs"] == 3 and both.returncode == 0  # the median counts


def test_baseline(giltrace, config, recorded, tmp_path):
    good, bad = recorded / "good", recorded / "bad"
    rules = config('[[rule]]\nfigure = "drop_requests_received / acquisitions"\nthread = "worker-*"\nmax_increase = 0.2\n')

    def check(*arguments):
        result = giltrace("check", "-c", rules, *arguments)
        return result.returncode, re.sub(r"\s+", " ", result.stdout + result.stderr)

    status, words = check(good, good, good)
    assert status == 2 and "there is no baseline" in words
    assert "takes at least 3 runs, and this is 2" in check("--update-baseline", good, good)[1]
    status, words = check("--update-baseline", good, good, good)
    assert status == 0 and "giltrace-baseline.json: 1 figures of 3 runs" in words
    path = tmp_path / "giltrace-baseline.json"
    baseline = json.loads(path.read_text())
    assert (baseline["schema"], baseline["runs"], baseline["machine"]) == ("giltrace-baseline/1", 3, None)
    assert check(good, good, good)[0] == 0
    assert check(bad, good, bad)[0] == 1
    status, words = check(good)
    assert status == 2 and "takes at least 3 runs, and there is 1" in words
    for change, wanted in (({"schema": "giltrace-baseline/9"}, "giltrace-baseline/9"), ({"runs": "many"}, "is damaged"),
                           ({"interpreter": "CPython 2.7"}, "the baseline is of CPython 2.7")):
        path.write_text(json.dumps({**baseline, **change}))
        status, words = check(good, good, good)
        assert status == 2 and wanted in words


def test_baseline_of_this_machine(giltrace, any_python, config, tmp_path):
    rules = config('[[rule]]\nfigure = "acquisitions"\nmax_increase = 10\n')
    command = ["--", any_python.path, "-c", "pass"]
    written = giltrace("check", "-c", rules, "-n", 3, "--update-baseline", *command)
    assert written.returncode == 0, written.stderr
    path = tmp_path / "giltrace-baseline.json"
    baseline = json.loads(path.read_text())
    assert baseline["machine"]["cpus"] == len(os.sched_getaffinity(0))
    assert giltrace("check", "-c", rules, *command).returncode == 0
    baseline["machine"]["cpus"] += 1000
    path.write_text(json.dumps(baseline))
    other = giltrace("check", "-c", rules, "-n", 1, *command)
    assert other.returncode == 2 and "another machine" in other.stderr


def test_failed_program_is_no_pass(giltrace, any_python, config, tmp_path):
    path = tmp_path / "new.json"
    result = giltrace("check", "-c", config(RULES), "-n", 3, "--update-baseline", "--baseline", path,
                      "--", any_python.path, DIGEST, "--status", 7)
    assert result.returncode == 2
    assert "the program failed: it ended with status 7 (run 1)" in result.stderr
    assert "the baseline was not written" in result.stderr and not path.exists()


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("end, program, words", [
    ("raise SystemExit(3)", {"exit_status": 3, "signal": None}, "it ended with status 3"),
    ("import os; os.kill(os.getpid(), 15)", {"exit_status": None, "signal": 15},
     "it ended with status 143, as by signal 15"),
])
def test_recording_of_a_failed_program_is_no_pass(
        giltrace, any_python, config, recorded, tmp_path, end, program, words, saved):
    """Nor is the report that was saved of it."""
    failed = tmp_path / "failed"
    giltrace("record", "-q", "-o", failed, "--", any_python.path, "-c", end)
    if saved:
        trace, failed = failed, tmp_path / "failed.json"
        assert giltrace("report", trace, "-f", "json", "-o", failed).returncode == 0
        assert json.loads(failed.read_text())["trace"]["program"] == program
    rules = config('[[rule]]\nfigure = "load"\nmax = 2\n')
    assert giltrace("check", recorded / "good", "-c", rules).returncode == 0
    result = giltrace("check", recorded / "good", failed, "-c", rules)
    assert result.returncode == 2 and words in re.sub(r"\s+", " ", result.stdout)
    result = giltrace("diff", recorded / "good", failed)
    assert result.returncode == 2 and words in re.sub(r"\s+", " ", result.stdout)


def test_report_that_says_nothing_of_the_program(giltrace, config, recorded, tmp_path):
    """An older giltrace's, or one of a session that is nobody's recording."""
    report = json.loads(giltrace("report", recorded / "good", "-f", "json").stdout)
    assert report["trace"]["program"] == {"exit_status": 0, "signal": None}
    rules = config('[[rule]]\nfigure = "load"\nmax = 2\n')
    for number, program in enumerate([{"exit_status": None, "signal": None}, None]):
        report["trace"]["program"] = program
        if not program:
            del report["trace"]["program"]
        path = tmp_path / ("%d.json" % number)
        path.write_text(json.dumps(report))
        assert giltrace("check", path, "-c", rules).returncode == 0


@pytest.mark.parametrize("command, words", [
    (["true"], "no GIL was found;"),
    (["no-such-command"], "no-such-command"),
])
def test_no_gil_is_no_pass(giltrace, config, command, words):
    result = giltrace("check", "-c", config(RULES), "--", *command)
    assert result.returncode == 2 and words in re.sub(r"\s+", " ", result.stderr)


def test_lost_events_are_no_pass(giltrace, config, recorded, tmp_path):
    report = json.loads(giltrace("report", recorded / "good", "-f", "json").stdout)
    report["trace"]["complete"] = False
    report["doubts"].append({"kind": "lost_events", "count": 5, "text": "5 events were lost."})
    path = tmp_path / "lossy.json"
    path.write_text(json.dumps(report))
    result = giltrace("check", path, "-c", config(RULES))
    assert result.returncode == 2 and "Cannot tell: 5 events were lost." in result.stdout


@pytest.mark.parametrize("text, words", [
    ("[[rule]]\nfigure = 'contentoin'\nmax = 1", ["giltrace.toml:1: there is no figure 'contentoin'", "contention?"]),
    ("[[rule]]\nfigure = 'wait.max_ns'\nmax = 5", ["giltrace.toml:3: 'max' of wait.max_ns", "\"5ms\""]),
    ("[[rule]\n", ["giltrace.toml:1: '[[rule' is not closed"]),
    ("", ["there is no rule"]),
])
def test_wrong_configuration(giltrace, config, recorded, text, words):
    result = giltrace("check", recorded / "good", "-c", config(text))
    assert (result.returncode, result.stdout) == (2, "")
    for word in words:
        assert word in result.stderr


def test_missing_and_unreadable(giltrace, config, recorded, tmp_path):
    rules = config(RULES)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text("{}")
    for path in ("empty", "broken.json", "other.json", "nothing"):
        result = giltrace("check", tmp_path / path, "-c", rules)
        assert result.returncode == 2 and path in result.stdout, result.stdout
        assert "Cannot tell: " in re.sub(r"\s+", " ", result.stdout)
    result = giltrace("check", recorded / "good", "-c", tmp_path / "no.toml")
    assert result.returncode == 2 and "cannot open" in result.stderr and "no.toml" in result.stderr
    result = giltrace("check", recorded / "good", cwd=tmp_path / "empty")
    assert result.returncode == 2 and "giltrace.toml" in result.stderr
    result = giltrace("check", recorded / "good", "-c", rules, "--baseline", tmp_path / "no.json")
    assert result.returncode == 2 and "no.json" in result.stderr and "--update-baseline" in result.stderr


@pytest.mark.parametrize("arguments, words", [
    ([], "what is to be judged?"),
    (["--"], "what is to be judged?"),
    (["x", "--", "true"], "stands before --"),
    (["-n", "0", "--", "true"], "is not a number of runs"),
    (["-n", "2", "x"], "traces cannot be repeated"),
    (["-o", "y", "x"], "there is none"),
    (["--format", "html", "x"], "is no format"),
    (["--suggest", "--update-baseline", "x"], "--suggest judges nothing"),
    (["--format", "json:", "x"], "has no name"),
])
def test_wrong_usage(giltrace, arguments, words):
    result = giltrace("check", *arguments)
    assert result.returncode == 2 and words in result.stderr and result.stdout == ""


def test_formats(giltrace, config, recorded, tmp_path):
    names = ("json", "junit", "markdown", "github", "gitlab", "text")
    wanted = [argument for name in names for argument in ("--format", "%s:%s" % (name, tmp_path / name))]
    result = giltrace("check", recorded / "bad", "-c", config(RULES), *wanted, cwd=PROGRAMS)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")
    found = json.loads((tmp_path / "json").read_text())
    worst = found["outcomes"][0]["causes"][0]
    suite = xml.etree.ElementTree.parse(tmp_path / "junit").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert "digest.py:%d" % worst["line"] in suite.find("testcase/failure").text
    assert (tmp_path / "github").read_text().startswith(
        "::error file=digest.py,line=%d,title=GIL%%3A workers let go::" % worst["line"])
    (issue,) = json.loads((tmp_path / "gitlab").read_text())
    assert issue["location"] == {"path": "digest.py", "lines": {"begin": worst["line"]}}
    markdown = (tmp_path / "markdown").read_text()
    assert "| workers let go |" in markdown and "digest.py:%d" % worst["line"] in markdown


def test_what_the_environment_of_a_ci_asks_for(giltrace, config, recorded, tmp_path):
    rules, summary = config(RULES), tmp_path / "summary.md"
    summary.write_text("before\n")
    github = giltrace("check", recorded / "bad", "-c", rules, cwd=tmp_path, env=clean_environment(
        GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=summary, GITHUB_WORKSPACE=PROGRAMS))
    assert github.returncode == 1 and "\n::error file=digest.py,line=" in github.stdout
    assert summary.read_text().startswith("before\n### :x: GIL: ")
    assert giltrace("check", recorded / "bad", "-c", rules, cwd=tmp_path,
                    env=clean_environment(GITLAB_CI="true", CI_PROJECT_DIR=PROGRAMS)).returncode == 1
    (issue,) = json.loads((tmp_path / "gl-code-quality-report.json").read_text())
    assert issue["location"]["path"] == "digest.py"


def test_rules_of_the_test_suite(giltrace, any_python, tmp_path):
    script = tmp_path / "suite.py"
    script.write_text(
        "import os\n"
        "with open(os.environ['GILTRACE_CHECK_RULES'], 'a') as rules:\n"
        "    rules.write('[[rule]]\\nname = \"mine\"\\nfigure = \"acquisitions\"\\nmin = 1\\nat = \"suite.py:1\"\\n')\n")
    result = giltrace("check", "-n", 2, "--", any_python.path, script, cwd=tmp_path)
    assert result.returncode == 0 and "Pass: 1 limit kept" in result.stderr, result.stderr
    assert not list(tmp_path.glob("giltrace-rules-*"))
    result = giltrace("check", "--", any_python.path, "-c", "pass", cwd=tmp_path)
    assert result.returncode == 2 and "there is no rule" in result.stderr


def test_recordings_are_kept_where_asked(giltrace, any_python, config, tmp_path):
    rules = config(RULES)
    command = ["--", any_python.path, DIGEST]
    assert giltrace("check", "-c", rules, "-n", 2, "-o", tmp_path / "kept", *command).returncode == 0
    again = giltrace("check", "-c", rules, tmp_path / "kept" / "1", tmp_path / "kept" / "2")
    assert again.returncode == 0 and "2 runs" in again.stdout


def test_proposed_rules(giltrace, any_python, recorded, tmp_path):
    """They hold for the program as it is, and not with the switch."""
    path = tmp_path / "proposed.toml"
    command = ["--", any_python.path, DIGEST]
    result = giltrace("check", "--suggest=%s" % path, "-n", 6, "-o", tmp_path / "runs", *command)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert "3 runs, then 3 with %d other processes" % len(os.sched_getaffinity(0)) in result.stderr
    text = path.read_text()
    assert 'thread = "worker-*"' in text and "\nrepeat = 3\n" in text
    for number in range(1, 7):
        one = giltrace("check", "-c", path, tmp_path / "runs" / str(number))
        assert one.returncode == 0, one.stdout
    worse = giltrace("check", "-c", path, recorded / "bad")
    assert worse.returncode == 1, worse.stdout
    again = giltrace("check", "--suggest", tmp_path / "runs")
    assert (again.returncode, again.stdout) == (0, text)
    few = giltrace("check", "--suggest", recorded / "good")
    assert few.returncode == 2 and "at least 5 runs" in few.stderr
    failing = giltrace("check", "--suggest", *command, "--status", 4)
    assert failing.returncode == 2 and failing.stdout == "" and "ended with status 4" in failing.stderr


def test_interrupt(config, any_python, tmp_path):
    """Ctrl-C ends it without a verdict, and nothing is left behind."""
    ready = tmp_path / "ready"
    script = "import pathlib, time; pathlib.Path(%r).touch(); time.sleep(60)" % str(ready)
    process = subprocess.Popen(
        [BIN, "check", "-c", config(RULES), "-n", "3", "--", any_python.path, "-c", script],
        env=clean_environment(TMPDIR=tmp_path), stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not ready.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2 and "the program failed" in stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("giltrace-")] == []


def test_interrupt_that_the_program_survives(config, any_python, tmp_path):
    """A run that Ctrl-C cut short is not judged, and no other follows, although the program ended well."""
    ready = tmp_path / "ready"
    script = """
import time
try:
    with open(%r, "a") as ready:
        ready.write("run ")
    time.sleep(60)
except KeyboardInterrupt:
    pass
""" % str(ready)
    process = subprocess.Popen(
        [BIN, "check", "-c", config(RULES), "-n", "3", "--", any_python.path, "-c", script],
        env=clean_environment(TMPDIR=tmp_path), stderr=subprocess.PIPE, text=True, start_new_session=True)
    while process.poll() is None and not (ready.exists() and ready.read_text()):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2 and "nothing was judged" in stderr, stderr
    assert ready.read_text() == "run "


def test_every_run_has_the_same_limit_of_files(config, any_python):
    """What giltrace needs for its own reading is not handed down to the next run."""
    script = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    result = subprocess.run(
        ["sh", "-c", 'ulimit -S -n 512 && exec "$@"', "sh", BIN, "check", "-c", config('[[rule]]\nfigure = "load"\nmax = 2\n'),
         "-n", "2", "--", any_python.path, "-c", script], env=clean_environment(), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["512", "512"]

"""giltrace diff: real runs with and without the switch that makes them worse; what cannot be told, and what is wrong."""
import json

import pytest

from conftest import PROGRAMS

RUNS = 5


@pytest.fixture(scope="module")
def sets(giltrace, any_python, tmp_path_factory):
    """Folders with RUNS recordings each: of the program as it should be, and with the switch."""
    folder = tmp_path_factory.mktemp("sets")
    for name, options in (("good", []), ("bad", ["--worse"])):
        for number in range(RUNS):
            result = giltrace("record", "-q", "-o", folder / name / str(number), "--", any_python.path,
                              PROGRAMS / "digest.py", "--count", 10, *options)
            assert result.returncode == 0, result.stderr
    return folder


def figures(found):
    return {figure["figure"]: figure for figure in found["groups"][0]["figures"]}


def test_worse(giltrace, sets):
    result = giltrace("diff", sets / "good", sets / "bad", "-f", "json")
    assert (result.returncode, result.stderr) == (1, "")
    found = json.loads(result.stdout)
    assert found["verdict"] == "worse" and found["can_tell"]
    assert found["before"]["runs"] == found["after"]["runs"] == RUNS
    received = [figure for group in found["groups"] if group["title"] == "worker-0"
                for figure in group["figures"] if figure["figure"] == "held_ns"]
    assert received[0]["change"] == "more" and received[0]["probability"] < 0.01
    assert found["sites"][0]["function"] == "digest" and found["sites"][0]["runs_before"] == 0
    # The medians are those of the reports.
    loads = sorted(json.loads(giltrace("report", sets / "bad" / str(i), "-f", "json").stdout)
                   ["processes"][0]["gils"][0]["load"] for i in range(RUNS))
    assert figures(found)["load"]["after"] == pytest.approx(loads[RUNS // 2])


def test_text(giltrace, sets):
    result = giltrace("diff", sets / "good", sets / "bad")
    assert max(map(len, result.stdout.splitlines())) <= 80
    for word in ("before: 5 runs", "\ncontention ", "\nThreads\n", "\nLines\n", " appeared\n", "\nWorse: "):
        assert word in result.stdout
    folder = sets / "text"
    assert giltrace("diff", sets / "good", sets / "bad", "-o", folder).returncode == 1
    assert folder.read_text() == result.stdout


def test_lines_that_were_not_recorded(giltrace, any_python, sets, tmp_path):
    """Of one side nobody knows the lines: none has appeared there, and none is 0."""
    for number in range(RUNS):
        result = giltrace("record", "-q", "--no-sites", "-o", tmp_path / "off" / str(number), "--", any_python.path,
                          PROGRAMS / "digest.py", "--count", 10, "--worse")
        assert result.returncode == 0, result.stderr
    result = giltrace("diff", tmp_path / "off", sets / "bad", "-f", "json")
    found = json.loads(result.stdout)
    (line,) = [site for site in found["sites"] if site["function"] == "digest"][:1]
    assert line["runs_before"] is None and line["runs_after"] == RUNS
    assert line["blocked"]["before"] is None and line["blocked"]["after"] > 0
    assert {site[key]["change"] for site in found["sites"] for key in ("blocked", "held")} == {"unknown"}
    text = giltrace("diff", tmp_path / "off", sets / "bad").stdout
    (row,) = [row for row in text.splitlines() if row.startswith("digest.py:") and " digest " in row][:1]
    assert row.endswith("not known") and row.split()[2] == "?"
    assert "appeared" not in text and "grew" not in text


def test_equal_sets_are_the_same(giltrace, sets):
    result = giltrace("diff", sets / "bad", sets / "bad", "-f", "json")
    assert result.returncode == 0
    assert all(figure["change"] in ("same", "noise", "unknown") and figure["probability"] == 1
               for figure in figures(json.loads(result.stdout)).values())


def test_single_runs_cannot_tell(giltrace, sets):
    result = giltrace("diff", sets / "good" / "0", sets / "bad" / "0")
    assert result.returncode == 2 and "Cannot tell a change from noise with 1 and 1 runs" in result.stdout
    sides = [sets / "good" / str(i) for i in range(4)], [sets / "bad" / str(i) for i in range(5)]
    result = giltrace("diff", *sides[0], "--", *sides[1])
    assert result.returncode == 2 and "with 4 and 5 runs" in result.stdout
    result = giltrace("diff", *sides[0], sets / "good" / "4", "--", *sides[1])
    assert result.returncode == 1


def test_wrong_paths(giltrace, sets, tmp_path):
    (tmp_path / "broken.json").write_text("[1]")
    for path, words in ((tmp_path / "nothing", "nothing"), (tmp_path, "no"), (tmp_path / "broken.json", "is no report")):
        result = giltrace("diff", sets / "good", path)
        assert result.returncode == 2 and words in result.stdout and "Cannot tell" in result.stdout


@pytest.mark.parametrize("arguments", [[], ["a"], ["a", "b", "c"], ["--", "a"], ["a", "--"], ["a", "b", "-f", "html"]])
def test_wrong_usage(giltrace, arguments):
    result = giltrace("diff", *arguments)
    assert result.returncode == 2 and "--help" in result.stderr and result.stdout == ""

"""What `giltrace check` writes for machines, read by parsers and a renderer that are not ours, and held against what they document."""
import json
import re
import subprocess

import pytest

from conftest import PROGRAMS

NAME = "workers | let <go> & \"stay\" 100% *away* `x` \u00fc\u4e2d, ::[a](b)"
RULES = """
[[rule]]
figure = "drop_requests_received / acquisitions"
thread = "worker-*"
max = "40%%"
name = %s

[[rule]]
figure = "acquisitions"
min = 1

[[rule]]
figure = "wait.max_ns"
thread = "no-such-thread"
max = "5ms"
""" % json.dumps(NAME, ensure_ascii=False)

# https://docs.gitlab.com/ci/testing/code_quality/: what a report that GitLab shows has to have.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)."},
                    "lines": {
                        "type": "object", "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

CHECK = {
    "type": "object",
    "required": ["schema", "verdict", "summary", "refusal", "runs", "interpreter", "outcomes"],
    "properties": {
        "schema": {"const": "giltrace-check/1"},
        "verdict": {"enum": ["pass", "worse", "unknown"]},
        "runs": {"type": "integer", "minimum": 0},
        "outcomes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "figure", "unit", "limit_kind", "verdict", "now", "values", "where", "causes"],
                "properties": {
                    "verdict": {"enum": ["pass", "worse", "unknown"]},
                    "limit_kind": {"enum": ["max", "min", "max_increase", "max_decrease"]},
                    "unit": {"enum": ["ns", "share", "count", "number"]},
                    "now": {"type": ["number", "null"]},
                    "values": {"type": "array", "items": {"type": "number"}},
                    "causes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["file", "line", "function", "text"],
                            "properties": {"line": {"type": "integer", "minimum": 0}},
                        },
                    },
                },
            },
        },
    },
}

FORMATS = ("json", "junit", "markdown", "github", "gitlab")


@pytest.fixture(scope="module")
def found(giltrace, any_python, tmp_path_factory):
    """The path of each format."""
    folder = tmp_path_factory.mktemp("formats")
    (folder / "giltrace.toml").write_text(RULES)
    recorded = giltrace("record", "-q", "-o", folder / "bad", "--",
                        any_python.path, PROGRAMS / "digest.py", "--worse", "--count", "10")
    assert recorded.returncode == 0, recorded.stderr
    wanted = ["--format=%s:%s" % (name, folder / name) for name in FORMATS]
    result = giltrace("check", folder / "bad", "-c", folder / "giltrace.toml", *wanted, cwd=PROGRAMS)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")
    return {name: folder / name for name in FORMATS}


def test_json(found):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(json.loads(found["json"].read_text()), CHECK)


def test_gitlab(found):
    jsonschema = pytest.importorskip("jsonschema")
    issues = json.loads(found["gitlab"].read_text())
    jsonschema.validate(issues, GITLAB)
    assert [issue["severity"] for issue in issues] == ["major", "minor"]
    assert len({issue["fingerprint"] for issue in issues}) == 2


def test_junit(found):
    junitparser = pytest.importorskip("junitparser")
    (suite,) = junitparser.JUnitXml.fromfile(str(found["junit"]))
    cases = list(suite)
    assert (suite.tests, suite.failures, suite.errors) == (3, 1, 1) and len(cases) == 3
    results = {case.name: [type(one).__name__ for one in case.result] for case in cases}
    assert results == {
        NAME + " (max)": ["Failure"], "acquisitions (min)": [],
        "wait.max_ns, thread no-such-thread (max)": ["Error"],
    }


def test_markdown(found, need):
    """As GitHub renders it."""
    need("cmark-gfm")
    html = pytest.importorskip("lxml.html")
    text = subprocess.run(
        ["cmark-gfm", "-e", "table", "-e", "autolink", "-e", "tagfilter", "-e", "strikethrough", found["markdown"]],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    page = html.fromstring("<div>%s</div>" % text)
    (table,) = page.iter("table")
    rows = [[cell.text_content() for cell in row] for row in table.iter("tr")]
    assert [len(row) for row in rows] == [6] * 4
    assert [row[0] for row in rows[1:]] == [NAME, "acquisitions", "wait.max_ns, thread no-such-thread"]
    items = [item.text_content() for item in page.iter("li")]
    assert items[0].startswith(NAME + ": ") and any("digest.py:" in item for item in items)
    assert page.findall("p")[-1].text_content().startswith("1 run, CPython ")
    assert not list(page.iter("a")) and not list(page.iter("em")) and not list(page.iter("code"))


def test_github(found):
    """As the runner takes a line apart: ::command key=value,...::message, and what is escaped in both."""

    def plain(text, escapes):
        for code, character in escapes:
            text = text.replace(code, character)
        return text.replace("%25", "%")

    newlines = [("%0D", "\r"), ("%0A", "\n")]
    seen = []
    for line in found["github"].read_text().splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match, line
        properties = dict(one.split("=", 1) for one in match[2].split(","))
        assert set(properties) == {"file", "line", "title"} and int(properties["line"]) > 0
        seen.append((plain(properties["title"], [*newlines, ("%3A", ":"), ("%2C", ",")]), plain(match[3], newlines)))
    assert [title for title, _ in seen] == ["GIL: " + NAME, "GIL: wait.max_ns, thread no-such-thread"]
    assert "\ndigest.py:" in seen[0][1] and " %, and has to be at most 40.0 %" in seen[0][1]

"""
Limits on Python's GIL as marks on tests, for pytest:

    @pytest.mark.gil(max_wait_share=0.1, max_hold="5ms", min_releases=1)
    def test_resize(): ...

`pytest --gil`, or `giltrace check -- pytest`, records the test run and judges each of
these tests alone, by what all threads of its process did while its function ran. The
tests hand their limits over in the file that GILTRACE_CHECK_RULES names, and mark
where they begin and end with functions of the preloaded libgiltrace.so.
"""
import ctypes
import difflib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

RULES_VARIABLE = "GILTRACE_CHECK_RULES"
NAME_BYTES = 500  # of a region, less than libgiltrace.so copies

# Argument of the mark without max_ or min_ -> figure of the report, kind of its value.
FIGURES = {
    "wait_share": ("contention", "share"),
    "held_share": ("utilization", "share"),
    "hold": ("hold.max_ns", "duration"),
    "wait": ("wait.max_ns", "duration"),
    "releases": ("releases", "count"),
    "forced_releases": ("forced_releases", "count"),
    "waits": ("contended_acquisitions", "count"),
}
ARGUMENTS = [limit + "_" + name for name in FIGURES for limit in ("max", "min")]
KINDS = {
    "share": 'a share such as 0.1 or "10%"',
    "duration": 'a duration such as "5ms"',
    "count": "a whole number",
}
PATTERNS = {"share": r"[0-9]+(\.[0-9]+)? ?%", "duration": r"[0-9]+(\.[0-9]+)? ?(ns|us|ms|s|m|h)"}

MARK_HELP = (
    "gil(max_wait_share=0.1, max_hold='5ms', min_releases=1, ...): limits on what the GIL may cost in this test, "
    "judged by giltrace. wait_share: part of its time in which a thread waits for the GIL; held_share: in which one "
    "has it; hold, wait: the longest; releases, forced_releases, waits: how many. Each with max_ or min_."
)
LAUNCHERS = r"(pytest|py\.test)(-3)?|pytest\.py|__main__\.py"  # -3: of Debian

NOT_RECORDED = "the GIL is not recorded; it is by 'pytest --gil' or 'giltrace check -- pytest'"
NOT_JUDGED = "the GIL is recorded, but nobody judges it; 'giltrace check -- pytest' does"


def pytest_addoption(parser):
    group = parser.getgroup("giltrace", "limits on Python's GIL (giltrace)")
    group.addoption(
        "--gil", action="store_true",
        help="record this test run with giltrace and judge the tests that are marked with gil")
    group.addoption(
        "--gil-required", action="store_true",
        help="tests that are marked with gil fail, and are not skipped, where nobody judges them")
    group.addoption(
        "--gil-repeat", metavar="N", type=int, help="with --gil: run everything N times; the median counts")
    group.addoption(
        "--gil-format", metavar="FORMAT[:FILE]", action="append", default=[],
        help="with --gil: the findings as text, json, junit, markdown, github or gitlab; see giltrace-check(1)")


def pytest_configure(config):
    config.addinivalue_line("markers", MARK_HELP)
    config.pluginmanager.register(Limits(config), "giltrace-limits")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if config.option.gil and not is_recorded() and not getattr(config.option, "help", False):
        record_instead(config)


def is_recorded():
    return marks_of_library() is not None


def marks_of_library():
    """The functions that begin and end a region of all threads; None where the library is not preloaded."""
    library = ctypes.PyDLL(None)
    try:
        functions = library.giltrace_begin_all, library.giltrace_end_all
    except AttributeError:
        return None
    for function in functions:
        function.argtypes, function.restype = [ctypes.c_char_p], None
    return functions


def record_instead(config):
    """This same command once more, in this process, under giltrace."""
    if os.environ.get(RULES_VARIABLE):
        raise pytest.UsageError(
            "giltrace did not get into this Python, %s: 'giltrace doctor -- %s' says why" % ((sys.executable,) * 2))
    command = [find_giltrace(), "check"]
    if config.option.gil_repeat is not None:
        command.append("--repeat=%d" % config.option.gil_repeat)
    command += ["--format=" + one for one in config.option.gil_format]
    command += ["--", *own_command(config)]
    give_back_streams(config)
    os.execv(command[0], command)


def give_back_streams(config):
    """Standard input and outputs as this pytest found them; what it captured so far is said again by the next one."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture:
        capture.read_global_capture()
        capture.stop_global_capturing()
    sys.stdout.flush()
    sys.stderr.flush()


def find_giltrace():
    beside = pathlib.Path(__file__).resolve().parent.joinpath("../../../bin/giltrace")
    found = str(beside) if beside.exists() else shutil.which("giltrace")
    if not found:
        raise pytest.UsageError("--gil needs the command giltrace, which is not on PATH")
    return found


def own_command(config):
    """How this pytest was started."""
    script = pathlib.Path(sys.argv[0])
    if not re.fullmatch(LAUNCHERS, script.name):
        raise pytest.UsageError("--gil starts pytest anew, which '%s' did not start as a command" % script)
    if hasattr(sys, "orig_argv"):  # from Python 3.10 on
        return [sys.executable, *sys.orig_argv[1:]]
    start = ["-m", "pytest"] if script.name == "__main__.py" else [str(script)]
    return [sys.executable, *subprocess._args_from_interpreter_flags(), *start, *config.invocation_params.args]


class Limits:
    """The marked tests of this run."""

    def __init__(self, config):
        self.required = config.option.gil_required or config.option.gil
        self.rules = os.environ.get(RULES_VARIABLE)
        self.marks = marks_of_library()
        self.strict = bool(self.required or self.marks)

    def pytest_collection_modifyitems(self, items):
        for item in items:
            self.limits_of(item)  # mistakes end the run before any test

    def limits_of(self, item):
        """Where nothing is judged, a mark that is none of this plugin's may be that of others."""
        try:
            return limits_of(item)
        except pytest.UsageError:
            if self.strict:
                raise
            return {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        if not self.limits_of(item) or (self.marks and self.rules):
            return
        reason = NOT_JUDGED if self.marks else NOT_RECORDED
        if self.required:
            pytest.fail(reason, pytrace=False)
        elif not self.marks:
            pytest.skip(reason)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item):
        limits = self.limits_of(item)
        if not limits or not self.marks:
            yield
            return
        name = region_name(item.nodeid)
        if self.rules:
            self.write_rules(item, name, limits)
        begin, end = self.marks
        begin(name.encode())
        yield
        end(name.encode())

    def write_rules(self, item, region, limits):
        path, line, _ = item.location
        rules = "".join(
            rule(item.nodeid, region, argument, value, "%s:%d" % (path, (line or 0) + 1))
            for argument, value in limits.items())
        # At once: the workers of pytest-xdist write to the same file.
        file = os.open(self.rules, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, rules.encode())
        finally:
            os.close(file)

    def pytest_terminal_summary(self, terminalreporter):
        marked = {
            report.nodeid
            for reports in terminalreporter.stats.values() for report in reports
            if getattr(report, "when", None) == "call" and "gil" in report.keywords
        }
        if not marked or not self.marks:
            return
        terminalreporter.section("GIL")
        ends = "1 test has limits" if len(marked) == 1 else "%d tests have limits" % len(marked)
        terminalreporter.line(
            ends + (" on the GIL; giltrace judges them now" if self.rules else ": " + NOT_JUDGED))


def limits_of(item):
    """{argument: value} of all marks of a test; the one that is nearest to it counts."""
    limits = {}
    for mark in item.iter_markers("gil"):
        check_mark(item, mark)
        limits = {**mark.kwargs, **limits}
    return limits


def check_mark(item, mark):
    if mark.args:
        raise pytest.UsageError("%s: the limits of mark.gil have names: %s" % (item.nodeid, "max_hold='5ms'"))
    if not mark.kwargs:
        raise pytest.UsageError("%s: mark.gil has no limit; there are %s" % (item.nodeid, ", ".join(ARGUMENTS)))
    for argument, value in mark.kwargs.items():
        if argument not in ARGUMENTS:
            near = difflib.get_close_matches(argument, ARGUMENTS, 3, 0.5)
            near = "did you mean %s?" % " or ".join(near) if near else "there are %s" % ", ".join(ARGUMENTS)
            raise pytest.UsageError("%s: mark.gil has no limit '%s'; %s" % (item.nodeid, argument, near))
        kind = FIGURES[argument[4:]][1]
        if not is_valid(kind, value):
            raise pytest.UsageError("%s: %s of mark.gil is %r, not %s" % (item.nodeid, argument, value, KINDS[kind]))


def is_valid(kind, value):
    if isinstance(value, str):
        return kind in PATTERNS and re.fullmatch(PATTERNS[kind], value) is not None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return 0 <= value <= 1 if kind == "share" else kind == "count" and isinstance(value, int) and value >= 0


def region_name(nodeid):
    """Unique for each test, and never cut by the library."""
    name = "pytest " + nodeid.encode(errors="backslashreplace").decode()
    if len(name.encode()) <= NAME_BYTES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return name.encode()[:NAME_BYTES - 20].decode(errors="ignore") + "... " + digest


def rule(nodeid, region, argument, value, where):
    limit, figure = argument.split("_", 1)
    pattern = re.sub(r"([\\*?\[\]])", r"\\\1", region)
    lines = {
        "figure": FIGURES[figure][0],
        "region": pattern,
        "whole": True,  # a test that ends the process has not passed
        limit: value.replace(" ", "") if isinstance(value, str) else value,
        "name": "%s %s" % (nodeid, figure),
        "at": where,
    }
    return "[[rule]]\n" + "".join("%s = %s\n" % (key, toml(value)) for key, value in lines.items())


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        number = int if isinstance(value, int) else float
        return number.__repr__(value)  # not that of a subclass, such as NumPy's
    return json.dumps(value.encode(errors="backslashreplace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")

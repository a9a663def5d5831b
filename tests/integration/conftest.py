"""
What the integration tests share. They run the built tools named by the
environment: GILTRACE_BIN (the command) and GILTRACE_LIB (libgiltrace.so); without
it, those of build/. Where that library is built with AddressSanitizer, programs need
its runtime before it: GILTRACE_SANITIZER_RUNTIME.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

pytest.register_assert_rewrite("invariants", "rawtrace")

import interpreters
import invariants
import sessions

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "tests" / "programs"
BIN = os.environ.get("GILTRACE_BIN", str(ROOT / "build" / "bin" / "giltrace"))
BUILT = pathlib.Path(BIN).parent  # of the target programs in C, too
LIB = os.environ.get("GILTRACE_LIB", str(ROOT / "build" / "lib" / "libgiltrace.so"))


def has_terminals():
    """Whether pseudo-terminals can be made; a bare chroot has no /dev/pts."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


needs_terminal = pytest.mark.skipif(not has_terminals(), reason="no pseudo-terminals, /dev/pts is not mounted")


def pytest_configure(config):
    for path in (BIN, LIB):
        if not os.path.exists(path):
            pytest.exit("%s is not there: build first, or set GILTRACE_BIN and GILTRACE_LIB" % path, returncode=1)


def pytest_generate_tests(metafunc):
    """A test that takes `python` runs once on every CPython, one that takes `pypy` on every PyPy."""
    if "python" in metafunc.fixturenames:
        found = interpreters.find()
        metafunc.parametrize("python", found, ids=["%s-%d" % (one, i) for i, one in enumerate(found)])
    if "pypy" in metafunc.fixturenames:
        found = interpreters.find_pypy()
        metafunc.parametrize("pypy", found, ids=["PyPy-%s-%d" % (one, i) for i, one in enumerate(found)])


def clean_environment(**more):
    """The environment for a program under test: nothing of an outer recording, plus `more`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GILTRACE_", "LTTNG_", "LD_PRELOAD"))}
    environment.update({k: str(v) for k, v in more.items()})
    return environment


@pytest.fixture(scope="session", autouse=True)
def session_daemon():
    with sessions.session_daemon():
        yield


@pytest.fixture(scope="session")
def programs():
    """The folder of the target programs."""
    return PROGRAMS


@pytest.fixture(scope="session")
def library():
    """What LD_PRELOAD must have for libgiltrace.so."""
    runtime = os.environ.get("GILTRACE_SANITIZER_RUNTIME")
    return "%s:%s" % (runtime, LIB) if runtime else LIB


@pytest.fixture(scope="session")
def any_python():
    """One interpreter, for tests that are about something else: the newest ordinary one."""
    found = [one for one in interpreters.find() if not (one.debug or one.free_threaded)]
    if not found:
        pytest.fail("no CPython from 3.8 on was found")
    return found[-1]


@pytest.fixture(scope="session")
def giltrace():
    """Runs the built command: giltrace(ARGUMENT...) -> .stdout, .stderr, .returncode."""

    def run(*arguments, timeout=120, env=None, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            [BIN, *map(str, arguments)],
            env=env or clean_environment(),
            text=True,
            errors="replace",
            timeout=timeout,
            **options,
        )

    return run


@pytest.fixture
def record_command(giltrace, tmp_path):
    """Records any command: record_command("prog", "argument") -> path of the trace, what the command printed."""
    numbers = iter(range(1000))

    def run(*command, env=None, status=0):
        path = tmp_path / ("trace-%d" % next(numbers))
        result = giltrace("record", "-o", path, "--", *command, env=env)
        assert result.returncode == status, "giltrace record ended with %d:\n%s%s" % (
            result.returncode, result.stdout, result.stderr)
        return path, result.stdout

    return run


@pytest.fixture
def record(record_command):
    """Records one of tests/programs: record("mixed.py", "--messages", 5, python=P) -> path of the trace."""

    def run(program, *arguments, python=None, env=None, status=0):
        interpreter = python.path if python else sys.executable
        return record_command(interpreter, PROGRAMS / program, *arguments, env=env, status=status)[0]

    return run


@pytest.fixture(scope="session")
def report_json(giltrace):
    """The JSON report of a trace, parsed."""

    def run(trace):
        result = giltrace("report", trace, "--format", "json")
        assert result.returncode == 0, "giltrace report ended with %d:\n%s" % (result.returncode, result.stderr)
        return json.loads(result.stdout)

    return run


@pytest.fixture(scope="session")
def check_invariants():
    return invariants.check_invariants


@pytest.fixture(scope="session")
def need():
    """need("strace") skips the test, and says so, where a tool is missing."""

    def check(*tools):
        for tool in tools:
            if not shutil.which(tool):
                pytest.skip("%s is not installed" % tool)

    return check

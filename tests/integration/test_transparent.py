"""The host must not notice: programs behave the same with and without the shim."""
import functools
import os
import re
import shutil
import signal
import subprocess

import pytest

import interpreters
import sessions
from conftest import PROGRAMS, clean_environment, needs_terminal

EXITS = [
    "return", "exit-0", "exit-3", "exit-text", "exception", "interrupt", "os-exit", "abort", "sigkill",
    "sigterm", "sigterm-handled", "sigsegv", "daemon-threads", "thread-exit",
]
FORKS = [
    "fork", pytest.param("pty", marks=needs_terminal), "mp-fork", "mp-forkserver", "mp-spawn", "subprocess",
    "subprocesses", "exec",
]
OTHERS = [("io_threads.py", "--count", "50"), ("mixed.py", "--messages", "3"), ("names.py",)]


def outcome(command, **environment):
    """What a program shows to the world."""
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        env=clean_environment(**environment),
    )
    return result.returncode, result.stdout, re.sub(r"pid=\d+", "pid=PID", result.stderr.decode(errors="replace"))


@pytest.fixture(scope="module", params=["no session", "session"])
def under_session(request, session_daemon, tmp_path_factory):
    """Nobody records, or a session does."""
    if request.param == "no session":
        yield
        return
    with sessions.session(tmp_path_factory.mktemp("session")):
        yield


@functools.lru_cache(maxsize=None)
def outcome_without(*command):
    """
    Whether a session records then makes no difference. CPython up to 3.11 crashes now and then at
    its end, on a busy machine, when daemon threads still want the GIL; the shim prevents that, so
    it is not what to compare with.
    """
    for _ in range(10):
        expected = outcome(command)
        if command[-1] != "daemon-threads" or expected[0] != -signal.SIGSEGV:
            break
    return expected


def same_with_shim(library, *command):
    command = list(map(str, command))
    expected = outcome_without(*command)
    assert outcome(command, LD_PRELOAD=library) == expected
    return expected


@pytest.mark.parametrize("way", EXITS)
def test_ends(under_session, library, python, way):
    status, stdout, _ = same_with_shim(library, python.path, PROGRAMS / "exits.py", way)
    assert stdout.startswith(b"before\n") or way in ("abort",)
    if way == "sigkill":
        assert status == -signal.SIGKILL
    elif way == "exit-3":
        assert status == 3


@pytest.mark.parametrize("way", FORKS)
def test_forks(under_session, library, python, way):
    status, stdout, _ = same_with_shim(library, python.path, PROGRAMS / "fork.py", way)
    assert status == 0
    assert b"worked: " in stdout


@pytest.mark.parametrize("command", OTHERS, ids=[command[0] for command in OTHERS])
def test_threads(under_session, library, python, command):
    status, _, stderr = same_with_shim(library, python.path, PROGRAMS / command[0], *command[1:])
    assert (status, stderr) == (0, "")


@pytest.mark.parametrize("way", ["fork", "one", "several"])
def test_ends_with_last_thread(under_session, library, python, way):
    """LTTng-UST's threads do not keep a process alive whose own threads have all ended."""
    status, stdout, _ = same_with_shim(library, python.path, PROGRAMS / "last.py", way)
    assert status == 0
    assert stdout.endswith(b"parent: child ended with 0\n" if way == "fork" else b"main thread ends\n")


NOT_PYTHON = {
    "bash": ["bash", "-c", "echo $((6 * 7)); (exit 3); ls / >/dev/null; exit 4"],
    "ls": ["ls", "/"],
    "gcc": ["gcc", "--version"],
}


def system_calls(need, command, log, **preload):
    """The calls that start a thread or process or open a socket, in the order of the alphabet."""
    need("strace")
    variables = [argument for name, value in preload.items() for argument in ("-E", "%s=%s" % (name, value))]
    calls = "trace=clone,clone3,fork,vfork,socket,connect,socketpair"
    subprocess.run(
        ["strace", "-f", "-qq", "-o", str(log), "-e", calls, *variables, "--", *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=clean_environment(), timeout=60,
    )
    return sorted(re.findall(r"^\d+ +(\w+)\(", log.read_text(errors="replace"), re.M))


@pytest.mark.parametrize("name", NOT_PYTHON)
def test_other_programs_pay_nothing(under_session, library, need, tmp_path, name):
    command = NOT_PYTHON[name]
    need(command[0])
    same_with_shim(library, *command)
    expected = system_calls(need, command, tmp_path / "without")
    assert system_calls(need, command, tmp_path / "with", LD_PRELOAD=library) == expected


def test_launcher_script(library, need, tmp_path, any_python):
    """A shell script that execs Python, as pyenv puts on PATH: the script itself pays nothing."""
    launcher = tmp_path / "python3"
    launcher.write_text('#!/bin/sh\nexec "%s" "$@"\n' % any_python.path)
    launcher.chmod(0o755)
    same_with_shim(library, launcher, PROGRAMS / "io_threads.py", "--count", 20)
    log = tmp_path / "log"
    assert system_calls(need, ["sh", "-c", "exit 0"], log, LD_PRELOAD=library) == []


def test_needs_libc_alone(library, need):
    need("readelf")
    dynamic = subprocess.run(["readelf", "-d", library], stdout=subprocess.PIPE, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", dynamic))
    assert needed <= {"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


def test_no_daemon_no_harm(library, any_python, tmp_path):
    """Nobody to talk to: a home without a daemon, and a registration that is not waited for."""
    if os.getuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root has one daemon for all; setpriv is not installed")
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if subprocess.run([*prefix, "test", "-x", any_python.path]).returncode != 0:
            public = [one for one in interpreters.find() if one.path.startswith("/usr/")]
            if not public:
                pytest.skip("no interpreter that another user may run")
            any_python = public[-1]
        reachable = subprocess.run([*prefix, "test", "-r", library, "-a", "-r", str(PROGRAMS)])
        if reachable.returncode != 0:
            pytest.skip("the build tree may not be read by another user")
    else:
        prefix = []
    command = [*prefix, any_python.path, str(PROGRAMS / "io_threads.py"), "--count", "20"]
    expected = outcome(command, HOME=tmp_path, LTTNG_HOME=tmp_path)
    got = outcome(command, HOME=tmp_path, LTTNG_HOME=tmp_path, LD_PRELOAD=library)
    assert got == expected
    assert expected[0] == 0

"""`giltrace top`: in a real terminal, and as text; whatever ends, nothing is left behind."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import pytest

from conftest import BIN, PROGRAMS, clean_environment
from relays import LIMIT, relay, wait_for  # noqa: F401 (a fixture)
from sessions import lttng
from terminals import terminal  # noqa: F401 (a fixture)
from test_attach import children_of, serve  # noqa: F401 (a fixture)

TROUBLE = 125


def of_giltrace(pid):
    """The processes of a giltrace below `pid`, itself included."""
    found = [pid] if pathlib.Path("/proc/%d/exe" % pid).resolve() == pathlib.Path(BIN).resolve() else []
    for child in children_of(pid):
        found += of_giltrace(child)
    return found


def relay_daemons():
    """Those that were started for somebody's top."""
    found = set()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"lttng-relayd" in arguments[0] and any(b"/giltrace-" in one for one in arguments):
            found.add(int(folder.name))
    return found


@pytest.fixture(autouse=True)
def nothing_left(tmp_path, monkeypatch):
    """No session, no relay daemon, no file."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = relay_daemons()
    yield
    wait_for(lambda: relay_daemons() <= before, "the end of the relay daemon")
    assert "giltrace-" not in lttng("list").replace("giltrace-test", "")
    assert list(temporary.iterdir()) == []


def looks(text):
    """What was printed, look by look: {thread: (held, waited, state)}, shares as numbers or None."""
    result = []
    for part in text.split("giltrace top ")[1:]:
        threads = {}
        for line in part.splitlines():
            match = re.match(r"(\S+) +(\?|[<\d.]+ %) +(\?|[<\d.]+ %)(?: +(holds|waits))?", line)
            if match:
                held, waited = (None if one == "?" else float(one.strip("< %")) for one in match.group(2, 3))
                threads[match[1]] = (held, waited, match[4])
        result.append(threads)
    return result


# As text


def test_of_a_command(giltrace, python):
    """Its output stays its own, so does its exit status, and shares are parts of a whole."""
    count = 8000000 if python.debug else 30000000  # for a second or more
    result = giltrace("top", "--batch", "--delay", "0.3", "--", python.path, PROGRAMS / "countdown.py", "--threads", 2,
                      "--count", count)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "counted %d on 2 threads\n" % count
    assert "the command has ended with status 0" in result.stderr
    assert "lost" not in result.stderr and "broke off" not in result.stderr
    seen = looks(result.stderr)
    if python.free_threaded:
        return
    at_work = [threads for threads in seen if threads.get("countdown-1", (0,))[0]]
    assert at_work, result.stderr
    for threads in at_work:
        assert sum(held or 0 for held, _, _ in threads.values()) <= 101
        assert all((held or 0) + (waited or 0) <= 101 for held, waited, _ in threads.values())
        assert sum(state == "holds" for _, _, state in threads.values()) <= 1
    assert any(threads["countdown-1"][1] for threads in at_work)


def test_exit_status_of_the_command(giltrace):
    assert giltrace("top", "--", sys.executable, "-c", "raise SystemExit(3)").returncode == 3
    killed = giltrace("top", "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert killed.returncode == 137
    assert "was ended by signal 9" in killed.stderr
    assert giltrace("top", "--", "no-such-command").returncode == 127
    assert giltrace("top", "--", "/etc/passwd").returncode == 126


def test_of_running_processes(giltrace, serve):  # noqa: F811
    server = serve("--busy", 2, "--workers", 1)
    result = giltrace("top", "--batch", "-n", 4, "--delay", "500ms", "--attach", server.pid)
    assert result.returncode == 0, result.stderr
    assert len(looks(result.stdout)) == 4
    assert {"busy-1", "busy-2", "worker1-1"} <= set(looks(result.stdout)[-1])
    assert "(pid %d)" % server.pid in result.stdout and "(pid %d)" % server.workers[0] in result.stdout
    without = giltrace("top", "--batch", "-n", 2, "--attach", server.pid, "--no-children")
    assert set(looks(without.stdout)[-1]) >= {"busy-1", "busy-2"}
    assert "worker1-1" not in without.stdout
    everything = giltrace("top", "--batch", "-n", 2)
    assert {"busy-1", "busy-2"} <= set(looks(everything.stdout)[-1])
    server.end()


def test_of_somebody_elses_session(giltrace, relay, serve):  # noqa: F811
    session = relay.session()
    session.start()
    viewer = subprocess.Popen([BIN, "top", "--delay", "300ms", session.url], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=clean_environment())
    wait_for(relay.viewers, "the viewer")
    server = serve("--busy", 2)
    printed = ""
    while not ("busy-1" in printed and "busy-2" in printed):
        printed += viewer.stdout.readline()
    session.end()
    out, err = viewer.communicate(timeout=LIMIT)
    assert viewer.returncode == 0 and "the session has ended" in err
    assert giltrace("top", session.url).returncode == TROUBLE
    server.end()


def test_alone_is_not_known(giltrace):
    """While nobody waits there is no telling a thread that computes from one that sleeps: unknown is not 0."""
    count = "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass"
    result = giltrace("top", "--batch", "--delay", "500ms", "--", sys.executable, "-c", count)
    assert result.returncode == 0, result.stderr
    assert any(threads.get("MainThread") == (None, None, None) for threads in looks(result.stderr)), result.stderr
    assert "it is free, or one thread holds it" in result.stderr


def test_target_ends(giltrace, serve):  # noqa: F811
    server = serve("--busy", 1)
    viewer = subprocess.Popen([BIN, "top", "-d", "0.2", "--attach", str(server.pid)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert viewer.stdout.readline().startswith("giltrace top")
    os.kill(server.pid, signal.SIGKILL)
    out, err = viewer.communicate(timeout=LIMIT)
    assert viewer.returncode == 0, err
    assert "the process has ended" in err


def test_no_such_process(giltrace):
    result = giltrace("top", "--attach", 2 ** 22 + 1)
    assert result.returncode == TROUBLE and "there is no process" in result.stderr


@pytest.mark.parametrize("arguments", [
    ("--attach", "1", "true"), ("--delay", "0", "true"), ("-n", "0", "true"), ("--attach", "x"), ("-o", "file"),
    ("--no-children",), ("net://localhost/host/a/b", "more"), ("--delay", "1ms", "true"),
])
def test_mistakes(giltrace, arguments):
    result = giltrace("top", *arguments)
    assert result.returncode == TROUBLE and "giltrace top" in result.stderr


# On a terminal


def computing(until="/nonexistent"):
    """A program with two threads that compute, until there is such a file."""
    return (sys.executable, "-c",
            "import os, threading, time\n"
            "ended = False\n"
            "def work():\n"
            "    while not ended: pass\n"
            "print('it computes', flush=True)\n"
            "threads = [threading.Thread(target=work, name='work-%%d' %% i, daemon=True) for i in (1, 2)]\n"
            "[one.start() for one in threads]\n"
            "while not os.path.exists(%r): time.sleep(0.2)\n"
            "ended = True\n"
            "[one.join() for one in threads]\n"
            "print('it has ended')\n" % str(until))


def test_fits_into_any_terminal(terminal, tmp_path):  # noqa: F811
    end = tmp_path / "end"
    one = terminal(80, 24)
    before = one.settings()
    one.start(BIN, "top", "--", *computing(end))
    one.shows(r"work-1 +\d")
    assert one.in_use()
    head = one.screen()[0]
    assert head.startswith("giltrace top") and "q: quit" in head
    assert "it computes" not in "\n".join(one.screen())
    one.resize(40, 12)
    one.shows(r"thread +held +waited +now +longest\n")
    one.shows(r"work-[12] +[\d.]+ % +[\d.]+ %")
    assert len(one.screen()) <= 13
    one.resize(120, 40)
    one.shows(r"thread +tid +held")
    one.resize(80, 3)
    one.shows(r"and \d+ more lines")
    one.resize(80, 24)
    end.touch()
    assert one.status() == 0
    assert not one.in_use()
    text = "\n".join(one.screen("-S", "-"))
    assert re.search(r"it computes\nit has ended\ngiltrace top", text), text
    assert "the command has ended with status 0" in text
    assert one.settings() == before


def test_colour_only_where_it_is_wanted(terminal):  # noqa: F811
    for environment, colour in (({}, True), ({"NO_COLOR": "1"}, False)):
        one = terminal(80, 24, **environment)
        one.start(BIN, "top", "--", *computing())
        one.shows(r"work-1 +\d")
        assert ("\x1b[" in "\n".join(one.screen("-e"))) == colour
        one.keys("C-c")
        assert one.status() == 130


def test_quitting_leaves_the_command(terminal):  # noqa: F811
    one = terminal()
    before = one.settings()
    one.start(BIN, "top", "--", *computing())
    one.shows(r"work-1 +\d")
    one.keys("q")
    one.shows("the command goes on")
    one.shows("it computes")
    assert not one.in_use() and one.settings() == before
    assert not one.ended()
    assert relay_daemons() == set()
    one.keys("C-c")
    assert one.status() == 130


@pytest.mark.parametrize("key", ["q", "C-c"])
def test_quitting_leaves_what_ran_before(terminal, serve, key):  # noqa: F811
    server = serve("--busy", 2)
    one = terminal()
    before = one.settings()
    one.start(BIN, "top", "--attach", server.pid)
    one.shows(r"busy-1 +\d")
    one.keys("C-z")  # does not stop it: it would leave the terminal as it is
    one.keys(key)
    assert one.status() == 0
    assert not one.in_use() and one.settings() == before
    server.end()


def test_quitting_from_a_relay_daemon_that_does_not_end(terminal, tmp_path):  # noqa: F811
    stubborn = tmp_path / "bin" / "lttng-relayd"
    stubborn.parent.mkdir()
    stubborn.write_text(
        "#!/bin/sh\ntrap '' TERM\nsetpriv --pdeathsig KILL %s \"$@\" &\nwait\n" % shutil.which("lttng-relayd"))
    stubborn.chmod(0o755)
    one = terminal(PATH="%s:%s" % (stubborn.parent, os.environ["PATH"]))
    one.start(BIN, "top", "--", *computing())
    one.shows(r"work-1 +\d")
    one.keys("C-c")
    assert one.status() == 130


def test_is_told_to_end(terminal, serve):  # noqa: F811
    server = serve("--busy", 2)
    one = terminal()
    before = one.settings()
    one.start(BIN, "top", "--attach", server.pid)
    one.shows(r"busy-1 +\d")
    shell = int(one.run("display-message", "-p", "#{pane_pid}"))
    (giltrace,) = of_giltrace(shell)
    os.kill(giltrace, signal.SIGTERM)
    assert one.status() == 0
    assert not one.in_use() and one.settings() == before
    server.end()


def test_command_is_killed(terminal, tmp_path):  # noqa: F811
    one = terminal()
    before = one.settings()
    one.start(BIN, "top", "--output", tmp_path / "output", "--", *computing())
    one.shows(r"work-1 +\d")
    (pid,) = map(int, re.findall(r"\(pid (\d+)\)", "\n".join(one.screen())))
    os.kill(pid, signal.SIGKILL)
    assert one.status() == 137
    one.shows(r"was ended by signal 9")
    one.shows(r"work-1 +\d")
    assert (tmp_path / "output").read_text() == "it computes\n"
    assert not one.in_use() and one.settings() == before


def test_relay_daemon_is_killed(terminal, tmp_path):  # noqa: F811
    """The command does not notice."""
    end = tmp_path / "end"
    one = terminal()
    one.start(BIN, "top", "--", *computing(end))
    one.shows(r"work-1 +\d")
    (daemon,) = relay_daemons()
    os.kill(daemon, signal.SIGKILL)
    one.shows("giltrace: ")
    assert not one.in_use()
    end.touch()
    assert one.status() == 0
    one.shows("it has ended")


def test_is_killed(terminal, serve, tmp_path):  # noqa: F811
    """Its relay daemon ends, and what it recorded is of no use to anybody."""
    server = serve("--busy", 2)
    one = terminal()
    one.start(BIN, "top", "--attach", server.pid)
    one.shows(r"busy-1 +\d")
    shell = int(one.run("display-message", "-p", "#{pane_pid}"))
    (giltrace,) = of_giltrace(shell)
    os.kill(giltrace, signal.SIGKILL)
    wait_for(lambda: not relay_daemons(), "the end of the relay daemon")
    for path in (tmp_path / "temporary").iterdir():
        subprocess.run(["rm", "-r", path], check=True)
    # The next one clears away its session.
    assert subprocess.run([BIN, "top", "-n", "1", "-b", "--attach", str(server.pid)], stdout=subprocess.DEVNULL,
                          env=clean_environment()).returncode == 0
    server.end()

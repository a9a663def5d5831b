"""`giltrace report` of live sessions: what a viewer is sent is what stands on the disk, and no more."""
import json
import signal
import subprocess

import pytest

from conftest import BIN, PROGRAMS, clean_environment
from relays import LIMIT, free_ports, relay, wait_for  # noqa: F401 (a fixture)
from test_attach import serve  # noqa: F401 (a fixture)

TROUBLE = 2


@pytest.fixture
def view(relay):  # noqa: F811
    """Starts a report that looks at a session, and returns when it does."""
    started = []

    def start(session, *arguments):
        one = subprocess.Popen(
            [BIN, "report", session.url, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
        started.append(one)
        wait_for(relay.viewers, "the viewer")
        return one

    yield start
    for one in started:
        one.kill()
        one.communicate()


def run(program, *arguments, python, library):
    subprocess.run(
        [python.path, PROGRAMS / program, *arguments], stdout=subprocess.DEVNULL, check=True,
        env=clean_environment(LD_PRELOAD=library))


def test_is_what_stands_on_the_disk(relay, view, report_json, any_python, library):  # noqa: F811
    """Several processes, one after the other and at once, forks included."""
    session = relay.session()
    session.start()
    viewer = view(session, "--format", "json")
    run("mixed.py", python=any_python, library=library)
    run("fork.py", "fork", python=any_python, library=library)
    session.end()
    out, err = viewer.communicate(timeout=LIMIT)
    assert viewer.returncode == 0, err
    live, disk = json.loads(out), report_json(relay.folder)
    assert live["trace"]["path"] == session.url
    seen = [one for one in live["processes"] if one["command"].partition(" ")[2].startswith(str(PROGRAMS))]
    written = {one["pid"]: one for one in disk["processes"]}
    assert len(seen) >= 3
    for process in seen:
        assert process == written[process["pid"]]


def test_ctrl_c_reports_on_what_has_come(relay, view, serve, any_python):  # noqa: F811
    session = relay.session()
    session.start()
    viewer = view(session, "--format", "json")
    server = serve("--busy", 2, python=any_python.path)
    wait_for(lambda: relay.packets_seen() >= 8, "packets")
    viewer.send_signal(signal.SIGINT)
    out, err = viewer.communicate(timeout=LIMIT)
    assert viewer.returncode == 0, err
    assert "the session goes on" in err
    report = json.loads(out)
    assert not report["trace"]["complete"]
    (process,) = [one for one in report["processes"] if one["pid"] == server.pid]
    assert process["gils"][0]["acquisitions"] > 0
    session.end()
    server.end()


def test_one_viewer_at_a_time(relay, view, giltrace):  # noqa: F811
    """LTTng's rule."""
    session = relay.session()
    view(session)
    second = giltrace("report", session.url)
    assert second.returncode == TROUBLE
    assert "already a viewer" in second.stderr
    session.end()


def test_nothing_came(relay, view):  # noqa: F811
    session = relay.session()
    viewer = view(session)
    session.end()
    out, err = viewer.communicate(timeout=LIMIT)
    assert (viewer.returncode, out) == (TROUBLE, "")
    assert "no event of giltrace came" in err and "before the session is started" in err


def test_no_such_session(relay, giltrace):  # noqa: F811
    result = giltrace("report", relay.host + "/host/a/b")
    assert (result.returncode, result.stdout) == (TROUBLE, "")
    assert "the relay daemon has none" in result.stderr
    session = relay.session()
    for url in (session.url + "-not", relay.host, relay.host + "/host/", session.url + "/more"):
        result = giltrace("report", url)
        assert result.returncode == TROUBLE
        assert session.url in result.stderr.splitlines()[1], result.stderr
    session.end()


def test_no_relay_daemon(giltrace):
    result = giltrace("report", "net://127.0.0.1:%d/host/a/b" % free_ports(1)[0])
    assert result.returncode == TROUBLE
    assert "no LTTng relay daemon answers" in result.stderr and "--live-port" in result.stderr


@pytest.mark.parametrize("command", ["report", "top"])
@pytest.mark.parametrize("url", ["net://", "net:///host/a/b"])
def test_no_host(giltrace, command, url):
    result = giltrace(command, url)
    assert result.returncode in (TROUBLE, 125)
    assert "is no live session" in result.stderr and "net://HOST" in result.stderr


def test_relay_daemon_is_killed(relay, view, serve, any_python):  # noqa: F811
    """What came before is reported, and that it broke off is said."""
    session = relay.session()
    session.start()
    viewer = view(session, "--format", "json")
    serve("--busy", 2, python=any_python.path)
    wait_for(lambda: relay.packets_seen() >= 8, "packets")
    relay.process.kill()
    out, err = viewer.communicate(timeout=LIMIT)
    assert viewer.returncode == 0, err
    assert "broken off" in err
    assert not json.loads(out)["trace"]["complete"]
    session.abandon()

"""A relay daemon of LTTng as the tests need it, and live sessions through it."""
import contextlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid

import pytest

from conftest import LIB, clean_environment
from sessions import lttng

LIMIT = 30  # seconds that anything here may take


def free_ports(count):
    """Numbers that nobody listens at."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(condition, what):
    """Polls for what cannot be waited for."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError("waited in vain for " + what)


class Relay:
    """Writes what it gets into `folder` and what it does into `log`."""

    def __init__(self, folder):
        if not shutil.which("lttng-relayd"):
            pytest.skip("lttng-relayd is not installed")
        self.folder = folder / "relayed"
        self.folder.mkdir()
        self.log = folder / "relayd.log"
        self.control, self.data, self.live = free_ports(3)
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["lttng-relayd", "-vvv", "--output", self.folder]
                + ["--%s-port=tcp://127.0.0.1:%d" % (kind, getattr(self, kind))
                   for kind in ("control", "data", "live")],
                stdout=log, stderr=log)
        wait_for(self.answers, "the relay daemon")
        self.host = "net://127.0.0.1:%d" % self.live

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        with contextlib.suppress(ConnectionRefusedError):
            for port in (self.control, self.data, self.live):
                socket.create_connection(("127.0.0.1", port)).close()
            return True

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT)

    def session(self):
        return LiveSession(self)

    def viewers(self):
        """Of all sessions together."""
        text = subprocess.run(
            ["babeltrace2", "query", "source.ctf.lttng-live", "sessions", "-p", 'url="%s"' % self.host],
            stdout=subprocess.PIPE, text=True, check=True).stdout
        return sum(map(int, re.findall(r"client-count: (\d+)", text)))

    def packets_seen(self):
        """Packets with events that were sent to viewers."""
        return len(re.findall(r"Sent \d+ bytes for stream.*viewer_get_packet", self.log.read_text()))


class LiveSession:
    """Of giltrace's events, of every program of this user. Not started yet."""

    def __init__(self, relay):
        self.name = "giltrace-test-" + uuid.uuid4().hex[:12]
        # What babeltrace2 can read live as giltrace asks it to; older ones write nothing else.
        form = ["--trace-format=ctf-1.8"] if "--trace-format" in lttng("create", "--list-options") else []
        lttng("create", self.name, "--live=50000", *form,
              "--set-url=net://127.0.0.1:%d:%d" % (relay.control, relay.data))
        lttng("enable-channel", "--userspace", "--session=" + self.name, "--subbuf-size=1M", "channel")
        lttng("enable-event", "--userspace", "--session=" + self.name, "--channel=channel", "giltrace:*")
        self.started = False
        self.url = "%s/host/%s/%s" % (relay.host, socket.gethostname(), self.name)

    def start(self):
        """
        Returns when all that describes the events is with the relay daemon: a viewer of
        babeltrace2's that comes while that is on its way can fail.
        """
        lttng("start", self.name)
        self.started = True
        subprocess.run([sys.executable, "-c", "pass"], env=clean_environment(LD_PRELOAD=LIB), check=True)
        lttng("stop", self.name)
        lttng("start", self.name)

    def end(self):
        """Returns when everything is with the relay daemon, and viewers are told of the end."""
        if self.started:
            lttng("stop", self.name)
        lttng("destroy", self.name)

    def abandon(self):
        """Whose relay daemon is gone."""
        lttng("destroy", "--no-wait", self.name)


@pytest.fixture
def relay(session_daemon, tmp_path):
    one = Relay(tmp_path)
    yield one
    one.end()

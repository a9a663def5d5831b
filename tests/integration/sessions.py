"""LTTng as the tests need it: a session daemon that answers, and sessions of their own."""
import contextlib
import fcntl
import itertools
import os
import select
import signal
import subprocess
import uuid


def lttng(*arguments):
    """Runs one lttng command, which must succeed. Never starts a daemon."""
    result = subprocess.run(
        ["lttng", "--no-sessiond", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode != 0:
        raise RuntimeError("lttng %s failed:\n%s" % (" ".join(arguments), result.stdout))
    return result.stdout


def daemon_answers():
    result = subprocess.run(["lttng", "--no-sessiond", "list"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return result.returncode == 0


@contextlib.contextmanager
def locked(path, how):
    with open(path, "a") as file:
        fcntl.flock(file, how)
        yield


@contextlib.contextmanager
def session_daemon():
    """
    A session daemon for as long as the block runs. Test runs at the same time
    share it: the first starts one when none answers, the last ends it, and
    nobody ends one that was there before.
    """
    folder = "/dev/shm/giltrace-tests-%d" % os.getuid()  # of a test that is apart: its own
    os.makedirs(folder, mode=0o700, exist_ok=True)
    turn, users, pid_file = (os.path.join(folder, name) for name in ("turn", "users", "sessiond.pid"))

    with open(users, "a") as using:
        with locked(turn, fcntl.LOCK_EX):
            fcntl.flock(using, fcntl.LOCK_SH)
            if not daemon_answers():
                # Without the tests' own preload and output: it outlives the first of them.
                subprocess.run(
                    ["lttng-sessiond", "--daemonize", "--no-kernel", "--pidfile=" + pid_file],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    close_fds=True,
                    check=True,
                )
        try:
            yield
        finally:
            with locked(turn, fcntl.LOCK_EX):
                fcntl.flock(using, fcntl.LOCK_UN)
                end_if_last(using, pid_file)


def end_if_last(using, pid_file):
    """Ends the daemon that a test run started, when no test run uses it any more."""
    try:
        fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with open(pid_file) as file:
            pid = int(file.read())
    except (BlockingIOError, FileNotFoundError, ValueError):
        return
    with contextlib.suppress(ProcessLookupError):
        with open("/proc/%d/comm" % pid) as file:
            if file.read().startswith("lttng-sessiond"):
                end(pid)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(pid_file)


def end(pid):
    """Sends SIGTERM and waits for the end of a process that is not our child."""
    handle = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        select.select([handle], [], [], 10)
    finally:
        os.close(handle)


class Session:
    """A session for giltrace's (or other) events of every program of this user. Not started yet."""

    numbers = itertools.count()

    def __init__(self, output, subbuf_size="1M", num_subbuf=4, events="giltrace:*"):
        self.name = "giltrace-test-%s-%d" % (uuid.uuid4().hex[:12], next(self.numbers))
        self.output = str(output)
        lttng("create", self.name, "--output=" + self.output)
        lttng("enable-channel", "--userspace", "--session=" + self.name,
              "--subbuf-size=" + subbuf_size, "--num-subbuf=%d" % num_subbuf, "channel")
        lttng("enable-event", "--userspace", "--session=" + self.name, "--channel=channel", events)

    def start(self):
        lttng("start", self.name)

    def stop(self):
        """Returns when everything recorded so far is on disk."""
        lttng("stop", self.name)

    def destroy(self):
        """
        Waits for the data alone: LTTng would wait for ever for the rest of an event in
        whose middle a process was killed.
        """
        subprocess.run(
            ["lttng", "--no-sessiond", "stop", self.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lttng("destroy", "--no-wait", self.name)


@contextlib.contextmanager
def session(output, **buffers):
    """A Session in force that is gone after the block, whatever happens in it."""
    one = Session(output, **buffers)
    try:
        one.start()
        yield one
    finally:
        one.destroy()

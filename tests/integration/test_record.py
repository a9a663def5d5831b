"""Recording: exit statuses, signals, folders, daemons, several at once, disk full; nothing left behind."""
import json
import os
import pathlib
import pty
import pwd
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from xml.etree import ElementTree

import pytest

from conftest import BIN, LIB, clean_environment, needs_terminal

PYTHON = "/usr/bin/python3"
OTHER_USER = "nobody"
LIMIT = 30  # seconds that anything here may take


class Home:
    """
    An LTTng home of its own, so that no session daemon answers in it, and how to
    run giltrace there: as nobody when the tests run as root, whose LTTng has
    only one home.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.prefix = []
        if os.getuid() == 0:
            user = pwd.getpwnam(OTHER_USER)
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.prefix = ["runuser", "-u", OTHER_USER, "--"]
        self.environment = clean_environment(HOME=folder, LTTNG_HOME=folder, TMPDIR=folder)
        self.environment.pop("XDG_RUNTIME_DIR", None)

    def argv(self, *arguments):
        return [*self.prefix, BIN, *map(str, arguments)]

    def popen(self, *arguments, **options):
        return subprocess.Popen(
            self.argv(*arguments), cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def run(self, *arguments, **options):
        process = self.popen(*arguments, **options)
        output, errors = process.communicate(timeout=LIMIT)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def processes(self):
        """{pid: name} of all living processes that were started with this home."""
        found = {}
        mark = ("LTTNG_HOME=%s" % self.folder).encode()
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
        return found

    def daemons(self):
        return [pid for pid, name in self.processes().items() if name.startswith("lttng-")]

    def sessions(self):
        result = subprocess.run([*self.prefix, "lttng", "--mi=xml", "--no-sessiond", "list"], env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if result.returncode != 0:
            return []
        return [name.text for name in ElementTree.fromstring(result.stdout).findall(".//{*}session/{*}name")]

    def assert_clean(self):
        assert self.processes() == {}
        assert left_of_lttng(self.folder) in ([], ["giltrace.lock"])
        assert not list(self.folder.glob("giltrace-??????"))  # temporary folders


def left_of_lttng(home):
    """The files that LTTng left there; some versions leave empty folders, too."""
    return [path.name for path in (home / ".lttng").rglob("*") if not path.is_dir()]


@pytest.fixture
def home():
    for tool in [PYTHON] + (["runuser"] if os.getuid() == 0 else []):
        if not shutil.which(tool):
            pytest.skip("%s is not there" % tool)
    folder = tempfile.mkdtemp(prefix="gt-", dir="/tmp")  # short: socket paths are at most 108 bytes long
    os.chmod(folder, 0o755)
    one = Home(folder)
    if subprocess.run([*one.prefix, "test", "-x", BIN, "-a", "-r", LIB]).returncode != 0:
        shutil.rmtree(folder)
        pytest.skip("%s cannot execute %s" % (OTHER_USER, BIN))
    yield one
    left = one.processes()
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)
    assert left == {}, "left behind by the test"


def wait_for(condition, what):
    """Polls for what cannot be waited for."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError("waited in vain for " + what)


def manifest(folder):
    return json.loads((pathlib.Path(folder) / "giltrace.json").read_text())


def events(folder, name):
    """Events of one kind in a trace, as babeltrace2 prints them."""
    result = subprocess.run(["babeltrace2", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 0, result.stderr
    return [line for line in result.stdout.splitlines() if " giltrace:%s: " % name in line]


def run_ids(folder):
    return set(re.findall(r'run = "(\w+)"', "\n".join(events(folder, "process"))))


needs_babeltrace = pytest.mark.skipif(not shutil.which("babeltrace2"), reason="babeltrace2 is not installed")


# Exit statuses


@pytest.mark.parametrize("command, status", [
    (["true"], 0),
    (["sh", "-c", "exit 42"], 42),
    (["sh", "-c", "exit 255"], 255),
    (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM),
    (["sh", "-c", "kill -KILL $$"], 128 + signal.SIGKILL),
    (["sh", "-c", "kill -ABRT $$"], 128 + signal.SIGABRT),
    ([PYTHON, "-c", "import os; os._exit(7)"], 7),
])
def test_status_of_the_command(giltrace, tmp_path, command, status):
    result = giltrace("record", "-o", tmp_path / "out", "--", *command)
    assert result.returncode == status, result.stderr
    ended = manifest(tmp_path / "out")
    if status > 128 and status != 255:
        assert ended["signal"] == status - 128 and "exit_status" not in ended
    else:
        assert ended["exit_status"] == status and "signal" not in ended


@pytest.mark.parametrize("command, status, words", [
    ("no-such-command-anywhere", 127, "cannot find command"),
    ("/nonexistent/program", 127, "cannot find command"),
    ("/", 126, "it is a folder"),
    ("/etc/passwd", 126, "Permission denied"),
    ("", 127, "cannot find command"),
])
def test_command_that_cannot_be_executed(giltrace, tmp_path, command, status, words):
    result = giltrace("record", "-o", tmp_path / "out", "--", command)
    assert result.returncode == status
    assert words in result.stderr
    assert not (tmp_path / "out").exists()


def test_script_whose_interpreter_is_not_there(giltrace, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/nonexistent/interpreter\n")
    script.chmod(0o755)
    result = giltrace("record", "-o", tmp_path / "out", script)
    assert result.returncode == 126
    assert "interpreter" in result.stderr
    assert not (tmp_path / "out").exists()


def test_program_of_another_machine_does_not_go_to_the_shell(giltrace, tmp_path):
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF\2\1\1" + bytes(57) + b"\nexit 9\n")
    program.chmod(0o755)
    result = giltrace("record", "-o", tmp_path / "out", program)
    assert result.returncode == 126
    assert "another kind of machine" in result.stderr
    assert not (tmp_path / "out").exists()


def test_script_without_a_first_line_goes_to_the_shell(giltrace, tmp_path):
    script = tmp_path / "script"
    script.write_text("exit 9\n")
    script.chmod(0o755)
    assert giltrace("record", "-o", tmp_path / "out", script).returncode == 9


def test_options_end_at_the_command(giltrace, tmp_path):
    for dashes in ([], ["--"]):
        result = giltrace("record", "-f", "-o", tmp_path / "out", *dashes, "echo", "--help", "-q", "--", "x")
        assert result.stdout == "--help -q -- x\n"
        assert manifest(tmp_path / "out")["command"] == ["echo", "--help", "-q", "--", "x"]


# What the command finds


def test_environment_of_the_command(giltrace, tmp_path):
    environment = clean_environment(LD_PRELOAD="libm.so.6 /elsewhere/libgiltrace.so:libdl.so.2")
    program = "import os; print(os.environ['LD_PRELOAD'], os.environ['GILTRACE_RUN'], os.environ.get('GILTRACE_CHILDREN'))"
    result = giltrace("record", "-o", tmp_path / "out", PYTHON, "-c", program, env=environment)
    preload, run, children = result.stdout.split()
    library, *others = preload.split(":")
    assert os.path.samefile(library, LIB) and os.path.isabs(library)
    assert others == ["libm.so.6", "libdl.so.2"]
    assert re.fullmatch("[0-9a-f]{16}", run) and run == manifest(tmp_path / "out")["run"]
    assert children == "None"
    result = giltrace("record", "-f", "--no-children", "-o", tmp_path / "out", PYTHON, "-c", program, env=environment)
    assert result.stdout.split()[2] == "0"


def test_thresholds_of_the_command(giltrace, tmp_path):
    """What is given is set, in the library's own words; what is not stays as it was."""
    names = ["GILTRACE_SITES", "GILTRACE_STACK_OVER", "GILTRACE_UNANSWERED_OVER", "GILTRACE_STACK_SIGNAL",
             "GILTRACE_BURST"]
    program = "import os; print(*map(os.environ.get, %r))" % names

    def seen(*options, **environment):
        result = giltrace("record", "-fqo", tmp_path / "out", *options, PYTHON, "-c", program,
                          env=clean_environment(**environment))
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout.split()

    assert seen() == ["None"] * 5
    assert seen(GILTRACE_SITES="1", GILTRACE_STACK_OVER="3ms") == ["1", "3ms", "None", "None", "None"]
    assert seen("--no-sites", "--stack-over=1.5ms", GILTRACE_STACK_OVER="3ms") == ["0", "1500000ns", "None", "None", "None"]
    assert seen("--unanswered-over", "250us", "--stack-over", "0") == ["None", "0ns", "250000ns", "None", "None"]
    assert seen("--no-burst")[4] == "0"
    for name in ("URG", "sigurg", "23"):
        assert seen("--stack-signal", name)[3] == str(int(signal.SIGURG))


def recorded_of_a_long_hold(giltrace, path, *options):
    """Kind of event -> how many a program left that keeps the GIL for 30 ms."""
    program = "import ctypes, os; ctypes.PyDLL(None).usleep(30000); print(os.getpid())"
    result = giltrace("record", "-qo", path, *options, PYTHON, "-c", program)
    assert (result.returncode, result.stderr) == (0, "")
    own = "pid = %d," % int(result.stdout)
    return {kind: sum(own in line for line in events(path, kind)) for kind in ("release", "site", "stack")}


@needs_babeltrace
@pytest.mark.parametrize("options, stacks", [((), True), (("--stack-over=10s",), False), (("--stack-over=0",), False)])
def test_stacks_from_the_threshold_on(giltrace, tmp_path, options, stacks):
    recorded = recorded_of_a_long_hold(giltrace, tmp_path / "out", *options)
    assert recorded["site"] and bool(recorded["stack"]) == stacks


@needs_babeltrace
def test_without_lines(giltrace, tmp_path):
    recorded = recorded_of_a_long_hold(giltrace, tmp_path / "out", "--no-sites")
    assert recorded["release"] and not recorded["site"]


def test_signals_and_descriptors_of_the_command(tmp_path):
    """Blocked and ignored signals and open files are what they would be without giltrace."""
    program = (
        "import os, signal\n"
        "ignored = [s for s in signal.valid_signals() if signal.getsignal(s) == signal.SIG_IGN]\n"
        "print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), sorted(ignored), sorted(map(int, os.listdir('/proc/self/fd')))[:-1])\n"
    )
    command = [PYTHON, "-c", program]

    def output(argv, before):
        return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=clean_environment(),
                              preexec_fn=before, timeout=LIMIT).stdout.decode()

    def before():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGALRM])

    plain = [BIN, "record", "-q", "--no-children", "-o", str(tmp_path / "out"), "--"]
    # LTTng keeps descriptors of its own open in the program: compare what is not a Python.
    shell = ["sh", "-c", "ls /proc/self/fd | sort -n; grep -E '^Sig(Blk|Ign)' /proc/self/status"]
    assert output([*plain, *shell], before) == output(shell, before)
    shutil.rmtree(tmp_path / "out")
    without_fds = [part.rsplit("[", 1)[0] for part in (output([*plain, *command], before), output(command, before))]
    assert without_fds[0] == without_fds[1]


def test_output_of_the_command_is_untouched(giltrace, tmp_path):
    result = giltrace("record", "-o", tmp_path / "out", "--", "sh", "-c", "echo out; echo err >&2")
    assert result.stdout == "out\n"
    assert result.stderr.startswith("err\n")
    assert "giltrace report %s" % (tmp_path / "out") in result.stderr
    result = giltrace("record", "-q", "-f", "-o", tmp_path / "out", "--", "sh", "-c", "echo out; echo err >&2")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_closed_standard_descriptors_stay_closed(tmp_path):
    script = '"$0" record -q -o "$1" -- sh -c "ls /proc/self/fd >\'$1.fds\'" <&- >&- 2>&-'
    subprocess.run(["sh", "-c", script, BIN, str(tmp_path / "out")], env=clean_environment(), check=True, timeout=LIMIT)
    # ls itself opens the folder; standard output is the file.
    assert (tmp_path / "out.fds").read_text().split() in (["0", "1"], ["1", "2"], ["1", "3"], ["0", "1", "2"])
    assert manifest(tmp_path / "out")["exit_status"] == 0


# Folders


def test_default_folder_is_named_after_the_program(giltrace, tmp_path):
    (tmp_path / "my prog.py").write_text("")
    for _ in range(2):
        result = giltrace("record", "--", PYTHON, "-X", "dev", "my prog.py", "argument", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    folders = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(folders) == 2
    for folder in folders:
        assert re.fullmatch(r"giltrace-my_prog-\d{8}-\d{6}(-2)?", folder.name)
        assert manifest(folder)["command"][-1] == "argument"


def test_folder_with_a_recording_needs_force(giltrace, tmp_path):
    out = tmp_path / "out"
    assert giltrace("record", "-o", out, "true").returncode == 0
    first = manifest(out)["run"]
    result = giltrace("record", "-o", out, "true")
    assert result.returncode == 125
    assert "already holds a recording" in result.stderr and "--force" in result.stderr
    assert manifest(out)["run"] == first
    assert giltrace("record", "--force", "-o", out, "true").returncode == 0
    assert manifest(out)["run"] != first


def test_folder_with_anything_else_is_never_touched(giltrace, tmp_path):
    for content in (["precious"], ["giltrace.json"], ["ust/precious"]):
        out = tmp_path / "out"
        for name in content:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_text("{}")
        result = giltrace("record", "--force", "-o", out, "true")
        assert result.returncode == 125
        assert "is not empty" in result.stderr
        assert all((out / name).read_text() == "{}" for name in content)
        shutil.rmtree(out)


def test_recording_with_a_file_beside_it_is_not_replaced(giltrace, tmp_path):
    out = tmp_path / "out"
    assert giltrace("record", "-o", out, "true").returncode == 0
    (out / "notes").write_text("precious")
    assert giltrace("record", "--force", "-o", out, "true").returncode == 125
    assert (out / "notes").read_text() == "precious" and manifest(out)["exit_status"] == 0


def test_folder_that_is_a_file(giltrace, tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("file", "file/below"):
        result = giltrace("record", "-o", tmp_path / name, "true")
        assert result.returncode == 125
        assert "cannot create folder" in result.stderr or "cannot open folder" in result.stderr


def test_folder_that_cannot_be_written(home):
    (home.folder / "locked").mkdir(mode=0o555)
    for name in ("locked", "locked/below"):
        result = home.run("record", "-o", name, "--", "touch", "ran")
        assert result.returncode == 125
        assert "Permission denied" in result.stderr
        assert not (home.folder / "ran").exists()
    home.assert_clean()


def test_folder_that_is_being_recorded_into(giltrace, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen([BIN, "record", "-q", "-o", str(out), "--", "cat"], env=clean_environment(), stdin=subprocess.PIPE)
    wait_for(lambda: (out / "giltrace.json").exists() and (out / "giltrace.json").read_text(), "the recording to begin")
    result = giltrace("record", "--force", "-o", out, "true")
    assert result.returncode == 125
    assert "is being recorded into" in result.stderr
    process.communicate(timeout=LIMIT)
    assert process.returncode == 0 and manifest(out)["exit_status"] == 0


# Session daemons


@needs_babeltrace
def test_with_the_daemon_that_runs(giltrace, tmp_path):
    out = tmp_path / "out"
    assert giltrace("record", "-o", out, "--", PYTHON, "-c", "pass").returncode == 0
    assert manifest(out)["run"] in run_ids(out)  # other tests' programs may be in it, too
    assert manifest(out)["lost_events"] == 0
    assert not [name for name in own_sessions() if name.startswith("giltrace-")]


def own_sessions():
    """Sessions of recordings whose giltrace has ended (others may be under way in parallel test runs)."""
    text = subprocess.run(["lttng", "--no-sessiond", "list"], stdout=subprocess.PIPE, text=True).stdout
    names = re.findall(r"^\s+\d+\) (giltrace-(\d+)-[0-9a-f]{8}) ", text, re.M)
    return [name for name, pid in names if not os.path.exists("/proc/" + pid)]


@needs_babeltrace
def test_without_a_daemon(home):
    assert home.daemons() == []
    result = home.run("record", "-o", "out", "--", PYTHON, "-c", "print('hello')")
    assert (result.returncode, result.stdout) == (0, "hello\n"), result.stderr
    assert run_ids(home.folder / "out") == {manifest(home.folder / "out")["run"]}
    home.assert_clean()


def test_home_that_cannot_be_written(home):
    """Then a private folder is used, and the command is told."""
    runtime = home.folder / "runtime"
    runtime.mkdir()
    if os.getuid() == 0:
        os.chown(runtime, pwd.getpwnam(OTHER_USER).pw_uid, -1)
    home.environment.update(HOME="/nonexistent", XDG_RUNTIME_DIR=str(runtime))
    del home.environment["LTTNG_HOME"]
    result = home.run("record", "-o", "out", "--", "sh", "-c", 'echo "$LTTNG_HOME"')
    assert (result.returncode, result.stdout) == (0, "%s/giltrace\n" % runtime), result.stderr
    assert left_of_lttng(runtime / "giltrace") == ["giltrace.lock"]


def test_private_folder_of_somebody_else_is_refused(home):
    runtime = home.folder / "runtime"
    (runtime / "giltrace").mkdir(parents=True)
    (runtime / "giltrace").chmod(0o777)
    os.chmod(runtime, 0o777)
    home.environment.update(HOME="/nonexistent", XDG_RUNTIME_DIR=str(runtime))
    del home.environment["LTTNG_HOME"]
    result = home.run("record", "-o", "out", "--", "true")
    assert result.returncode == 125
    assert "is not a private folder" in result.stderr


def test_no_daemon_to_start(home):
    home.environment["LTTNG_SESSIOND_PATH"] = "/nonexistent/lttng-sessiond"
    result = home.run("record", "-o", "out", "--", "touch", "ran")
    assert result.returncode == 125
    assert "lttng-tools" in result.stderr
    assert not (home.folder / "out").exists() and not (home.folder / "ran").exists()
    result = home.run("doctor")
    assert result.returncode == 1
    assert "lttng-tools" in result.stdout
    home.assert_clean()


def test_daemon_that_ends_at_once(home):
    fake = home.folder / "sessiond"
    fake.write_text("#!/bin/sh\necho first words\necho last words >&2\nexit 1\n")
    fake.chmod(0o755)
    home.environment["LTTNG_SESSIOND_PATH"] = str(fake)
    result = home.run("record", "-o", "out", "--", "true")
    assert result.returncode == 125
    assert "cannot start a session daemon" in result.stderr and "last words" in result.stderr
    assert not (home.folder / "out").exists()
    home.assert_clean()


@needs_babeltrace
def test_two_at_a_time_share_a_daemon_and_do_not_mix(home):
    # Each ends when its standard input does, the second later than the first.
    program = "import sys; print('ready', flush=True); sys.stdin.read(); import threading; t = threading.Thread(target=len, args=('',)); t.start(); t.join()"
    ends = [os.pipe() for _ in range(2)]
    both = []
    for name, (read, _) in zip("ab", ends):
        both.append(subprocess.Popen(
            home.argv("record", "-q", "-o", name, "--", PYTHON, "-c", program), cwd=home.folder,
            env=home.environment, stdin=read, stdout=subprocess.PIPE, text=True))
        os.close(read)
    for process in both:
        assert process.stdout.readline() == "ready\n"
    sessiond = [pid for pid, name in home.processes().items() if name == "lttng-sessiond"]
    assert len(home.sessions()) == 2
    os.close(ends[0][1])
    assert both[0].wait(LIMIT) == 0
    assert set(sessiond) <= set(home.daemons())  # the other one needs it
    os.close(ends[1][1])
    assert both[1].wait(LIMIT) == 0
    for process in both:
        process.stdout.close()
    runs = [manifest(home.folder / name)["run"] for name in "ab"]
    assert runs[0] != runs[1]
    for name, run in zip("ab", runs):
        assert run in run_ids(home.folder / name)
    home.assert_clean()


def test_daemon_of_the_user_is_left_alone(home):
    subprocess.run([*home.prefix, "lttng-sessiond", "--daemonize", "--no-kernel"], env=home.environment, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = home.daemons()
    try:
        assert home.run("record", "-o", "out", "--", "true").returncode == 0
        assert set(before) <= set(home.daemons())
        assert home.sessions() == []
    finally:
        for pid in before:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not home.daemons(), "the daemon to end")


def test_started_daemon_with_a_foreign_session_is_left_alone(home):
    lttng = [*home.prefix, "lttng", "--no-sessiond"]
    script = "exec lttng --no-sessiond create mine --output=%s/mine >/dev/null" % home.folder
    assert home.run("record", "-o", "a", "--", "sh", "-c", script).returncode == 0
    assert home.sessions() == ["mine"]
    subprocess.run([*lttng, "destroy", "mine"], env=home.environment, check=True, stdout=subprocess.DEVNULL)
    assert home.run("record", "-o", "b", "--", "true").returncode == 0
    home.assert_clean()


@needs_babeltrace
def test_killed_giltrace_is_cleaned_up_by_the_next(home):
    program = "import sys; print('ready', flush=True); sys.stdin.read()"
    read, write = os.pipe()
    process = subprocess.Popen(
        home.argv("record", "-q", "-o", "a", "--", PYTHON, "-c", program), cwd=home.folder,
        env=home.environment, stdin=read, stdout=subprocess.PIPE, text=True)
    os.close(read)
    assert process.stdout.readline() == "ready\n"
    killed = [pid for pid, name in home.processes().items() if name == "giltrace"]
    assert len(killed) == 1
    os.kill(killed[0], signal.SIGKILL)
    process.wait(LIMIT)
    process.stdout.close()
    os.close(write)
    wait_for(lambda: "python3" not in home.processes().values(), "the command to end")
    assert len(home.sessions()) == 1 and home.daemons()
    assert home.run("record", "-o", "b", "--", "true").returncode == 0
    home.assert_clean()
    assert "end" not in manifest(home.folder / "a")
    assert run_ids(home.folder / "a") == {manifest(home.folder / "a")["run"]}
    assert home.run("record", "--force", "-o", "a", "--", "true").returncode == 0


# Signals

COUNT_SIGNALS = """
import signal, sys
all = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2}
signal.pthread_sigmask(signal.SIG_BLOCK, all)
print("ready", flush=True)
first = signal.sigwait(all)
second = signal.sigtimedwait(all, 0.3)
print("got", int(first), second.si_signo if second else None, flush=True)
sys.exit(5)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_signals_are_passed_on(tmp_path, name):
    number = getattr(signal, name)
    process = subprocess.Popen(
        [BIN, "record", "-q", "-o", str(tmp_path / "out"), "--", PYTHON, "-c", COUNT_SIGNALS],
        env=clean_environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    output, _ = process.communicate(timeout=LIMIT)
    assert output == "got %d None\n" % number
    assert process.returncode == 5
    assert manifest(tmp_path / "out")["exit_status"] == 5


class Terminal:
    """A process on a terminal of its own, as its session's leader."""

    def __init__(self, argv, cwd=None, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                if cwd:
                    os.chdir(cwd)
                os.execvpe(argv[0], argv, env or clean_environment())
            finally:
                os._exit(127)
        self.text = ""

    def read_until(self, words):
        end = time.monotonic() + LIMIT
        while words not in self.text:
            assert time.monotonic() < end, "no %r in %r" % (words, self.text)
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.fd, 4096).decode(errors="replace")
                except OSError:  # the other side is closed
                    assert words in self.text, self.text
        return self.text

    def type(self, text):
        os.write(self.fd, text)

    def wait(self):
        """Exit status, negative for a signal."""
        while True:
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            if not data:
                break
            self.text += data.decode(errors="replace")
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


@needs_babeltrace
@needs_terminal
@pytest.mark.parametrize("key, number", [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)])
def test_keys_reach_the_command_once_and_keep_the_trace(home, key, number):
    terminal = Terminal(home.argv("record", "-o", "out", "--", PYTHON, "-c", COUNT_SIGNALS),
                        cwd=home.folder, env=home.environment)
    terminal.read_until("ready")
    terminal.type(key)
    status = terminal.wait()
    assert "got %d None" % number in terminal.text
    assert status == 5
    assert "giltrace report out" in terminal.text
    assert manifest(home.folder / "out")["exit_status"] == 5
    assert run_ids(home.folder / "out") == {manifest(home.folder / "out")["run"]}
    home.assert_clean()


@needs_babeltrace
@needs_terminal
def test_ctrl_c_ends_an_ordinary_program(home):
    program = "import time; print('ready', flush=True); time.sleep(60)"
    terminal = Terminal(home.argv("record", "-o", "out", "--", PYTHON, "-c", program), cwd=home.folder, env=home.environment)
    terminal.read_until("ready")
    terminal.type(b"\x03")
    assert terminal.wait() == 128 + signal.SIGINT
    assert terminal.text.count("KeyboardInterrupt") == 1
    assert manifest(home.folder / "out")["signal"] == signal.SIGINT
    assert events(home.folder / "out", "release")
    home.assert_clean()


@needs_terminal
def test_ctrl_z_stops_and_fg_continues(tmp_path):
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    # Without readline, which would drop what is typed while it sets the terminal up.
    terminal = Terminal(["bash", "--norc", "--noediting", "-i"])
    program = ("import os, sys; print('re' + 'ady', os.getpid(), 'go', flush=True); "
               "print('line', sys.stdin.readline(), flush=True)")
    terminal.type(("PS1='PRO''MPT>'; '%s' record -q -o '%s' -- %s -c \"%s\"\n" % (BIN, tmp_path / "out", PYTHON, program)).encode())
    terminal.read_until(" go\r\n")
    pid = int(re.search(r"ready (\d+) go", terminal.text)[1])
    terminal.type(b"\x1a")
    terminal.read_until("Stopped")
    terminal.text = terminal.text.split("Stopped")[1]
    terminal.read_until("PROMPT>")
    # The shell waits for giltrace alone; a command that is not stopped yet would read what is typed.
    wait_for(lambda: pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()[0] == "T", "the stop")
    terminal.text = ""
    terminal.type(b"fg\n")
    terminal.read_until("record -q")  # the shell says what it continues
    terminal.type(b"hello\n")
    terminal.read_until("line hello")
    terminal.type(b"echo status=$?; exit\n")
    terminal.read_until("status=0")
    assert terminal.wait() == 0
    assert manifest(tmp_path / "out")["exit_status"] == 0


def test_signal_before_the_command_is_started(home):
    """It ends giltrace: the daemon that is being started is ended again, the command never runs."""
    fake = home.folder / "sessiond"
    fake.write_text("#!/bin/sh\nkill -TERM $PPID\nexec /usr/bin/lttng-sessiond \"$@\"\n")
    fake.chmod(0o755)
    home.environment["LTTNG_SESSIOND_PATH"] = str(fake)
    result = home.run("record", "-o", "out", "--", "touch", "ran")
    assert result.returncode == 128 + signal.SIGTERM
    assert "before the command was started" in result.stderr
    assert not (home.folder / "out").exists() and not (home.folder / "ran").exists()
    home.assert_clean()


def test_grandchild_that_stays_does_not_hold_giltrace_up(giltrace, tmp_path):
    pid_file = tmp_path / "pid"
    result = giltrace("record", "-q", "-o", tmp_path / "out", "--", "sh", "-c",
                      "sleep 300 >/dev/null 2>&1 </dev/null & echo $! > '%s'" % pid_file)
    assert result.returncode == 0
    os.kill(int(pid_file.read_text()), signal.SIGKILL)  # still there


# Loss

BUSY = """
import threading, time
def work():
    end = time.monotonic() + %d
    zero = open("/dev/zero", "rb", buffering=0)
    while time.monotonic() < end:
        for _ in range(200): zero.read(1)
threads = [threading.Thread(target=work) for _ in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


def test_lost_events_are_counted_and_said(home):
    """The consumer daemon stands still while small buffers overflow."""
    program = (
        "import sys\n"
        "zero = open('/dev/zero', 'rb', buffering=0)\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for _ in range(100000): zero.read(1)\n"
        "print('done', flush=True); sys.stdin.readline()\n"
    )
    process = subprocess.Popen(
        home.argv("record", "--no-burst", "--buffer-size=256k", "-o", "out", "--", PYTHON, "-c", program), cwd=home.folder,
        env=home.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    consumers = [pid for pid, name in home.processes().items() if name == "lttng-consumerd"]
    assert consumers
    for pid in consumers:
        os.kill(pid, signal.SIGSTOP)
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"
    for pid in consumers:
        os.kill(pid, signal.SIGCONT)
    _, errors = process.communicate("go\n", timeout=LIMIT)
    assert process.returncode == 0
    lost = manifest(home.folder / "out")["lost_events"]
    assert lost > 50000
    assert "lost %d events" % lost in errors and "--buffer-size=512k" in errors
    home.assert_clean()


@needs_babeltrace
def test_full_disk(giltrace, tmp_path):
    if os.getuid() != 0:
        pytest.skip("needs root to mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96M", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("mounting is not permitted")
    try:
        # Events that it has no room for, however slow the machine.
        program = (
            "import threading\n"
            "def work():\n"
            "    zero = open('/dev/zero', 'rb', buffering=0)\n"
            "    for _ in range(1000000): zero.read(1)\n"
            "threads = [threading.Thread(target=work) for _ in range(2)]\n"
            "[t.start() for t in threads]\n"
            "[t.join() for t in threads]\n"
        )
        result = giltrace("record", "--no-burst", "-o", disk / "out", "--", PYTHON, "-c", program)
        assert result.returncode == 0
        assert "nearly full: recording stopped before the command ended" in result.stderr
        assert manifest(disk / "out")["stopped_early"] is True
        assert events(disk / "out", "release")  # readable to its end
        result = giltrace("record", "-o", disk / "more", "--", "true")
        assert result.returncode in (0, 125)
        left = os.statvfs(disk)
        (disk / "filler").write_bytes(b"\0" * max(0, left.f_bavail * left.f_frsize - (1 << 20)))
        result = giltrace("record", "-o", disk / "none", "--", "true")
        assert result.returncode == 125
        assert "no space left" in result.stderr
        assert not (disk / "none").exists()
    finally:
        # Lazily: the session daemon keeps the folder open for half a second more.
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_disk_that_something_else_fills(giltrace, tmp_path):
    """Faster than anyone can look: the trace is not whole, and that is said."""
    if os.getuid() != 0:
        pytest.skip("needs root to mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32M", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("mounting is not permitted")
    fill = (
        "file = open(%r, 'wb', buffering=0)\n"
        "try:\n"
        "    while True: file.write(b'x' * 4096)\n"
        "except OSError: pass\n" % str(disk / "filler")
    )
    try:
        result = giltrace("record", "-o", disk / "out", "--", PYTHON, "-c", fill + BUSY % 1)
        assert result.returncode == 0
        assert "nearly full" in result.stderr or "is not whole" in result.stderr
        ended = manifest(disk / "out")
        assert ended["exit_status"] == 0
        assert ended["stopped_early"] is ("nearly full" in result.stderr)
        assert ended["damaged"] is ("is not whole" in result.stderr)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_full_shared_memory_is_no_pass(home):
    """Where no other process would have found room, nobody says that all is well."""
    if os.getuid() != 0:
        pytest.skip("needs root to mount a small file system")
    small = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=128M,mode=1777 tmpfs /dev/shm && exec "$@"', "-"]
    if not shutil.which("unshare") or subprocess.run([*small, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("mounting is not permitted")
    home.prefix = small + home.prefix
    # giltrace forwards each signal, and looks at the memory before it waits for the next one.
    program = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n"
        "filler = open('/dev/shm/filler', 'wb', buffering=0)\n"
        "try:\n"
        "    while %d: filler.write(bytes(4096))\n"
        "except OSError: pass\n"
        "for _ in range(2):\n"
        "    os.kill(os.getppid(), signal.SIGUSR1)\n"
        "    signal.sigwait([signal.SIGUSR1])\n"
    )
    (home.folder / "giltrace.toml").write_text("[[rule]]\nfigure = 'acquisitions'\nmin = 1\n")
    for full in (False, True):
        result = home.run("record", "--buffer-size=256k", "--force", "-o", "out", "--", PYTHON, "-c", program % full)
        assert result.returncode == 0 and ("/dev/shm was full" in result.stderr) is full
        assert manifest(home.folder / "out")["crowded"] is full
        result = home.run("check", "out")
        assert result.returncode == (2 if full else 0)
        assert ("processes may be missing: /dev/shm was full" in result.stderr) is full
        home.assert_clean()


# run: record, then report


def test_run_keeps_standard_output_clean(home):
    result = home.run("run", "--", PYTHON, "-c", "print('hello')")
    assert (result.returncode, result.stdout) == (0, "hello\n")
    assert "GIL" in result.stderr
    home.assert_clean()


@pytest.mark.parametrize("code, status", [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 15)", 143)])
def test_run_ends_with_the_status_of_the_command(home, code, status):
    result = home.run("run", "-q", "--format", "json", "--report-file", "-", "--", PYTHON, "-c", code)
    assert result.returncode == status
    assert json.loads(result.stdout)["schema"] == "giltrace-report/1"
    assert result.stderr == ""
    home.assert_clean()


def test_run_keeps_what_is_asked_for(home):
    result = home.run("run", "-o", "out", "--report-file", "report", "--format=json", "--", PYTHON, "-c", "pass")
    assert result.returncode == 0 and result.stdout == ""
    assert "the recording is in %s" % (home.folder / "out") in result.stderr
    assert json.loads((home.folder / "report").read_text())["trace"]["complete"] is True
    assert manifest(home.folder / "out")["exit_status"] == 0
    home.assert_clean()


def test_run_without_anything_to_report(home):
    result = home.run("run", "--", "true")
    assert result.returncode == 0
    assert "No GIL found: the program is not Python" in " ".join(result.stderr.split())
    assert home.run("run", "--", "sh", "-c", "exit 4").returncode == 4
    home.assert_clean()


def test_run_with_a_report_that_cannot_be_written(home):
    for file in ("no-such-folder/report", "/", ""):
        result = home.run("run", "--report-file=" + file, "--", "touch", "ran")
        assert result.returncode == 125
        assert "cannot write '%s'" % file in result.stderr
        assert not (home.folder / "ran").exists()
    result = home.run("run", "--report-file=/dev/full", "--", PYTHON, "-c", "pass")
    assert result.returncode == 125
    kept = re.search(r"the recording is in (\S+)", result.stderr).group(1)
    assert home.run("report", kept).returncode == 0
    shutil.rmtree(kept)
    home.assert_clean()


@pytest.mark.parametrize("ignored", [False, True])
def test_run_with_a_reader_that_has_read_enough(home, ignored):
    """As `| head -1` does. That is no trouble: the status is the program's, and nothing stays behind."""
    def prepare():
        signal.signal(signal.SIGPIPE, signal.SIG_IGN if ignored else signal.SIG_DFL)

    for status in (0, 3):
        process = home.popen("run", "--report-file=-", "--", PYTHON, "-c", "import sys; sys.exit(%d)" % status,
                             preexec_fn=prepare, restore_signals=False)
        process.stdout.close()
        process.stdout = None
        _, errors = process.communicate(timeout=LIMIT)
        assert (process.returncode, errors) == (status, "")
        home.assert_clean()


def test_run_two_at_a_time_report_on_their_own(home):
    # The second is recorded while the first is, and ends before it.
    script = "'%s' run -q --format=json --report-file=inner.json -- %s -c pass" % (BIN, PYTHON)
    code = "import os, subprocess; subprocess.run(['sh', '-c', %r], check=True)" % script
    result = home.run("run", "-q", "--format=json", "--report-file=outer.json", "--", PYTHON, "-c", code)
    assert result.returncode == 0, result.stderr
    inner, outer = (json.loads((home.folder / name).read_text())["processes"] for name in ("inner.json", "outer.json"))
    assert len(inner) == 1 and len(outer) == 1
    assert inner[0]["pid"] != outer[0]["pid"]
    home.assert_clean()


def test_program_of_no_recording_is_left_out(home):
    # On one CPU both are in one stream, where an empty run id follows this recording's.
    cpu = min(os.sched_getaffinity(0))
    script = "taskset -c %d sh -c '%s -c pass; env -u GILTRACE_RUN %s -c pass'" % (cpu, PYTHON, PYTHON)
    result = home.run("run", "-q", "--format=json", "--report-file=report.json", "--", "sh", "-c", script)
    assert result.returncode == 0, result.stderr
    assert len(json.loads((home.folder / "report.json").read_text())["processes"]) == 1
    home.assert_clean()


def test_run_interrupted_while_it_reports(home):
    os.mkfifo(home.folder / "report", 0o666)  # nobody reads it: the report waits
    os.chmod(home.folder / "report", 0o666)
    process = home.popen("run", "--report-file=report", "--", PYTHON, "-c", "print('ran')")
    assert process.stdout.readline() == "ran\n"

    def reporting():
        """giltrace, when it has a child that is giltrace too: the one that reports."""
        pids = [pid for pid, name in home.processes().items() if name == "giltrace"]
        parents = {pid: int(pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")")[-1].split()[1]) for pid in pids}
        return [parent for parent in parents.values() if parent in pids]

    os.kill(wait_for(reporting, "the report to begin")[0], signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 125
    assert "the report was ended by signal 2" in errors
    assert "the recording is in" not in errors
    home.assert_clean()

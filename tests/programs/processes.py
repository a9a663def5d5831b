"""Leave the ordinary life of a process in every way that there is.

Each way first has two threads read a little, so that there is something of it in a
trace. `all` runs each of the others as a program of its own and says what it shows to
the world. What only one way needs is imported there: starting is most of what each does.
"""
import ctypes
import faulthandler
import os
import signal
import sys
import threading

READS = 50
MANY = 70000  # more than there are descriptors


def read_a_little(label):
    def read():
        device = os.open("/dev/zero", os.O_RDONLY)
        for _ in range(READS):
            os.read(device, 1)
        os.close(device)

    threads = [threading.Thread(target=read, name="%s-%d" % (label, i + 1)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(1, ("worked: %s\n" % label).encode())


def again(way):
    return [sys.executable, __file__, way]


def wait_for(pid):
    os.write(1, b"child: %d\n" % os.waitpid(pid, 0)[1])


def become_daemon(path):
    """As Unix demons do it: two forks, a session, no descriptor of the past."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(0, MANY)
    os.open(path, os.O_WRONLY)  # 0; says nothing before there are three
    os.dup2(0, 1)
    os.dup2(0, 2)


def daemon():
    import tempfile
    import warnings

    # CPython 3.12 and newer may still count the threads that have just been joined.
    warnings.simplefilter("ignore", DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fifo")
        os.mkfifo(path)
        pid = os.fork()
        if pid == 0:
            become_daemon(path)
            read_a_little("detached")
            os._exit(0)
        with open(path) as fifo:  # to its end, which is that of the daemon
            text = fifo.read()
        wait_for(pid)
    os.write(1, text.encode())


def close_range():
    os.closerange(3, MANY)
    read_a_little("closed")


def close_one_by_one():
    for fd in range(3, 2048):
        try:
            os.close(fd)
        except OSError:
            pass
    read_a_little("closed")


def preexec():
    import subprocess

    subprocess.run(again("work"), check=True, close_fds=True, preexec_fn=os.setsid)


def exec_failed():
    """execvp tries one folder of PATH after the other."""
    try:
        os.execvp("no-such-program", ["no-such-program"])
    except OSError as error:
        os.write(1, b"exec: %d\n" % error.errno)
    read_a_little("stayed")


def exec_of_libc(function, *more):
    """One that takes the arguments one by one. With the GIL, as os.exec* have it."""
    strings = [b"sh", b"-c", b'echo "$0 $# $1" $GREETING; exit 5', b"zero", b"one", b"two"]
    path = b"sh" if function == "execlp" else b"/bin/sh"
    os.environ["GREETING"] = "own"
    getattr(ctypes.PyDLL(None), function)(path, *strings, None, *more)


def keep_busy():
    """Two threads want the GIL all the time from now on."""
    def spin():
        while True:
            pass

    for i in range(2):
        threading.Thread(target=spin, name="busy-%d" % (i + 1), daemon=True).start()


def busy_exec():
    keep_busy()
    os.execv(sys.executable, again("work"))


def busy_abort():
    keep_busy()
    os.abort()


def spawn():
    wait_for(os.posix_spawn(sys.executable, again("work"), os.environ))


def die_by_fault():
    faulthandler.enable(all_threads=False)
    faulthandler._sigsegv()


WAYS = {
    "work": lambda: None,
    "daemon": daemon,
    "closerange": close_range,
    "close": close_one_by_one,
    "preexec": preexec,
    "execv": lambda: os.execv(sys.executable, again("work")),
    "execve": lambda: os.execve(sys.executable, again("work"), os.environ),
    "execvp": lambda: os.execvp("env", ["env", *again("work")]),
    "execl": lambda: exec_of_libc("execl"),
    "execlp": lambda: exec_of_libc("execlp"),
    "execle": lambda: exec_of_libc("execle", (ctypes.c_char_p * 2)(b"GREETING=given", None)),
    "exec-failed": exec_failed,
    "busy-exec": busy_exec,
    "busy-abort": busy_abort,
    "_exit": lambda: os._exit(7),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "abort": os.abort,
    "faulthandler": die_by_fault,
    "spawn": spawn,
}


def run_all():
    import re
    import subprocess

    for way in WAYS:
        result = subprocess.run(again(way), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stderr = re.sub(rb"0x[0-9a-f]+", b"0x", result.stderr)
        print("%s: %d %r %r" % (way, result.returncode, result.stdout, stderr), flush=True)


def main():
    way = sys.argv[1]
    if way == "all":
        return run_all()
    # CPython 3.8's threads end in pthread_exit, perhaps after they have been joined, and the first that does
    # loads this library: closing the file under the loader just then, or forking, can be the end of all.
    ctypes.CDLL("libgcc_s.so.1")
    read_a_little(way)
    WAYS[way]()
    os.write(1, b"done\n")


if __name__ == "__main__":
    main()

"""Become several processes, in every way that Python has.

Each child runs two threads that read a little, so that it has a GIL of its own with
something in it, and says a line. Children write one after the other, the parent last.
What only one way needs is imported there: starting is most of what each process does.
"""
import os
import sys
import threading

READS = 50


def work(label):
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


def wait_for(pid):
    _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit("a child ended with wait status %d" % status)


def os_fork():
    pid = os.fork()
    if pid == 0:
        work("forked")
        os._exit(0)
    wait_for(pid)


def pty_fork():
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        work("terminal")
        os._exit(0)
    while True:
        try:
            text = os.read(terminal, 1024)
        except OSError:  # how Linux reports that the other end of a pty is gone
            break
        if not text:
            break
        os.write(1, text)
    os.close(terminal)
    wait_for(pid)


def process_of(method):
    import multiprocessing

    process = multiprocessing.get_context(method).Process(target=work, args=(method,))
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit("a child ended with status %s" % process.exitcode)


def run_subprocess():
    import subprocess

    subprocess.run([sys.executable, __file__, "work"], check=True)


def run_many():
    """Children that are not Python, and that have little time between fork and exec."""
    import subprocess

    for _ in range(30):
        subprocess.run(["true"], check=True)
    work("many")


def replace():
    os.execv(sys.executable, [sys.executable, __file__, "work"])


WAYS = {
    "work": lambda: work("alone"),
    "fork": os_fork,
    "pty": pty_fork,
    "mp-fork": lambda: process_of("fork"),
    "mp-forkserver": lambda: process_of("forkserver"),
    "mp-spawn": lambda: process_of("spawn"),
    "subprocess": run_subprocess,
    "subprocesses": run_many,
    "exec": replace,
}


def main():
    WAYS[sys.argv[1]]()
    os.write(1, b"parent: done\n")


if __name__ == "__main__":
    main()

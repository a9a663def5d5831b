"""A server as it stands there for hours: threads that wait, compute and read, and forked workers.

Prints one line with the process numbers of the workers when all of it is up,
serves until standard input ends, then ends with status 0. A line "fork" on
standard input forks one more worker, twice, as daemons do, and prints its number.
"""
import argparse
import os
import sys
import threading


def idle(stop):
    stop.wait()


def compute(stop):
    while not stop.is_set():
        sum(range(5000))


def read(stop):
    device = os.open("/dev/zero", os.O_RDONLY)
    while not stop.is_set():
        for _ in range(20):
            os.read(device, 1)
        stop.wait(0.002)
    os.close(device)


def start(work, kind, count, stop):
    """Threads named KIND-1, KIND-2, ..."""
    threads = [threading.Thread(target=work, args=(stop,), name="%s-%d" % (kind, i + 1)) for i in range(count)]
    for thread in threads:
        thread.start()
    return threads


def work_until(end, kind):
    """A worker: reads on one thread until nobody has the other end of `end` any more."""
    stop = threading.Event()
    threads = start(read, kind, 1, stop)
    os.read(end, 1)
    stop.set()
    for thread in threads:
        thread.join()
    os._exit(0)


def fork_worker(ends, kind):
    pid = os.fork()
    if pid:
        return pid
    os.close(ends[1])
    work_until(ends[0], kind)


def fork_twice(ends):
    """The worker's parent is gone when it begins."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        os.close(writer)
        with os.fdopen(reader) as file:
            return int(file.read())
    worker = os.fork()
    if worker:
        os.write(writer, b"%d" % worker)
        os._exit(0)
    os.close(writer)
    os.close(ends[1])
    work_until(ends[0], "late")


def main():
    parser = argparse.ArgumentParser()
    for name in ("workers", "idle", "busy", "io"):
        parser.add_argument("--" + name, type=int, default=0)
    arguments = parser.parse_args()
    ends = os.pipe()
    workers = [fork_worker(ends, "worker%d" % (i + 1)) for i in range(arguments.workers)]
    stop = threading.Event()
    threads = start(idle, "idle", arguments.idle, stop)
    threads += start(compute, "busy", arguments.busy, stop)
    threads += start(read, "io", arguments.io, stop)
    print("ready", *workers, flush=True)
    for line in sys.stdin:
        if line == "fork\n":
            print(fork_twice(ends), flush=True)
    stop.set()
    for thread in threads:
        thread.join()
    os.close(ends[1])
    for pid in workers:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()

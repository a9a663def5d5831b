"""Reads single bytes on several CPUs: first one thread after the other, then all at once.

Each thread stays on a CPU of its own, so that there is as much in the data streams of
each. With --children there are as many processes more that do the same, all at once.
"""
import argparse
import os
import threading

READS = 5000


def read_bytes(cpu):
    os.sched_setaffinity(0, {cpu})  # of this thread alone
    zero = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(READS):
        os.read(zero, 1)
    os.close(zero)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=0)
    options = parser.parse_args()
    cpus = sorted(os.sched_getaffinity(0))[:4]
    children = []
    for _ in range(options.children):
        pid = os.fork()
        if pid == 0:
            children = []
            break
        children.append(pid)
    for cpu in cpus:
        thread = threading.Thread(target=read_bytes, args=(cpu,), name="alone-on-%d" % cpu)
        thread.start()
        thread.join()
    threads = [threading.Thread(target=read_bytes, args=(cpu,), name="on-%d" % cpu) for cpu in cpus]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for pid in children:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()

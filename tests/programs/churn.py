"""
Begins and ends threads all the time, and forks among them, until standard input
ends. Each second all threads are awaited, and one line of JSON tells what the
process has then. For tests/soak.
"""
import argparse
import ctypes
import json
import os
import re
import select
import sys
import threading
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=64, help="at a time")
parser.add_argument("--pace", type=float, default=0.1, help="seconds that each of them lives, about")
parser.add_argument("--forks", type=int, default=4, help="a second")
options = parser.parse_args()

ZERO = os.open("/dev/zero", os.O_RDONLY)
started = forked = 0


class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]


libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Mallinfo


def work(number):
    """Some turns with the GIL and some without."""
    for i in range(4):
        os.read(ZERO, 100)
        time.sleep(options.pace / 8 * (1 + (number + i) % 3))
        sum(range(number % 1000))


def start():
    global started
    started += 1
    # Names that come back, as those of pools do.
    thread = threading.Thread(target=work, args=(started,), name="churn-%d" % (started % options.threads))
    thread.start()
    return thread


def fork(way):
    """A child with a thread of its own; it ends by itself or by os._exit."""
    global forked
    forked += 1
    child = os.fork()
    if child:
        return child
    thread = threading.Thread(target=work, args=(way,), name="child")
    thread.start()
    thread.join()
    if way % 2:
        os._exit(0)
    sys.exit(0)


def mappings():
    """kB that only this process has: of the preloaded library, and without any file."""
    own = anonymous = 0
    path = ""
    with open("/proc/self/smaps") as file:
        for line in file:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                path = "".join(line.split(None, 5)[5:]).strip()
            elif line.startswith("Private_Dirty:"):
                own += int(line.split()[1]) if "libgiltrace" in path else 0
                anonymous += int(line.split()[1]) if path in ("", "[heap]") else 0
    return own, anonymous


def sample():
    heap = libc.mallinfo2()
    own, anonymous = mappings()
    print(json.dumps({
        "started": started,
        "forked": forked,
        "heap": heap.uordblks + heap.hblkhd,
        "own_kb": own,
        "anonymous_kb": anonymous,
        "descriptors": len(os.listdir("/proc/self/fd")),
        "tasks": len(os.listdir("/proc/self/task")),
    }), flush=True)


def second():
    """64 threads at a time for a second, then none, nor a child."""
    threads, children = [start() for _ in range(options.threads)], []
    end = time.monotonic() + 1
    while time.monotonic() < end:
        threads = [thread for thread in threads if thread.is_alive()]
        threads += [start() for _ in range(options.threads - len(threads))]
        if len(children) < options.forks * (1 - (end - time.monotonic())):
            children.append(fork(forked))
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    failed = [status for status in (os.waitpid(child, 0)[1] for child in children) if status]
    assert not failed, failed


while not select.select([0], [], [], 0)[0]:
    second()
    sample()

"""
Marks regions of itself: within each other, across each other, with ends and begins
that have no other half, on several threads, under all kinds of names. Prints what the
report should know of them as JSON: {name: [entered, threads, never left, ends without a
begin, nanoseconds inside at least, at most]}.

    python regions.py [--names N]
"""
import argparse
import collections
import contextlib
import ctypes
import json
import threading
from time import monotonic_ns as now, sleep

library = ctypes.PyDLL(None)  # calls without letting go of the GIL
LONG = "a name of which only the end is its own/" * 10
TOO_LONG = "ä" * 300

counts = collections.defaultdict(lambda: [0, set(), 0, 0, 0, 0])


def begin(name):
    library.giltrace_begin(name.encode())
    return now()


def end(name):
    before = now()
    library.giltrace_end(name.encode())
    return before


@contextlib.contextmanager
def region(name):
    """Entered and left once by this thread; the first one of those that are within each other."""
    noted = counts[name]
    noted[0] += 1
    noted[1].add(threading.get_ident())
    first = now()
    entered = begin(name)
    yield
    left = end(name)
    noted[4] += left - entered
    noted[5] += now() - first


def nested():
    with region("outer"):
        for _ in range(3):
            with region("inner"):
                sleep(0.001)
    with region("recursive"):
        begin("recursive")
        begin("recursive")
        sleep(0.001)
        end("recursive")
        end("recursive")


def crossed():
    with contextlib.ExitStack() as stack:
        stack.enter_context(region("crossed"))
        first = now()
        entered = begin("crossing")
        sleep(0.001)
        stack.close()
        sleep(0.001)
        left = end("crossing")
        counts["crossing"][:] = [1, {threading.get_ident()}, 0, 0, left - entered, now() - first]


def halves():
    """Of the region that is never left the program cannot know the end: the thread's is it."""
    for _ in range(2):
        end("never begun")
        counts["never begun"][3] += 1
    begin("never left")
    begin("never left")
    noted = counts["never left"]
    noted[0] += 1
    noted[1].add(threading.get_ident())
    noted[2] += 1
    noted[4:] = [0, None]


def shared():
    for _ in range(2):
        with region("shared"):
            sleep(0.001)


def names(count):
    for name in ("höhe", "名前", "", LONG + "1", LONG + "2", TOO_LONG, *("name %d" % i for i in range(count))):
        with region(name):
            pass


parser = argparse.ArgumentParser()
parser.add_argument("--names", type=int, default=20000)
options = parser.parse_args()
threads = [threading.Thread(target=work) for work in (shared, shared, halves)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
nested()
crossed()
names(options.names)
print(json.dumps({name: [noted[0], len(noted[1]), *noted[2:]] for name, noted in counts.items()}))

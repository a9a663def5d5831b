"""
Goes through PARTS parts, each a region of all threads of the process called
"part 0", "part 1", ...: in each one more thread than in the one before computes,
inside of its own region "compute". A thread that was there before goes on all the
time, and so does the region "whole". "part 0" is gone through once more at the end.
"""
import argparse
import contextlib
import ctypes
import threading


@contextlib.contextmanager
def region(name, everywhere=False):
    end = "_all" if everywhere else ""
    names = ["giltrace_begin" + end, "giltrace_end" + end]
    begin, end = (getattr(ctypes.PyDLL(None), one, lambda name: None) for one in names)
    begin(name.encode())
    yield
    end(name.encode())


def compute(count):
    with region("compute"):
        while count:
            count -= 1


def go_on(done):
    while not done.wait(0.0001):
        pass


def part(number, count):
    with region("part %d" % number, everywhere=True):
        threads = [threading.Thread(target=compute, args=(count,)) for _ in range(number + 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--count", type=int, default=200_000)
    options = parser.parse_args()
    done = threading.Event()
    other = threading.Thread(target=go_on, args=(done,), name="other")
    other.start()
    with region("whole", everywhere=True):
        for number in [*range(options.parts), 0]:
            part(number, options.count)
    done.set()
    other.join()


if __name__ == "__main__":
    main()

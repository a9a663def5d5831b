"""
A thread calls C code that keeps the GIL for MILLISECONDS, again and again, in a
region called "call"; another wants the GIL all the time. Prints as JSON the number
of the thread that calls and, for each call, [its first nanosecond, its last one].
"""
import argparse
import contextlib
import ctypes
import json
import threading
import time

library = ctypes.PyDLL(None)  # calls without letting go of the GIL


@contextlib.contextmanager
def region(name):
    begin, end = (getattr(library, "giltrace_" + what, lambda name: None) for what in ("begin", "end"))
    begin(name)
    yield
    end(name)


def keep(calls, milliseconds, times, threads):
    threads.append(threading.get_native_id())
    for _ in range(calls):
        with region(b"call"):
            begin = time.monotonic_ns()
            library.usleep(milliseconds * 1000)
            times.append((begin, time.monotonic_ns()))
        time.sleep(0.01)


def want(done):
    while not done.is_set():
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--milliseconds", type=int, default=60)
    options = parser.parse_args()
    times, threads, done = [], [], threading.Event()
    wanting = threading.Thread(target=want, args=(done,), name="want")
    keeping = threading.Thread(target=keep, args=(options.calls, options.milliseconds, times, threads), name="keep")
    wanting.start()
    keeping.start()
    keeping.join()
    done.set()
    wanting.join()
    print(json.dumps([*threads, times]))


if __name__ == "__main__":
    main()

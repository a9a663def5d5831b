"""Work in two subinterpreters at once, on two threads.

From Python 3.12 on each has a GIL of its own, before that they share the main
interpreter's. Each reads a little, which gives the GIL up, and computes between that.
"""
import argparse
import sys
import threading

WORK = """
import os
device = os.open("/dev/zero", os.O_RDONLY)
for i in range(%d):
    os.read(device, 1)
    sum(range(500))
os.close(device)
"""


class Subinterpreter:
    """One, by the module that this version has: 3.14's public one, or its private forerunners."""

    def __init__(self):
        if sys.version_info >= (3, 14):
            from concurrent import interpreters

            self.one = interpreters.create()
            self.run, self.end = self.one.exec, self.one.close
            return
        if sys.version_info >= (3, 13):
            import _interpreters as module
        else:
            import _xxsubinterpreters as module
        self.one = module.create()
        self.module = module

    def run(self, code):
        error = self.module.run_string(self.one, code)
        if error:
            raise RuntimeError(error)

    def end(self):
        self.module.destroy(self.one)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="reads in each")
    options = parser.parse_args()

    done = []

    def work(one):
        one.run(WORK % options.count)
        done.append(one)

    subinterpreters = [Subinterpreter() for _ in range(2)]
    threads = [
        threading.Thread(target=work, args=(one,), name="sub-%d" % (i + 1)) for i, one in enumerate(subinterpreters)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in subinterpreters:
        one.end()
    if len(done) != len(subinterpreters):
        sys.exit("work in a subinterpreter failed")
    print(len(subinterpreters), "subinterpreters read", options.count, "times each")


if __name__ == "__main__":
    main()

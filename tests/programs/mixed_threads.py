"""Threads that each do a little of everything: the everyday program, on as many threads as one likes.

A unit of work computes in Python, hashes a block and passes it through a file, both of
which let go of the GIL, and every tenth sleeps for a moment, as for an answer.
"""
import argparse
import hashlib
import sys
import tempfile
import threading
import time

BLOCK = bytes(range(256)) * 256  # 64 KiB, for which hashlib lets go of the GIL
MOMENT = 0.0002  # seconds


def work(units):
    with tempfile.TemporaryFile(buffering=0) as file:
        for unit in range(units):
            number = unit
            for _ in range(1000):
                number = (number * 1103515245 + 12345) % 2147483648
            digest = hashlib.sha256(BLOCK).digest()
            file.seek(0)
            file.write(digest)
            file.seek(0)
            file.read(len(digest))
            if unit % 10 == 0:
                time.sleep(MOMENT)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=4, metavar="N")
    parser.add_argument("--count", type=int, default=100, help="units of work, per thread (default %(default)s)")
    parser.add_argument("--time", action="store_true", help="say on standard error how long it took, in ns")
    parser.add_argument("--cpu-time", action="store_true", help="and how much processor time, in ns")
    options = parser.parse_args()

    threads = [
        threading.Thread(target=work, args=(options.count,), name="mixed-%d" % (i + 1))
        for i in range(options.threads)
    ]
    begin, cpu_begin = time.perf_counter_ns(), time.process_time_ns()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed, cpu = time.perf_counter_ns() - begin, time.process_time_ns() - cpu_begin
    print("did", options.count, "units on each of", options.threads, "threads")
    if options.time:
        print(elapsed, file=sys.stderr)
    if options.cpu_time:
        print(cpu, file=sys.stderr)


if __name__ == "__main__":
    main()

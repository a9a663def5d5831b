"""Give the GIL up an exact number of times: one release and one acquire per read.

Without --threads the main thread reads, nobody competes, and a run with --count N has
exactly N acquisitions more than a run with --count 0.
"""
import argparse
import os
import sys
import threading
import time


def read(count, cpu_times):
    device = os.open("/dev/zero", os.O_RDONLY)
    take = os.read
    begin, cpu_begin = time.perf_counter_ns(), time.thread_time_ns()
    for _ in range(count):
        take(device, 1)
    elapsed, cpu = time.perf_counter_ns() - begin, time.thread_time_ns() - cpu_begin
    os.close(device)
    cpu_times.append(cpu)
    return elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="reads, per thread (default %(default)s)")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="read on N threads of their own")
    parser.add_argument("--time", action="store_true", help="say on standard error how long the reads took, in ns")
    parser.add_argument("--cpu-time", action="store_true", help="and how much processor time, of all threads, in ns")
    options = parser.parse_args()

    cpu_times = []
    if options.threads:
        threads = [
            threading.Thread(target=read, args=(options.count, cpu_times), name="reader-%d" % (i + 1))
            for i in range(options.threads)
        ]
        begin = time.perf_counter_ns()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter_ns() - begin
    else:
        elapsed = read(options.count, cpu_times)
    print("read", options.count, "times")
    if options.time:
        print(elapsed, file=sys.stderr)
    if options.cpu_time:
        print(sum(cpu_times), file=sys.stderr)


if __name__ == "__main__":
    main()

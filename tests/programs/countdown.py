"""Count down to zero: the same work on one thread, on several, or on several processes.

The classic demonstration of the GIL: pure Python arithmetic that never blocks. Two
threads take longer than one, two processes take about half.
"""
import argparse
import multiprocessing
import sys
import threading
import time


def countdown(count):
    while count > 0:
        count -= 1


def in_threads(workers, count):
    threads = [
        threading.Thread(target=countdown, args=(count,), name="countdown-%d" % (i + 1))
        for i in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_processes(workers, count, method):
    context = multiprocessing.get_context(method)
    processes = [context.Process(target=countdown, args=(count,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode != 0:
            sys.exit("a child ended with status %s" % process.exitcode)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--threads", type=int, default=0, metavar="N", help="share the work among N threads")
    where.add_argument("--processes", type=int, default=0, metavar="N", help="share the work among N processes")
    parser.add_argument("--start-method", choices=("fork", "forkserver", "spawn"), default="fork")
    parser.add_argument("--count", type=int, default=20_000_000, help="the whole work (default %(default)s)")
    parser.add_argument("--time", action="store_true", help="say on standard error how long it took")
    parser.add_argument("--cpu-time", action="store_true", help="and how much processor time of this process")
    options = parser.parse_args()

    begin, cpu_begin = time.perf_counter(), time.process_time()
    if options.threads:
        in_threads(options.threads, options.count // options.threads)
        print("counted", options.count, "on", options.threads, "threads")
    elif options.processes:
        in_processes(options.processes, options.count // options.processes, options.start_method)
        print("counted", options.count, "on", options.processes, "processes")
    else:
        countdown(options.count)
        print("counted", options.count, "on the main thread")
    if options.time:
        print("%.3f s" % (time.perf_counter() - begin), file=sys.stderr)
    if options.cpu_time:
        print("%.3f s" % (time.process_time() - cpu_begin), file=sys.stderr)


if __name__ == "__main__":
    main()
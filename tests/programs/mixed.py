"""A CPU-bound thread beside an I/O thread: the convoy.

The I/O thread sends single bytes and waits a millisecond for each to come back. To go
on after that it must get the GIL back from the CPU-bound thread, which lets go only
when the switch interval is over. `--alone` leaves the CPU-bound thread out.
"""
import argparse
import os
import sys
import threading
import time

ROUND_TRIP = 0.001  # seconds: the network that this program does not have


def compute(stop):
    number = 0
    while not stop:
        number = (number * 1103515245 + 12345) % 2147483648


def exchange(messages, latencies, stop):
    reader, writer = os.pipe()
    for _ in range(messages):
        begin = time.perf_counter()
        os.write(writer, b"x")
        time.sleep(ROUND_TRIP)
        os.read(reader, 1)
        latencies.append(time.perf_counter() - begin)
    os.close(reader)
    os.close(writer)
    stop.append(True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--alone", action="store_true", help="no CPU-bound thread")
    parser.add_argument("--interval", type=float, metavar="SECONDS", help="set the switch interval")
    parser.add_argument("--time", action="store_true", help="say on standard error how long a message took")
    options = parser.parse_args()

    if options.interval:
        sys.setswitchinterval(options.interval)
    stop, latencies = [], []
    threads = [threading.Thread(target=exchange, args=(options.messages, latencies, stop), name="io")]
    if not options.alone:
        threads.insert(0, threading.Thread(target=compute, args=(stop,), name="cpu"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    print("exchanged", len(latencies), "messages")
    if options.time and latencies:
        latencies.sort()
        median, worst = latencies[len(latencies) // 2], latencies[-1]
        print("median %.3f ms, worst %.3f ms" % (median * 1e3, worst * 1e3), file=sys.stderr)


if __name__ == "__main__":
    main()

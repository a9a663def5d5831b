"""Reads single bytes: each time the GIL is given up for a moment, and nobody minds."""
import argparse
import mmap
import os
import signal
import struct
import threading


def read_bytes(number, options, counters):
    zero = os.open("/dev/zero", os.O_RDONLY)
    for count in range(1, options.reads + 1):
        os.read(zero, 1)
        if counters:
            struct.pack_into("Q", counters, 8 * number, count)
            if number == 0 and count == options.kill_after:
                os.kill(os.getpid(), signal.SIGKILL)
    os.close(zero)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reads", type=int, default=100000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--counters", help="file in which each thread counts, in 8 bytes")
    parser.add_argument("--kill-after", type=int, default=0, help="reads of the first thread")
    options = parser.parse_args()
    counters = None
    if options.counters:
        with open(options.counters, "r+b") as file:
            counters = mmap.mmap(file.fileno(), 0)
    threads = [threading.Thread(target=read_bytes, args=(i, options, counters)) for i in range(options.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()

"""Threads that give the GIL up for I/O again and again: reads of a device and of a file."""
import argparse
import os
import threading


def read_device(count):
    device = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(count):
        os.read(device, 4096)
    os.close(device)


def read_file(count):
    file = os.open(__file__, os.O_RDONLY)
    for _ in range(count):
        os.lseek(file, 0, os.SEEK_SET)
        os.read(file, 4096)
    os.close(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--count", type=int, default=2000, help="reads per thread")
    options = parser.parse_args()

    threads = [
        threading.Thread(
            target=read_file if i % 2 else read_device, args=(options.count,), name="io-%d" % (i + 1)
        )
        for i in range(options.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(options.threads, "threads read", options.count, "times each")


if __name__ == "__main__":
    main()

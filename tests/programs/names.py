"""Threads with names that are long, not ASCII, equal, or absent."""
import os
import threading

NAMES = [
    "plain",
    "with spaces and \"quotes\"",
    "Zo\u00eb \u2013 \u4e2d\u6587 \U0001f40d",
    "long-" + "0123456789" * 20,
    "twin",
    "twin",
]


def read():
    device = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(20):
        os.read(device, 1)
    os.close(device)


def main():
    threads = [threading.Thread(target=read, name=name) for name in NAMES]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in NAMES:
        print(ascii(name))


if __name__ == "__main__":
    main()

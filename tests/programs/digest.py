"""Two threads compute digests: by hashlib, which lets go of the GIL, or with --worse in Python, which does not.

The switch is what a gate has to notice.
"""
import argparse
import hashlib
import threading

DATA = bytes(range(256)) * 1000


def digest(worse):
    if not worse:
        return hashlib.sha256(DATA).digest()
    total = 0
    for byte in DATA[:60000]:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return total


def work(count, worse):
    for _ in range(count):
        digest(worse)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="digests of each thread")
    parser.add_argument("--worse", action="store_true")
    parser.add_argument("--status", type=int, default=0, help="exit status")
    arguments = parser.parse_args()
    threads = [
        threading.Thread(target=work, args=(arguments.count, arguments.worse), name="worker-%d" % i)
        for i in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return arguments.status


if __name__ == "__main__":
    raise SystemExit(main())

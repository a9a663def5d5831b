"""Two CPU-bound threads under a switch interval of one's choice."""
import argparse
import sys
import threading
import time


def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interval", type=float, default=0.005, metavar="SECONDS")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long the threads compete")
    options = parser.parse_args()

    sys.setswitchinterval(options.interval)
    threads = [
        threading.Thread(target=spin, args=(options.seconds,), name="spin-%d" % (i + 1)) for i in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("switch interval", sys.getswitchinterval())


if __name__ == "__main__":
    main()

"""
A thread that stays in C code with the GIL for longer than anybody wants to wait,
several times, while another one waits for the GIL all the time. Prints what that
cost the program, as JSON: signals, interrupted calls.

    python native.py LIBRARY [--handle | --ignore | --block | --late] [--holds N]
"""
import argparse
import ctypes
import json
import signal
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("library")
for name in ("--handle", "--ignore", "--block", "--late"):
    parser.add_argument(name, action="store_true")
parser.add_argument("--holds", type=int, default=3)
options = parser.parse_args()
compute = ctypes.PyDLL(options.library).library_compute
seen = []
done = False


def wait():
    while not done:
        time.sleep(0.0005)


def hold():
    compute(80)


if options.handle:
    signal.signal(signal.SIGURG, lambda number, frame: seen.append(number))
if options.ignore:
    signal.signal(signal.SIGURG, signal.SIG_IGN)
if options.block:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG])
waiter = threading.Thread(target=wait, name="waiter")
waiter.start()
for turn in range(options.holds):
    hold()
    time.sleep(0.002)
    if options.late:
        signal.signal(signal.SIGURG, lambda number, frame: seen.append(number))
done = True
waiter.join()
pending = options.block and signal.SIGURG in signal.sigpending()
print(json.dumps({"seen": seen, "pending": bool(pending)}))

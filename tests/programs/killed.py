"""Kill one busy child after the other; the last one is let end."""
import argparse
import os
import signal
import subprocess
import sys
import threading


def read_on(until=None):
    """Two threads read; the parent is told when they do."""
    def read(number):
        device = os.open("/dev/zero", os.O_RDONLY)
        done = 0
        while until is None or done < until:
            os.read(device, 1)
            done += 1
            if number == 0 and done == 3000:
                os.write(1, b"!")

    threads = [threading.Thread(target=read, args=(i,), name="reader-%d" % i) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, default=30, help="of which all but the last are killed")
    parser.add_argument("--read", choices=["on", "out"], help="be a child")
    options = parser.parse_args()
    if options.read:
        return read_on(4000 if options.read == "out" else None)
    for number in range(options.children):
        last = number == options.children - 1
        child = subprocess.Popen(
            [sys.executable, __file__, "--read", "out" if last else "on"], stdout=subprocess.PIPE)
        child.stdout.read(1)
        if not last:
            child.send_signal(signal.SIGKILL)
        print(number, child.wait())


if __name__ == "__main__":
    main()

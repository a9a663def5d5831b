"""End in every way that a Python program can."""
import atexit
import os
import signal
import sys
import threading
import time


def kill_self(number):
    os.kill(os.getpid(), number)
    time.sleep(60)


def leave_daemon_threads():
    """Ends while two daemon threads still want the GIL."""
    started = threading.Barrier(3)

    def spin():
        started.wait()
        while True:
            pass

    for i in range(2):
        threading.Thread(target=spin, name="daemon-%d" % (i + 1), daemon=True).start()
    started.wait()


def raise_in_thread():
    thread = threading.Thread(target=sys.exit, args=(3,), name="exits")  # ends the thread alone
    thread.start()
    thread.join()


def handle_signal():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(42))
    kill_self(signal.SIGTERM)


def fail():
    raise ValueError("on purpose")


WAYS = {
    "return": lambda: None,
    "exit-0": lambda: sys.exit(0),
    "exit-3": lambda: sys.exit(3),
    "exit-text": lambda: sys.exit("a last word"),
    "exception": fail,
    "interrupt": lambda: signal.raise_signal(signal.SIGINT),
    "os-exit": lambda: os._exit(7),
    "abort": os.abort,
    "sigkill": lambda: kill_self(signal.SIGKILL),
    "sigterm": lambda: kill_self(signal.SIGTERM),
    "sigterm-handled": handle_signal,
    "sigsegv": lambda: kill_self(signal.SIGSEGV),
    "daemon-threads": leave_daemon_threads,
    "thread-exit": raise_in_thread,
}


def main():
    atexit.register(print, "atexit ran")
    print("before", flush=True)
    WAYS[sys.argv[1]]()
    print("after", flush=True)


if __name__ == "__main__":
    main()

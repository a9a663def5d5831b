"""What a preloaded library can get wrong: threads that allocate, wait for each other and read, and forks beside them."""
import os
import queue
import threading
import warnings

FORKS = 5


def read(count):
    device = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(count):
        os.read(device, 1)
    os.close(device)


def churn(stop, tasks, done):
    kept = []
    while not stop.is_set():
        kept.append(bytearray(1000 * (len(kept) % 50 + 1)))
        if len(kept) > 200:
            del kept[::2]
        done.put(tasks.get())
        read(1)


def fork():
    pid = os.fork()
    if pid == 0:
        threads = [threading.Thread(target=read, args=(20,), name="forked-%d" % i) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os._exit(3)
    return os.waitpid(pid, 0)[1]


def main():
    warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads: that is what this is about
    stop, tasks, done = threading.Event(), queue.Queue(), queue.Queue()
    threads = [threading.Thread(target=churn, args=(stop, tasks, done), name="churn-%d" % i) for i in range(3)]
    for thread in threads:
        thread.start()
    for number in range(FORKS):
        for task in range(20):
            tasks.put(task)
        print("fork", number, fork(), flush=True)
        print("done", sum(done.get() for _ in range(20)), flush=True)
    stop.set()
    for _ in threads:
        tasks.put(0)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()

"""End a process by the end of its last thread, where nothing calls exit()."""
import ctypes
import os
import sys
import threading
import time


def state_of_main():
    with open("/proc/self/task/%d/stat" % os.getpid()) as file:
        return file.read().rpartition(")")[2].split()[0]


def outlive_main():
    """Ends together with the other threads that do so, after the main thread."""
    while state_of_main() != "Z":
        time.sleep(0.001)
    together.wait()


def leave_main(count):
    for _ in range(count):
        threading.Thread(target=outlive_main).start()
    print("main thread ends", flush=True)
    ctypes.CDLL(None).pthread_exit(None)


def fork():
    child = os.fork()
    if child == 0:
        # This thread is the child's only one, and no main thread ends the child.
        print("child", threading.current_thread().name, flush=True)
        return
    print("parent: child ended with", os.waitpid(child, 0)[1], flush=True)


way = sys.argv[1]
if way == "fork":
    sys.stdout.flush()
    thread = threading.Thread(target=fork, name="forking")
    thread.start()
    thread.join()
else:
    count = 1 if way == "one" else 5
    together = threading.Barrier(count)
    leave_main(count)

"""Read single bytes, as often as a line on standard input says, and say how long that took: a server
whose cost can be asked for before, during and after a recording.

Each answer is a line with the processor time of the reads, in ns. Ends with its input.
"""
import os
import sys
import threading
import time


def serve():
    device = os.open("/dev/zero", os.O_RDONLY)
    take = os.read
    for line in sys.stdin:
        count = int(line)
        begin = time.thread_time_ns()
        for _ in range(count):
            take(device, 1)
        print(time.thread_time_ns() - begin, flush=True)
    os.close(device)


if __name__ == "__main__":
    server = threading.Thread(target=serve, name="server")
    server.start()
    server.join()

"""Do what standard input says, one line at a time, and answer each when it is done.

    read N   N reads of one byte, each of which gives the GIL up
    race N   the same on two threads at once
    hold     wait for the next line with the GIL in hand, as a badly written extension does;
             meanwhile a second thread wants the GIL
    quit     end

So a test can start and stop a recording at a known moment, without a clock.
"""
import ctypes
import os
import sys
import threading


def read(count):
    device = os.open("/dev/zero", os.O_RDONLY)
    for _ in range(count):
        os.read(device, 1)
    os.close(device)


def race(count):
    threads = [threading.Thread(target=read, args=(count,), name="racer-%d" % (i + 1)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hold(libc):
    """Writes and reads through PyDLL, which does not release the GIL."""
    reader, writer = os.pipe()
    waiter = threading.Thread(target=os.read, args=(reader, 1), name="waiter")
    waiter.start()
    libc.write(writer, b"x", 1)  # the waiter's read ends, and it cannot go on
    libc.write(1, b"begin hold\n", 11)
    byte = ctypes.create_string_buffer(1)
    while libc.read(0, byte, 1) == 1 and byte.raw != b"\n":
        pass
    waiter.join()
    os.close(reader)
    os.close(writer)


def read_line():
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return "quit"
        line += byte
    return line.decode().strip()


def main():
    libc = ctypes.PyDLL(None)
    while True:
        command, _, count = read_line().partition(" ")
        if command == "quit":
            break
        if command == "read":
            read(int(count))
        elif command == "race":
            race(int(count))
        elif command == "hold":
            hold(libc)
        else:
            sys.exit("unknown command: " + command)
        os.write(1, ("end %s\n" % command).encode())


if __name__ == "__main__":
    main()

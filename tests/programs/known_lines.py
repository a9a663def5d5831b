"""
Each function holds the GIL, or gives it up, on its last line, and notes around that
what its hold can at least and at most have taken: nothing that the machine does
meanwhile makes that untrue. Those that hold are repeated until the two agree within
1 %, at most TIMES times, those that let go TIMES times. Then one thread waits on a known line while
another one holds on another.

    python known_lines.py LIBRARY [FOLDER OF THE EXTENSION keeper]

Prints as JSON {"lines": [[function, line, [[at least, at most] of each call]]], "wait":
the same of one, "behind": the same of one}, in nanoseconds.
"""
import ctypes
import hashlib
import json
import socket
import sys
import tempfile
import threading
from time import monotonic_ns as now, sleep

CLOSE = 1.01
TIMES = 20
keeping = ctypes.PyDLL(sys.argv[1])  # calls without letting go of the GIL
letting_go = ctypes.CDLL(sys.argv[1])
let_go = letting_go.library_nothing


# Those that hold: (before the hold begins, in it, in it, after it has ended).


def python_loop():
    before = now(); let_go(); begin = now()
    any(i < 0 for i in range(5000000)); end = now(); let_go(); return before, begin, end, now()


def c_call():
    before = now(); let_go(); begin = now()
    keeping.library_sleep(300); end = now(); let_go(); return before, begin, end, now()


def extension():
    before = now(); let_go(); begin = now()
    keeper.compute(50); end = now(); let_go(); return before, begin, end, now()


# Those that let go while they work.


def sleeps():
    before = now(); let_go(); begin = now()
    end = now(); sleep(0.005); return before, begin, end, now()


def hashes():
    before = now(); let_go(); begin = now()
    end = now(); hashlib.sha256(DATA); return before, begin, end, now()


def writes():
    before = now(); let_go(); begin = now()
    end = now(); FILE.write(DATA); return before, begin, end, now()


def receives():
    before = now(); let_go(); begin = now()
    end = now(); NEAR.recv(1); return before, begin, end, now()


def last_line(function):
    return function.__code__.co_firstlineno + 2


def repeat(function, closely):
    """-> [name, line, [[nanoseconds at least, at most] of each call]]"""
    calls = []
    while len(calls) < TIMES:
        before, begin, end, after = function()
        calls.append([end - begin, after - before])
        if closely and calls[-1][1] <= CLOSE * calls[-1][0]:
            break
    return [function.__name__, last_line(function), calls]


class Turn(ctypes.Structure):
    """See library.c."""
    _fields_ = [(name, ctypes.c_longlong) for name in ("ready", "go", "gone", "held")]


def behind(turn):
    before = now(); let_go(); begin = now()
    keeping.library_hold_against(turn, 100); let_go(); return before, begin, turn._obj.held, now()


def wait(turn):
    """Says that it has let go of the GIL, and wants it once it is told to go on."""
    letting_go.library_wait_for(turn)
    return now()


def wait_behind(turn, ended):
    ended.append(wait(turn))


DATA = bytes(5000000)
FILE = tempfile.TemporaryFile(buffering=0)
NEAR, FAR = socket.socketpair()
FAR.send(bytes(TIMES))
holding = [python_loop, c_call]
if len(sys.argv) > 2:
    sys.path.insert(0, sys.argv[2])
    import keeper

    holding.append(extension)
lines = [repeat(function, True) for function in holding]
lines += [repeat(function, False) for function in (sleeps, hashes, writes, receives)]

turn, ended = Turn(), []
thread = threading.Thread(target=wait_behind, args=(ctypes.byref(turn), ended), name="wait")
thread.start()
# Who holds on to the GIL before the other one has let go of it waits for ever.
letting_go.library_wait_until_ready(ctypes.byref(turn))
before, begin, end, after = behind(ctypes.byref(turn))
thread.join()
print(json.dumps({
    "lines": lines,
    "behind": [behind.__name__, last_line(behind), [[end - begin, after - before]]],
    "wait": [wait.__name__, last_line(wait), [[turn.held - turn.gone, ended[0] - turn.gone]]],
}))

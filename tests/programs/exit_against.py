"""
Ends while another thread has waited for the GIL for less than a switch interval.

    python exit_against.py LIBRARY
"""
import ctypes
import os
import sys
import threading


class Turn(ctypes.Structure):
    """See library.c."""
    _fields_ = [(name, ctypes.c_longlong) for name in ("ready", "go", "gone", "held")]


turn = Turn()
letting_go = ctypes.CDLL(sys.argv[1])
threading.Thread(target=letting_go.library_wait_for, args=(ctypes.byref(turn),), daemon=True, name="waits").start()
letting_go.library_wait_until_ready(ctypes.byref(turn))
ctypes.PyDLL(sys.argv[1]).library_hold_against(ctypes.byref(turn), 1)
os._exit(0)

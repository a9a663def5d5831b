"""
What a smaller switch interval would change, as the report forecasts it from a trace, and
what it does change. On a busy machine a thread that waits is also kept waiting for a
CPU: the program runs with real-time priority, so that no other one can do that to it.
"""
import os
import subprocess

import pytest

from conftest import PROGRAMS

CLOSE = 0.15
ATTEMPTS = 5  # it may also be a virtual machine, that is kept waiting as a whole
REAL_TIME = ["chrt", "--rr", "10"]


def waits_of_io(record_command, report_json, python, *arguments):
    """The I/O thread's mean wait (ns) and what is forecast of it, by interval (us)."""
    trace, _ = record_command(*REAL_TIME, python.path, PROGRAMS / "mixed.py", *arguments)
    (gil,) = report_json(trace)["processes"][0]["gils"]
    (thread,) = [one for one in gil["threads"] if one["name"] == "io"]
    forecasts = {
        interval["interval_us"]: one["wait_ns"] / thread["wait"]["count"]
        for interval in gil["switch_interval_forecast"]["intervals"]
        for one in interval["threads"] if one["thread"] == thread["tid"]
    }
    return thread["wait_ns"] / thread["wait"]["count"], forecasts


def test_waits_become_shorter_by_what_was_forecast(record_command, report_json, any_python):
    if any_python.free_threaded or os.cpu_count() < 2:
        pytest.skip("needs a GIL, and a CPU for each of two threads")
    if subprocess.run([*REAL_TIME, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("may not run with real-time priority")
    seen = []
    for _ in range(ATTEMPTS):
        now, forecasts = waits_of_io(record_command, report_json, any_python)
        assert set(forecasts) == {500, 1000}
        then = {
            us: waits_of_io(record_command, report_json, any_python, "--interval", us / 1e6)[0] for us in forecasts
        }
        seen.append((now, forecasts, then))
        if all(abs(forecasts[us] - then[us]) <= CLOSE * (now - then[us]) for us in forecasts):
            return
    pytest.fail("never as forecast (now, forecast, then): %s" % seen)

"""Threads that come and go, under sessions that do: tests/soak for a quarter of a minute, and many starts."""
import os
import subprocess

import sessions
from conftest import BIN, PROGRAMS, ROOT, clean_environment


def test_short_soak(any_python):
    build = os.path.dirname(os.path.dirname(BIN))
    result = subprocess.run(
        [ROOT / "tests" / "soak", "--duration", "12", "--segment", "2", "--build", build, "--python", any_python.path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=clean_environment(), timeout=170,
    )
    assert result.returncode == 0, result.stdout


def test_many_starts(any_python, library, report_json, check_invariants, tmp_path):
    """Recording begins when all of its events are wanted: none of the first is lost, unnoticed."""
    program = subprocess.Popen(
        [any_python.path, "-W", "ignore", PROGRAMS / "churn.py", "--forks", "0"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_environment(LD_PRELOAD=library, GILTRACE_BURST=1),
    )
    try:
        program.stdout.readline()
        with sessions.session(tmp_path, subbuf_size="4M", num_subbuf=8) as session:
            for _ in range(40):
                session.stop()
                session.start()
            session.stop()
    finally:
        program.communicate(timeout=60)
    report = report_json(tmp_path)
    raw = check_invariants(report, tmp_path, pid=program.pid)
    (gil,) = [gil for process in report["processes"] if process["pid"] == program.pid for gil in process["gils"]]
    assert len(raw.gil(program.pid, 0, gil["id"]).starts) > 1
    assert "sequence_gap" not in {doubt["kind"] for doubt in report["doubts"]}, report["doubts"]

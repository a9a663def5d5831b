"""Other preloaded libraries, before ours and behind it: the program works, and nothing is missed."""
import os
import subprocess

import pytest

import sessions
from conftest import BUILT, PROGRAMS, clean_environment

COUNT = 10_000
FORKS = 5  # as in preloads.py
OTHERS = {
    "jemalloc": "libjemalloc.so.2",
    "tcmalloc": "libtcmalloc_minimal.so.4",
    "eatmydata": "libeatmydata.so",
    "lttng-fork": "liblttng-ust-fork.so",
    "lttng-pthread": "liblttng-ust-pthread-wrapper.so",
    "lttng-libc": "liblttng-ust-libc-wrapper.so",
    "counting": str(BUILT / "counting.so"),
}


def is_found(library):
    """Whether the dynamic linker finds it; what it does not find it names on standard error."""
    result = subprocess.run(["true"], stderr=subprocess.PIPE, text=True, env=clean_environment(LD_PRELOAD=library))
    return "cannot be preloaded" not in result.stderr


def run(python, program, *arguments, **environment):
    """The pid, and what it shows to the world."""
    with subprocess.Popen(
        [python.path, str(PROGRAMS / program), *map(str, arguments)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(**environment),
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.pid, (process.returncode, stdout, stderr)


def counts_of(path):
    return {name: int(count) for name, count in map(str.split, path.read_text().splitlines())}


@pytest.mark.parametrize("place", ["before", "behind"])
@pytest.mark.parametrize("name", OTHERS)
def test_other(library, any_python, report_json, check_invariants, tmp_path, name, place):
    other = OTHERS[name]
    if not is_found(other):
        pytest.skip("%s is not installed" % other)
    preload = "%s:%s" % ((other, library) if place == "before" else (library, other))
    trace = tmp_path / "trace"
    _, expected = run(any_python, "preloads.py", LD_PRELOAD=other)
    assert expected[0] == 0
    with sessions.session(trace) as session:
        busy, outcome = run(any_python, "preloads.py", LD_PRELOAD=preload)
        read, idle = [
            run(any_python, "releases.py", "--count", count, LD_PRELOAD=preload, COUNTING=tmp_path / str(count))[0]
            for count in (COUNT, 0)]
        session.stop()
    assert outcome == expected
    report = report_json(trace)
    check_invariants(report, trace)
    gils = {}
    for process in report["processes"]:
        assert process["exited"]
        (gils[process["pid"], process["ppid"]],) = process["gils"]
    children = [gil for (_, ppid), gil in gils.items() if ppid == busy]
    assert len(gils) == 3 + len(children) and len(children) == FORKS
    for gil in children:
        acquisitions = {thread["name"]: thread["acquisitions"] for thread in gil["threads"]}
        assert min(acquisitions["forked-0"], acquisitions["forked-1"]) >= 20
    # One of a single thread for each read.
    taken = {pid: gil["acquisitions"] for (pid, _), gil in gils.items()}
    assert taken[read] - taken[idle] == COUNT

    if name == "counting":
        more = {
            function: count - counts_of(tmp_path / "0")[function]
            for function, count in counts_of(tmp_path / str(COUNT)).items()}
        # Its turn came, too: each read signals the release and the acquire.
        assert more["pthread_cond_signal"] == 2 * COUNT
        assert more["pthread_mutex_unlock"] >= 2 * COUNT  # three each, and LTTng's, some thousand more or less

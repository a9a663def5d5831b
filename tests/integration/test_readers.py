"""
A trace that several threads decode gives, to the byte, what one thread makes of it:
giltrace has one alone where it may use one CPU alone.
"""
import os
import shutil
import struct
import subprocess

import pytest

from conftest import BIN, PROGRAMS, clean_environment
from test_report_input import change_metadata, event_record, make_kind_unknown

TROUBLE = 2
PAGE = 4096

CPUS = os.sched_getaffinity(0)

pytestmark = pytest.mark.skipif(len(CPUS) < 2, reason="one CPU alone")

# Children. Of many processes each thread decodes some, of a few it decodes some streams of each.
RECORDINGS = {"one process": 0, "a few processes": 2, "many processes": 16}


@pytest.fixture(scope="module", params=[(children, how) for children in RECORDINGS.values()
                                        for how in ("--quiet", "--no-burst")],
                ids=["%s, %s" % (name, how) for name in RECORDINGS for how in ("bursts", "an event each")])
def recording(request, giltrace, any_python, tmp_path_factory):
    children, how = request.param
    path = tmp_path_factory.mktemp("recording") / "trace"
    result = giltrace("record", how, "-o", path, "--", any_python.path, PROGRAMS / "on_cpus.py",
                      "--children", children)
    assert result.returncode == 0, result.stderr
    assert len(large_streams(path)) >= 2 * (1 + children)
    return path


@pytest.fixture
def trace(recording, tmp_path):
    """A copy of it to be damaged."""
    return shutil.copytree(recording, tmp_path / "trace")


def large_streams(trace):
    return sorted(path for path in trace.rglob("giltrace_*")
                  if path.suffix != ".idx" and path.stat().st_size >= 4 * PAGE)


def packets_of(stream):
    """Where they begin."""
    index = (stream.parent / "index" / (stream.name + ".idx")).read_bytes()
    (size,) = struct.unpack_from(">I", index, 12)
    return [struct.unpack_from(">Q", index, at)[0] for at in range(16, len(index), size)]


def run_on(cpus, *command):
    result = subprocess.run(
        [BIN, *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=clean_environment(), timeout=120, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    return result.returncode, result.stdout, result.stderr.decode()


def same(*command):
    """What the command says, which must not depend on the CPUs: status, stdout in bytes, stderr."""
    alone = run_on({min(CPUS)}, *command)
    together = run_on(CPUS, *command)
    assert together[::2] == alone[::2]
    assert together[1] == alone[1]
    return alone


@pytest.mark.parametrize("command", [
    ["report", "--format", "json"],
    ["report", "--format", "html", "-o", "/dev/stdout"],
    ["export", "--format", "csv", "--table", "holds"],
    ["export", "--format", "perfetto", "-o", "/dev/stdout"],
    ["export", "--format", "folded"],
], ids=lambda command: " ".join(command[:3]))
def test_sound(recording, command):
    status, output, messages = same(*command, recording)
    assert status == 0 and output and messages == ""


def test_cut_off(trace):
    for stream in large_streams(trace)[:2]:
        os.truncate(stream, stream.stat().st_size // 2 + 1000)
    status, output, messages = same("report", "--format", "json", trace)
    assert status == 0 and b'"truncated"' in output
    assert messages.count("cut off") == 2


@pytest.mark.parametrize("recording", [(2, "--quiet")], ids=["a few processes"], indirect=True)
def test_cut_off_in_any_event(trace):
    """
    babeltrace2 hands events on fifteen at a time, and differs in how it says that there are no
    more: the other streams are read to their end.
    """
    damaged = large_streams(trace)[:2]
    sizes = [stream.stat().st_size // 2 + 1000 for stream in damaged]
    for less in range(0, 900, 50):
        for stream, size in zip(damaged, sizes):
            os.truncate(stream, size - less)
        status, _, messages = run_on(CPUS, "report", "--format", "json", trace)
        assert status == 0
        assert len(messages.splitlines()) == 2 and messages.count("cut off") == 2


def test_damaged_inside(trace):
    """babeltrace2 meets it in the middle of its work: no packet begins like that."""
    for stream in large_streams(trace)[:2]:
        packets = packets_of(stream)
        with open(stream, "r+b") as file:
            file.seek(packets[len(packets) // 2])
            file.write(b"\xff" * PAGE)
    status, output, messages = same("report", "--format", "json", trace)
    assert status == 0, messages
    assert b'"truncated"' in output and messages


def test_streams_that_end_before_the_others(trace):
    """
    Without an index nothing tells that their end is missing but the others: one of a process
    in two, which may be all that it had in this stream.
    """
    of_process = {stream.parent: stream for stream in large_streams(trace)}
    for stream in list(of_process.values())[:2]:
        packets = packets_of(stream)
        os.truncate(stream, packets[len(packets) // 2])
    for index in trace.rglob("index"):
        shutil.rmtree(index)
    status, output, messages = same("report", "--format", "json", trace)
    assert status == 0 and messages


def test_error_in_the_middle(trace):
    """A thread says that it runs out of what this giltrace knows: behind many other events, with many to come."""
    for metadata in trace.rglob("metadata"):
        make_kind_unknown(metadata.parent)
    for command in ["report", "--format", "json"], ["export", "--format", "csv", "--table", "holds"]:
        status, output, messages = same(*command, trace)
        # What came before is in the table already.
        assert status == TROUBLE and bool(output) == (command[0] == "export")
        assert "the field 'kind' of the event 'thread' has the unknown value" in messages


def test_unknown_events(trace):
    """Of two kinds: the same one is named."""
    names = {"thread": "tomorrow", "site": "someday"}

    def change_text(text):
        for old, new in names.items():
            text = text.replace('"giltrace:%s"' % old, '"giltrace:%s"' % new)
        return text

    def rename(records):
        for old, new in names.items():
            event_record(records, old)["name"] = "giltrace:" + new

    for metadata in trace.rglob("metadata"):
        change_metadata(metadata.parent, change_text, rename)
    status, _, messages = same("report", "--format", "json", trace)
    assert status == 0 and "such as giltrace:someday" in messages

"""
What `giltrace report` does with what it is given: damaged traces are reported as far
as they go and say so first, everything else is refused with a reason and status 2.
"""
import contextlib
import copy
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import uuid

import pytest

import sessions
from conftest import BIN, PROGRAMS, clean_environment

TROUBLE = 2
PACKET = 16384
METADATA_PACKET = 37  # bytes of its header
RECORD_SEPARATOR = "\x1e"  # before each JSON text of CTF 2's metadata


def trace_formats():
    """Those that this LTTng writes, its default first."""
    text = subprocess.run(["lttng", "--version"], stdout=subprocess.PIPE, text=True).stdout
    version = tuple(map(int, re.search(r"(\d+)\.(\d+)", text).groups()))
    return ["ctf-2", "ctf-1.8"] if version >= (2, 15) else ["ctf-1.8"]


FORMATS = trace_formats()


@pytest.fixture(scope="module")
def program(any_python, library, tmp_path_factory):
    """
    Runs releases.py with the shim. Its process has a name of its own, by which a
    session can leave out what else runs; on one CPU, so that one data stream
    gets nearly everything, and with an event for each hold, so that there are many.
    """
    name = "gt-%s" % uuid.uuid4().hex[:8]
    python = tmp_path_factory.mktemp("python") / name
    python.symlink_to(any_python.path)

    def run(*arguments, cpu=min(os.sched_getaffinity(0))):
        subprocess.run(
            [python, PROGRAMS / "releases.py", *arguments], stdout=subprocess.DEVNULL, check=True,
            env=clean_environment(LD_PRELOAD=library, GILTRACE_BURST=0), preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )

    run.name = name
    return run


@contextlib.contextmanager
def small_session(program, output, *channel, events="giltrace:*", subbuffers=16, form=FORMATS[0]):
    """A session of that program alone. Its packets are small, many are filled soon. `channel`: more options of it."""
    name = "giltrace-test-input-" + uuid.uuid4().hex[:12]
    chosen = ["--trace-format=" + form] if len(FORMATS) > 1 else []
    sessions.lttng("create", name, "--output=%s" % output, *chosen)
    try:
        sessions.lttng("enable-channel", "--userspace", "--session=" + name, "--subbuf-size=%d" % PACKET,
                       "--num-subbuf=%d" % subbuffers, *channel, "channel")
        # After the channel: before it, LTTng 2.16 would give every process buffers and a folder of its own.
        sessions.lttng("track", "--userspace", "--session=" + name, "--vuid=%d" % os.getuid())
        sessions.lttng("enable-event", "--userspace", "--session=" + name, "--channel=channel", events,
                       "--filter=$ctx.procname == \"%s\"" % program.name)
        sessions.lttng("start", name)
        yield name
    finally:
        sessions.lttng("destroy", name)


@pytest.fixture(scope="module", params=FORMATS)
def sound(request, program, session_daemon, tmp_path_factory):
    """A trace without damage."""
    path = tmp_path_factory.mktemp("sound") / "trace"
    with small_session(program, path, subbuffers=128, form=request.param):
        program("--count", "4000")
    return path


@pytest.fixture
def trace(sound, tmp_path):
    """A copy of it to be damaged."""
    return shutil.copytree(sound, tmp_path / "trace")


@pytest.fixture
def report(giltrace):
    def run(path, *arguments, **options):
        return giltrace("report", path, "--format", "json", *arguments, **options)

    return run


@pytest.fixture
def refused(giltrace):
    """Runs the command, which must refuse in one message; returns it."""

    def check(*arguments, **options):
        result = giltrace("report", *arguments, **options)
        assert result.returncode == TROUBLE
        assert result.stdout == ""
        assert result.stderr.startswith("giltrace: ")
        assert "babeltrace2 (" not in result.stderr and "CAUSED BY" not in result.stderr
        return result.stderr

    return check


def stream_of(trace):
    """The largest data stream file."""
    return max(trace.rglob("channel_*"), key=lambda path: path.stat().st_size if path.suffix != ".idx" else -1)


def metadata_of(trace):
    (path,) = trace.rglob("metadata")
    return path


def cut(path, size):
    os.truncate(path, size)


def index_of(stream):
    return stream.parent / "index" / (stream.name + ".idx")


def plain_metadata(trace):
    """The metadata's text: older LTTng writes it in packets."""
    data, text, at = metadata_of(trace).read_bytes(), b"", 0
    if data.startswith((RECORD_SEPARATOR.encode(), b"/* CTF")):
        return data.decode()
    while at < len(data):
        content, packet = struct.unpack_from("<II", data, at + 24)
        text += data[at + METADATA_PACKET:at + content // 8]
        at += packet // 8
    return text.decode()


def change_metadata(trace, change_text, change_records):
    """
    Of CTF 1.8, change_text(the text) returns another one. Of CTF 2,
    change_records(the list of parsed records) changes them, or returns a text.
    """
    text = plain_metadata(trace)
    if text.startswith(RECORD_SEPARATOR):
        records = [json.loads(record) for record in text.split(RECORD_SEPARATOR)[1:]]
        before = in_sequence(records)
        changed = change_records(records) or in_sequence(records)
        assert changed != before
    else:
        changed = change_text(text)
        assert changed != text
    metadata_of(trace).write_text(changed)


def in_sequence(records):
    return "".join(RECORD_SEPARATOR + json.dumps(record) for record in records)


def event_record(records, name):
    (found,) = [one for one in records if one["type"] == "event-record-class" and one["name"] == "giltrace:" + name]
    return found


def members_of(records, event):
    return event_record(records, event)["payload-field-class"]["member-classes"]


def member(records, event, name):
    (found,) = [one for one in members_of(records, event) if one["name"] == name]
    return found


def babeltrace_count(path):
    text = subprocess.run(["babeltrace2", str(path)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return text.count(" giltrace:")


def check_truncated(result, whole):
    """A report of a part of the trace, with the doubt in it."""
    assert result.returncode == 0, result.stderr
    parsed = json.loads(result.stdout)
    assert 0 < parsed["trace"]["events"] < whole
    assert parsed["trace"]["complete"] is False
    assert "truncated" in [doubt["kind"] for doubt in parsed["doubts"]]
    assert result.stderr.startswith("giltrace: ")
    return parsed


@pytest.fixture(scope="module")
def whole(sound):
    return babeltrace_count(sound)


def test_sound(report, sound, whole):
    result = report(sound)
    assert result.returncode == 0 and result.stderr == ""
    trace = json.loads(result.stdout)["trace"]
    assert trace["events"] == whole
    assert trace["lost_events"] == 0
    assert abs(trace["begin_ns"] / 1e9 - time.time()) < 3600
    assert trace["duration_ns"] == trace["end_ns"] - trace["begin_ns"] > 0


def test_folder_inside(report, sound, whole):
    result = report(metadata_of(sound).parent)
    assert json.loads(result.stdout)["trace"]["events"] == whole


# Cut off, everywhere that it can be.

# Offsets from the begin of the last packet that is followed by another one.
CUTS = {"between packets": 0, "in a packet header": 20, "in a packet context": 60, "in a packet": 5000}


@pytest.mark.parametrize("index", ["with index", "without index"])
@pytest.mark.parametrize("place", CUTS)
def test_stream_cut(report, trace, whole, place, index):
    stream = stream_of(trace)
    packets = stream.stat().st_size // PACKET
    assert packets >= 6
    cut(stream, (packets - 1) * PACKET + CUTS[place])
    if index == "without index":
        shutil.rmtree(stream.parent / "index")
        if place == "between packets":
            # Nothing is left that would tell; the process has no end, that does.
            parsed = json.loads(report(trace).stdout)
            assert parsed["trace"]["events"] < whole and parsed["trace"]["complete"] is False
            return
    result = report(trace)
    parsed = check_truncated(result, whole)
    assert stream.name in result.stderr
    assert parsed["trace"]["events"] > whole * 0.6


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU alone, and so one data stream")
def test_stream_that_ends_before_the_others(program, report, tmp_path):
    """As when a process is killed in the middle of an event: its CPU's buffer never gives out what is behind."""
    path = tmp_path / "trace"
    first, second = sorted(os.sched_getaffinity(0))[:2]
    with small_session(program, path, subbuffers=128):
        program("--count", "1000", cpu=first)
        program("--count", "1000", cpu=second)
    assert report(path).stderr == ""
    (stream,) = path.rglob("channel_%d" % first)
    packets = stream.stat().st_size // PACKET
    assert packets >= 3
    cut(stream, 2 * PACKET)
    shutil.rmtree(stream.parent / "index")  # it would tell of what is missing
    result = report(path)
    assert result.returncode == 0
    assert "%s' ends " % stream.name in result.stderr and "a process was killed while it wrote" in result.stderr
    parsed = json.loads(result.stdout)
    assert parsed["trace"]["complete"] is False
    assert "truncated" in [doubt["kind"] for doubt in parsed["doubts"]]


def test_stream_cut_in_first_packet(report, trace, whole):
    stream = stream_of(trace)
    cut(stream, PACKET // 2)
    result = report(trace)
    check_truncated(result, whole)
    assert stream.name in result.stderr


def test_stream_cut_at_begin(report, trace):
    stream = stream_of(trace)
    for size in 20, 0:
        cut(stream, size)
        result = report(trace)
        assert stream.name in result.stderr
        # What little the other streams have may be a report, or none.
        assert result.returncode in (0, TROUBLE)


def test_stream_damaged_inside(report, trace, whole):
    stream = stream_of(trace)
    with open(stream, "r+b") as file:
        file.seek(3 * PACKET)
        file.write(bytes(PACKET))
    check_truncated(report(trace), whole)
    shutil.rmtree(stream.parent / "index")
    check_truncated(report(trace), whole)


def test_stranger_in_folder(report, trace, whole):
    (metadata_of(trace).parent / "README").write_text("not a data stream\n")
    result = report(trace)
    assert result.returncode == 0 and "README" in result.stderr
    assert json.loads(result.stdout)["trace"]["events"] == whole


def test_stream_of_another_trace(report, trace, whole):
    """Looks like a data stream; babeltrace2 refuses the whole trace for it."""
    stream = stream_of(trace)
    data = bytearray(stream.read_bytes()[:PACKET])
    data[20:24] = struct.pack("<I", 77)  # a stream class that the metadata does not have
    struct.pack_into("<QQ", data, 48, len(data) * 8, len(data) * 8)
    (stream.parent / "channel_77").write_bytes(data)
    result = report(trace)
    assert result.returncode == 0, result.stderr
    assert "channel_77' is left out" in result.stderr
    assert json.loads(result.stdout)["trace"]["events"] == whole


@pytest.mark.parametrize("size", [0, 100])
def test_index_cut(report, trace, whole, size):
    cut(index_of(stream_of(trace)), size)
    result = report(trace)
    assert result.returncode == 0 and result.stderr == ""
    assert json.loads(result.stdout)["trace"]["events"] == whole


@pytest.mark.parametrize("size", [300, 4096, 6000])
def test_metadata_cut(report, trace, whole, size):
    """babeltrace2 2.0.4 never returns from the second. Whether LTTng wrote what is needed first differs."""
    metadata = metadata_of(trace)
    cut(metadata, min(size, metadata.stat().st_size - 100))
    result = report(trace, timeout=20)
    assert "metadata is cut off" in result.stderr or "metadata' is cut off" in result.stderr
    if result.returncode == 0:
        check_truncated(result, whole)
    else:
        assert result.returncode == TROUBLE
        assert "copy the whole folder once more" in result.stderr


def test_metadata_cut_behind_what_is_needed(report, trace, whole):
    """All but the last event is described."""
    def cut_text(text):
        (stream,) = re.findall(r"stream \{.*?\n\};\n", text, re.S)
        before, *events = text.replace(stream, "").split("event {")
        events.sort(key=lambda event: "giltrace:release" in event)
        return "event {".join([before + stream, *events])[:-100]

    def cut_records(records):
        records.sort(key=lambda record: record.get("name") == "giltrace:release")
        return in_sequence(records)[:-100]

    change_metadata(trace, cut_text, cut_records)
    result = report(trace)
    assert "metadata' is cut off" in result.stderr
    check_truncated(result, whole)


def test_metadata_garbage(refused, trace):
    path = metadata_of(trace)
    data = path.read_bytes()
    path.write_bytes(data[:24] + struct.pack("<II", 0, 0) + data[32:])  # in the first packet or record
    assert "is not the metadata of a CTF trace" in refused(trace)


@pytest.mark.parametrize("manifest", [
    None,
    {"exit_status": 0, "program": {"path": "/usr/bin/python3", "kind": "cpython", "pid": 1}},
])
def test_metadata_lost(refused, trace, manifest):
    """Also where it is known what the command was, of which otherwise a silent process is reported."""
    path = metadata_of(trace)
    path.unlink()
    if manifest:
        (trace / "giltrace.json").write_text(json.dumps({"schema": "giltrace-recording/1", "end": "now", **manifest}))
    message = refused(trace)
    assert "'%s' is missing: the data beside it cannot be read" % path in message and "copy the whole folder" in message


def test_metadata_of_one_folder_lost(report, sound, whole, tmp_path):
    for name in ("a", "b"):
        shutil.copytree(sound, tmp_path / "both" / name)
    lost = metadata_of(tmp_path / "both" / "a")
    lost.unlink()
    result = report(tmp_path / "both")
    assert result.returncode == 0 and "'%s' is missing" % lost in result.stderr
    parsed = json.loads(result.stdout)
    assert parsed["trace"]["events"] == whole and parsed["trace"]["complete"] is False


def test_nothing_left_behind(report, trace, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    cut(stream_of(trace), 2 * PACKET + 5000)
    result = report(trace, env=clean_environment(TMPDIR=scratch))
    assert result.returncode == 0
    assert list(scratch.iterdir()) == []


# Being written.

def test_session_still_running(program, report, tmp_path):
    path = tmp_path / "trace"
    with small_session(program, path, subbuffers=64) as name:
        program("--count", "1000")
        # Whole packets are on disk. The last ones are not, but LTTng 2.16 writes them soon.
        before = report(path)
        sessions.lttng("stop", name)
        result = report(path)
        assert result.returncode == 0
        events = json.loads(result.stdout)["trace"]["events"]
        assert events == babeltrace_count(path)
        if before.returncode == 0:
            early = json.loads(before.stdout)["trace"]
            assert early["complete"] is False or early["events"] == events


def test_recording_not_ended(report, trace, whole):
    (trace / "giltrace.json").write_text(json.dumps({"schema": "giltrace-recording/1", "command": ["x"]}))
    result = report(trace)
    assert result.returncode == 0
    assert "the recording has not ended" in result.stderr
    parsed = json.loads(result.stdout)["trace"]
    assert parsed["events"] == whole and parsed["complete"] is False


# Loss.

def test_lost_events(program, report, tmp_path):
    path = tmp_path / "trace"
    # Read by a timer, once a second: the buffers are full long before.
    with small_session(program, path, "--read-timer=1000000", subbuffers=2):
        program("--count", "20000")
    result = report(path)
    assert result.returncode == 0
    parsed = json.loads(result.stdout)
    said = subprocess.run(["babeltrace2", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lost = sum(map(int, re.findall(r"discarded (\d+) event", said.stderr)))
    assert lost > 0 and parsed["trace"]["lost_events"] == lost
    assert parsed["trace"]["complete"] is False
    assert "lost_events" in [doubt["kind"] for doubt in parsed["doubts"]]


def test_loss_that_only_the_recording_knows(report, trace):
    manifest = {"schema": "giltrace-recording/1", "end": "now", "exit_status": 0, "lost_events": 5}
    (trace / "giltrace.json").write_text(json.dumps(manifest))
    assert json.loads(report(trace).stdout)["trace"]["lost_events"] == 5


@pytest.mark.parametrize("key, note", [
    ("stopped_early", "the disk was nearly full"),
    ("crowded", "processes may be missing: /dev/shm was full"),
    ("damaged", "LTTng could not write all of the trace"),
])
def test_damage_that_only_the_recording_knows(report, trace, key, note):
    manifest = {"schema": "giltrace-recording/1", "end": "now", "exit_status": 0}
    for value in (False, True):
        (trace / "giltrace.json").write_text(json.dumps({**manifest, key: value}))
        result = report(trace)
        parsed = json.loads(result.stdout)
        assert result.returncode == 0 and parsed["trace"]["complete"] is not value
        assert ("truncated" in [doubt["kind"] for doubt in parsed["doubts"]]) is value
        assert (note in result.stderr) is value


# Recordings.

def test_only_the_processes_of_the_recording(report, trace):
    manifest = {"schema": "giltrace-recording/1", "run": "no-such-run", "end": "now", "exit_status": 0}
    (trace / "giltrace.json").write_text(json.dumps(manifest))
    result = report(trace)
    assert result.returncode == 0
    assert json.loads(result.stdout)["processes"] == []


@pytest.mark.parametrize("text", ["{", '{"schema": "something"}'])
def test_broken_manifest(refused, trace, text):
    (trace / "giltrace.json").write_text(text)
    assert "giltrace.json" in refused(trace)


def test_newer_manifest(refused, trace):
    (trace / "giltrace.json").write_text('{"schema": "giltrace-recording/9"}')
    assert "newer giltrace" in refused(trace)


def test_recording_without_events(refused, tmp_path):
    (tmp_path / "giltrace.json").write_text('{"schema": "giltrace-recording/1", "end": "now", "exit_status": 0}')
    message = refused(tmp_path)
    assert "nothing that the command ran was traced" in message and "giltrace doctor" in message


def test_two_traces_in_one_folder(report, sound, whole, tmp_path):
    """The same trace twice is one trace; overlapping snapshots are such."""
    shutil.copytree(sound, tmp_path / "both" / "a")
    shutil.copytree(sound, tmp_path / "both" / "b")
    result = report(tmp_path / "both")
    assert json.loads(result.stdout)["trace"]["events"] == whole


# Other versions of giltrace.

def test_missing_field(refused, trace):
    def rename(records):
        member(records, "release", "held_ns")["name"] = "holding_ns"

    change_metadata(trace, lambda text: text.replace("_held_ns;", "_holding_ns;"), rename)
    message = refused(trace)
    assert "no field 'held_ns' in the event 'release'" in message and "another version of giltrace" in message


def test_field_of_another_type(refused, trace):
    def change_records(records):
        field = member(records, "release", "held_ns")["field-class"]
        field["type"] = field["type"].replace("unsigned", "signed")

    def change_text(text):
        return re.sub(r"integer \{[^}]*\} _held_ns;", "integer { size = 64; align = 8; signed = 1; } _held_ns;", text)

    change_metadata(trace, change_text, change_records)
    assert "the field 'held_ns' of the event 'release' has an unexpected type" in refused(trace)


def make_kind_unknown(trace):
    """What was the first letter of a thread's name is read as its kind."""
    byte = "integer { size = 8; align = 8; signed = 0; encoding = none; base = 10; } _kind;"

    def change_text(text):
        begin = text.index('"giltrace:thread"')
        head, event = text[:begin], text[begin:]
        event = event.replace("} _kind;", "} _old;", 1).replace("string _name;", byte + " string _name;", 1)
        return head + event

    def change_records(records):
        members = members_of(records, "thread")
        field = copy.deepcopy(member(records, "process", "ppid"))
        field["name"] = "kind"
        field["field-class"].update({"type": "fixed-length-unsigned-integer", "length": 8})
        member(records, "thread", "kind")["name"] = "old"
        members.insert(members.index(member(records, "thread", "name")), field)

    change_metadata(trace, change_text, change_records)


def test_unknown_value(refused, trace):
    make_kind_unknown(trace)
    assert "the field 'kind' of the event 'thread' has the unknown value" in refused(trace)


def test_added_field(report, trace, whole):
    """Read as well as ever: one byte of a release is two now, one of them new."""
    def change_text(text):
        return re.sub(
            r"integer \{ size = 8;([^}]*)\} _acquired;",
            r"integer { size = 4; align = 4; signed = 0; } _acquired; integer { size = 4; align = 4; signed = 0; } _new;",
            text)

    def change_records(records):
        field = member(records, "release", "acquired")
        field["field-class"].update({"length": 4, "alignment": 4})
        members = members_of(records, "release")
        members.insert(members.index(field) + 1, {**field, "name": "new"})

    change_metadata(trace, change_text, change_records)
    result = report(trace)
    assert result.returncode == 0 and result.stderr == ""
    assert json.loads(result.stdout)["trace"]["events"] == whole


def test_unknown_event(report, trace, whole):
    def rename(records):
        event_record(records, "thread")["name"] = "giltrace:tomorrow"

    change_metadata(trace, lambda text: text.replace('"giltrace:thread"', '"giltrace:tomorrow"'), rename)
    result = report(trace)
    assert result.returncode == 0
    assert "newer giltrace" in result.stderr and "giltrace:tomorrow" in result.stderr
    assert json.loads(result.stdout)["trace"]["events"] < whole


# No trace, or not one of ours.

def test_missing(refused, tmp_path):
    message = refused(tmp_path / "nowhere")
    assert "cannot open '%s': No such file or directory" % (tmp_path / "nowhere") in message


def test_a_file(refused, trace):
    assert "is a file" in refused(metadata_of(trace))


def test_empty(refused, tmp_path):
    assert "is empty" in refused(tmp_path)


def test_not_ctf(refused, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "text").write_text("hello\n")
    assert "is no CTF trace" in refused(tmp_path)
    (tmp_path / "sub" / "metadata").write_text("title: not CTF\n")
    assert "is not the metadata of a CTF trace" in refused(tmp_path)


def test_empty_metadata(refused, trace):
    cut(metadata_of(trace), 0)
    assert "metadata' is empty" in refused(trace)


def test_unreadable(giltrace):
    """Root reads everything: there, somebody else has to try."""
    somebody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as outer:
        os.chmod(outer, 0o711)
        trace = pathlib.Path(outer) / "trace"
        trace.mkdir(mode=0o700 if somebody else 0)
        try:
            result = giltrace("report", trace, cwd="/", **somebody)
        except PermissionError:
            pytest.skip("other users cannot run %s" % BIN)
    assert result.returncode == TROUBLE
    assert "cannot open '%s': Permission denied" % trace in result.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_other_events(program, session_daemon, refused, tmp_path, form):
    path = tmp_path / "trace"
    with small_session(program, path, events="lttng_ust_statedump:*", form=form):
        program("--count", "10")
    message = refused(path)
    assert "has no event of giltrace" in message
    assert "lttng_ust_statedump:start" in message and "giltrace doctor" in message


def test_without_babeltrace_plugins(giltrace, sound, tmp_path):
    """Where babeltrace2 is installed without its plugins; a mount namespace hides them."""
    folder = subprocess.run(["pkg-config", "--variable=libdir", "babeltrace2"], stdout=subprocess.PIPE, text=True)
    plugins = pathlib.Path(folder.stdout.strip() or "/usr/lib") / "babeltrace2"
    if os.geteuid() != 0 or not shutil.which("unshare") or not plugins.is_dir():
        pytest.skip("needs root, unshare and %s" % plugins)
    hidden = 'mount --bind "$0" "$1" 2>/dev/null || exit 99; exec "$2" report "$3"'
    result = subprocess.run(["unshare", "-m", "sh", "-c", hidden, tmp_path, plugins, BIN, sound],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode == 99 or result.stderr.startswith("unshare:"):
        pytest.skip("mounting is not permitted here")
    assert result.returncode == TROUBLE
    assert "plugin 'ctf'" in result.stderr and "libbabeltrace2-0" in result.stderr


# The command line and its output.

@pytest.mark.parametrize("arguments", [
    [], ["--no-such-option", "x"], ["x", "y"], ["x", "--format", "html"], ["x", "--format"],
])
def test_wrong_usage(giltrace, arguments):
    result = giltrace("report", *arguments)
    assert result.returncode == TROUBLE
    assert result.stdout == "" and result.stderr != ""


def test_help(giltrace):
    result = giltrace("report", "--help")
    assert result.returncode == 0 and result.stderr == ""
    assert "--format" in result.stdout and "TRACE" in result.stdout


def test_text(giltrace, sound):
    result = giltrace("report", sound)
    assert result.returncode == 0 and result.stderr == ""
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("form", ["text", "json"])
def test_output_full(giltrace, sound, form):
    with open("/dev/full", "w") as full:
        result = giltrace("report", sound, "--format", form, stdout=full)
    assert result.returncode == TROUBLE
    assert result.stderr.count("giltrace:") == 1 and "cannot write" in result.stderr


def test_output_closed(sound):
    result = subprocess.run(["sh", "-c", 'exec "$0" report "$1" >&-', BIN, sound], stderr=subprocess.PIPE, text=True)
    assert result.returncode == TROUBLE
    assert "cannot write" in result.stderr


def test_output_pipe_closed(sound):
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([BIN, "report", sound], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert result.returncode in (TROUBLE, -signal.SIGPIPE)


def test_output_file(giltrace, report, sound, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "report.json"
    (folder / "link").symlink_to(target)
    for name in "report.json", "link":
        result = report(sound, "-o", folder / name)
        assert result.returncode == 0 and result.stdout == ""
        assert json.loads(target.read_text())["schema"] == "giltrace-report/1"
    assert sorted(path.name for path in folder.iterdir()) == ["link", "report.json"]
    assert (folder / "link").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o666 & ~current_umask()


def current_umask():
    umask = os.umask(0o022)
    os.umask(umask)
    return umask


def test_output_file_impossible(giltrace, sound, tmp_path):
    for target in tmp_path / "no" / "such" / "folder", tmp_path, "/dev/full":
        result = giltrace("report", sound, "-o", target)
        assert result.returncode == TROUBLE
        assert "cannot write '%s'" % target in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_output_stays_when_the_trace_is_bad(giltrace, tmp_path):
    target = tmp_path / "report"
    target.write_text("the old one")
    assert giltrace("report", tmp_path / "nowhere", "-o", target).returncode == TROUBLE
    assert target.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [target]

"""How a program is run: untraced, under giltrace in its shapes, under what else there is."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import sessions
import uprobes

# Room for much of a run: a full buffer would make events cheap by losing them.
BUFFERS = {"subbuf_size": "8M", "num_subbuf": 8}
WRAPPER = "liblttng-ust-pthread-wrapper.so"
TRACEFS = pathlib.Path("/sys/kernel/tracing")
MOUNT = "uprobes need root and tracefs (mount -t tracefs tracefs %s)" % TRACEFS
BEGIN_AND_END = """
uprobe:{0}:{1} {{ @begin[tid] = nsecs; }}
uretprobe:{0}:{1} {{ @wait[tid] = sum(nsecs - @begin[tid]); @at[tid] = nsecs; }}
"""
DROP = "uprobe:{0}:{1} {{ @held[tid] = sum(nsecs - @at[tid]); }}\n"


class Launch:
    """One run of a program: in this environment, behind these words. Afterwards, what was recorded."""

    def __init__(self, environment, prefix=(), python_options=()):
        self.environment = environment
        self.prefix = list(prefix)  # in front of the interpreter
        self.python_options = list(python_options)  # between it and the program
        self.trace_bytes = None
        self.lost = ""

    def command(self, python, *arguments):
        return [*self.prefix, python, *self.python_options, *map(str, arguments)]


class Way:
    def __init__(self, title, library=None, **variables):
        self.title = title
        self.variables = dict(variables)
        if library:
            self.variables["LD_PRELOAD"] = str(library)

    def unusable(self, python):
        """Why `python` cannot be run like this here, or None."""
        return None

    def environment(self):
        inherited = {name: value for name, value in os.environ.items()
                     if name != "LD_PRELOAD" and not name.startswith("GILTRACE_")}
        return {**inherited, **self.variables}

    @contextlib.contextmanager
    def launch(self, python, folder):
        """A Launch that is ready for the block."""
        yield Launch(self.environment())


class Recorded(Way):
    """In an LTTng session of its own."""

    def __init__(self, title, library, events="giltrace:*", **variables):
        super().__init__(title, library, **variables)
        self.events = events

    @contextlib.contextmanager
    def launch(self, python, folder):
        path = pathlib.Path(tempfile.mkdtemp(dir=folder))
        one = Launch(self.environment())
        with sessions.session(path / "trace", events=self.events, **BUFFERS) as session:
            yield one
            session.stop()
            one.lost = lost(sessions.lttng("list", session.name))
        # The padding of packets to whole pages is in it, a few KiB.
        one.trace_bytes = sum(file.stat().st_size for file in (path / "trace").rglob("channel_*") if file.is_file())
        shutil.rmtree(path)


def lost(listed):
    """What `lttng list` says was lost, in words, or nothing."""
    counts = {name: int(count) for name, count in re.findall(r"(Discarded events|Lost packets): (\d+)", listed)}
    return ", ".join("%s: %d" % item for item in counts.items() if item[1])


class Wrapper(Recorded):
    """LTTng's own wrapper of pthread_mutex_*: every mutex of the program, not the GIL's alone."""

    def __init__(self, title):
        super().__init__(title, WRAPPER, events="lttng_ust_pthread:*")

    def unusable(self, python):
        result = subprocess.run(["true"], env=self.environment(), stderr=subprocess.PIPE, text=True)
        return WRAPPER + " cannot be loaded (it comes with LTTng-UST)" if result.stderr else None


def probes_of(python):
    """-> the file, its copies of take_gil and of drop_gil; or a reason why there are none."""
    binary = uprobes.binary_of(python)
    symbols, reason = uprobes.symbols_of(binary)
    return binary, [[one for one in symbols if one.startswith(name)] for name in ("take_gil", "drop_gil")], reason


class Bpftrace(Way):
    """Sums of what was waited and held, kept in the kernel: no trace."""

    def unusable(self, python):
        return uprobes.unusable() if shutil.which("bpftrace") else "no bpftrace (package bpftrace)"

    @contextlib.contextmanager
    def launch(self, python, folder):
        binary, (takes, drops), _ = probes_of(python)
        script = 'BEGIN { printf("attached"); }' + "".join(
            [BEGIN_AND_END.format(binary, one) for one in takes] + [DROP.format(binary, one) for one in drops])
        with uprobes.running(script):
            yield Launch(self.environment())


class Perf(Way):
    """`perf record` of the same three places, each an event in perf's file."""

    GROUP = "giltrace_bench_%d" % os.getpid()

    def unusable(self, python):
        if not shutil.which("perf"):
            return "no perf (package linux-perf)"
        return None if os.access(TRACEFS / "uprobe_events", os.W_OK) else MOUNT

    @contextlib.contextmanager
    def launch(self, python, folder):
        binary, (takes, drops), _ = probes_of(python)
        offsets = offsets_of(binary)
        lines = ["p:%s/take%d %s:%#x" % (self.GROUP, i, binary, offsets[one]) for i, one in enumerate(takes)]
        lines += ["r:%s/taken%d %s:%#x" % (self.GROUP, i, binary, offsets[one]) for i, one in enumerate(takes)]
        lines += ["p:%s/drop%d %s:%#x" % (self.GROUP, i, binary, offsets[one]) for i, one in enumerate(drops)]
        data = pathlib.Path(folder) / "perf.data"
        added = []
        try:
            for line in lines:
                tell_tracefs(line)
                added.append(line[2:].partition(" ")[0])
            one = Launch(self.environment(), [
                "perf", "record", "-m", "16M", "-o", str(data), "-e", self.GROUP + ":*", "--"])
            yield one
            one.trace_bytes = data.stat().st_size
        finally:
            for name in added:
                tell_tracefs("-:" + name)
            data.unlink(missing_ok=True)


def tell_tracefs(line):
    # Not by open("a"), which seeks for the end: this file has none.
    file = os.open(TRACEFS / "uprobe_events", os.O_WRONLY | os.O_APPEND)
    try:
        os.write(file, (line + "\n").encode())
    finally:
        os.close(file)


def offsets_of(binary):
    """Where in the file each function is, which is what uprobes are told by."""
    segments = re.findall(
        r"LOAD\s+(0x\w+) (0x\w+) 0x\w+ (0x\w+)",
        subprocess.run(["readelf", "-lW", binary], stdout=subprocess.PIPE, text=True, check=True).stdout)
    offsets = {}
    for value, name in re.findall(r"^(\w+) [tT] (\S+)$", subprocess.run(
            ["nm", binary], stdout=subprocess.PIPE, text=True, check=True).stdout, re.M):
        address = int(value, 16)
        for offset, begin, size in segments:
            if 0 <= address - int(begin, 16) < int(size, 16):
                offsets[name] = address - int(begin, 16) + int(offset, 16)
    return offsets


class Sampling(Way):
    """CPython's own sampling profiler, told to look at who has the GIL."""

    def unusable(self, python):
        result = subprocess.run([python.path, "-m", "profiling.sampling", "run", "--help"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if result.returncode != 0:
            return "CPython %s has no profiling.sampling (3.15 has)" % python.version
        return None if "gil" in result.stdout else "profiling.sampling has no GIL mode here"

    @contextlib.contextmanager
    def launch(self, python, folder):
        output = pathlib.Path(folder) / "sampled"
        yield Launch(self.environment(), python_options=[
            "-m", "profiling.sampling", "run", "--all-threads", "--mode", "gil", "--collapsed", "-o", str(output)])
        output.unlink(missing_ok=True)


def all_ways(library):
    """key -> Way."""
    return {
        "untraced": Way("untraced"),
        "idle": Way("preloaded, no session", library),
        "recorded": Recorded("recorded", library),
        "events": Recorded("recorded, --no-burst", library, GILTRACE_BURST="0"),
        "wrapper": Wrapper("LTTng's pthread wrapper, recorded"),
        "bpftrace": Bpftrace("bpftrace, uprobes"),
        "perf": Perf("perf record, uprobes"),
        "sampling": Sampling("profiling.sampling, GIL mode"),
    }


def usable(ways, python):
    """-> those that can be used, and title -> reason of the others."""
    reasons = {}
    for key, way in ways.items():
        reason = way.unusable(python)
        if not reason and isinstance(way, (Bpftrace, Perf)):
            reason = probes_of(python)[2]
        if reason:
            reasons[key] = reason
    return {key: way for key, way in ways.items() if key not in reasons}, {
        ways[key].title: reason for key, reason in reasons.items()}

#!/usr/bin/env python3
"""
What giltrace costs, and how fast its analysis is. Run by hand on an idle machine:

    tests/bench/bench.py [--build BUILD] [--python PYTHON] [--rounds N] [PART...]

Each round measures every way once, one after the other, so that whatever the machine
does meanwhile falls on all of them; the table has the medians over the rounds, and the
least and the largest. Programs time their own loops, so start-up does not count.
Ends with status 1 when a target is missed.
"""
import argparse
import contextlib
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAMS = ROOT / "tests" / "programs"
sys.path.insert(0, str(ROOT / "tests" / "integration"))

import interpreters  # noqa: E402
import sessions  # noqa: E402
import uprobes  # noqa: E402

# Everything of one run stays in the buffers: a full one would make events cheap by losing them.
BUFFERS = {"subbuf_size": "8M", "num_subbuf": 8}
THREE_PROBES = """
uprobe:{0}:take_gil {{ @begin[tid] = nsecs; }}
uretprobe:{0}:take_gil {{ @wait[tid] = sum(nsecs - @begin[tid]); @at[tid] = nsecs; }}
uprobe:{0}:drop_gil {{ @held[tid] = sum(nsecs - @at[tid]); }}
"""


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.library = options.build / "lib" / "libgiltrace.so"
        self.command = options.build / "bin" / "giltrace"
        self.event = options.build / "bin" / "bench_event"
        self.missed = []

    def time_of(self, *program, preload=False):
        """Seconds or nanoseconds, as the program says on its standard error."""
        environment = dict(os.environ)
        if preload:
            environment["LD_PRELOAD"] = str(self.library)
        result = subprocess.run(
            [self.options.python, PROGRAMS / program[0], *program[1:], "--time"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True,
        )
        return float(re.match(r"[\d.]+", result.stderr)[0])

    @contextlib.contextmanager
    def session(self):
        """A session in force, that has lost nothing at the end."""
        path = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        with sessions.session(path / "trace", **BUFFERS) as session:
            yield
            session.stop()
        result = subprocess.run(
            ["babeltrace2", path / "trace", "-c", "sink.utils.dummy"], stderr=subprocess.PIPE, text=True, check=True
        )
        if "discarded" in result.stderr:
            sys.exit("events were lost, the figures are worth nothing:\n" + result.stderr)
        shutil.rmtree(path)

    def rounds(self, *ways):
        """Measures each way (a function) once a round; a list of results for each."""
        results = [[] for _ in ways]
        for _ in range(self.options.rounds):
            for way, result in zip(ways, results):
                result.append(way())
        return results

    def row(self, what, values, unit, target="", met=True):
        line = "  %-46s %9.2f %9.2f %9.2f  %-5s %s" % (
            what, statistics.median(values), min(values), max(values), unit, target)
        if not met:
            line += "  MISSED"
            self.missed.append(what)
        print(line, flush=True)

    def title(self, text):
        print("\n%s\n  %-46s %9s %9s %9s" % (text, "", "median", "least", "largest"))

    def cycle(self):
        """
        A thread in a tight loop of 1-byte reads: one release and one acquire each. In a
        program without threads, too: there glibc locks without atomic instructions, until
        LTTng-UST's listeners are there.
        """
        count = self.options.cycles

        def loop(threads=1, **how):
            return self.time_of("releases.py", "--threads", str(threads), "--count", str(count), **how) / count

        def recorded():
            with self.session():
                return loop(preload=True)

        def bare_event():
            with self.session():
                return float(subprocess.run([self.event, str(count)], stdout=subprocess.PIPE, check=True).stdout)

        def probed():
            with self.three_uprobes():
                return loop()

        plain, idle, recording, bare, probes, alone, alone_idle = self.rounds(
            loop, lambda: loop(preload=True), recorded, bare_event, probed,
            lambda: loop(threads=0), lambda: loop(threads=0, preload=True))
        added = [with_it - without for with_it, without in zip(recording, plain)]
        probes_added = [with_it - without for with_it, without in zip(probes, plain)]
        idle_ratio = [with_it / without for with_it, without in zip(idle, plain)]
        alone_ratio = [with_it / without for with_it, without in zip(alone_idle, alone)]
        factor = [one / event for one, event in zip(added, bare)]
        advantage = [theirs / ours for theirs, ours in zip(probes_added, added)]

        self.title("One release-acquire cycle, of %d" % count)
        self.row("not traced", plain, "ns")
        self.row("preloaded, no session", idle, "ns")
        self.row("  ratio", idle_ratio, "x", "<= 1.03", statistics.median(idle_ratio) <= 1.03)
        self.row("recorded", recording, "ns")
        self.row("  added", added, "ns")
        self.row("one bare LTTng event of the same payload", bare, "ns")
        self.row("  added / bare event", factor, "x", "<= 2.0", statistics.median(factor) <= 2.0)
        self.row("three bpftrace uprobes", probes, "ns")
        self.row("  added", probes_added, "ns")
        self.row("  added by them / added by giltrace", advantage, "x", ">= 8", statistics.median(advantage) >= 8)
        self.row("program without threads, not traced", alone, "ns")
        self.row("  preloaded, no session", alone_idle, "ns")
        self.row("  ratio", alone_ratio, "x")

    @contextlib.contextmanager
    def three_uprobes(self):
        binary = uprobes.binary_of(interpreters.probe(self.options.python))
        script = 'BEGIN { printf("attached"); }' + THREE_PROBES.format(binary)
        with uprobes.running(script):
            yield

    def countdown(self):
        """Two CPU-bound threads."""

        def loop(**how):
            return self.time_of("countdown.py", "--threads", "2", "--count", str(self.options.count), **how)

        def recorded():
            with self.session():
                return loop(preload=True)

        plain, idle, recording = self.rounds(loop, lambda: loop(preload=True), recorded)
        idle_ratio = [with_it / without for with_it, without in zip(idle, plain)]
        ratio = [with_it / without for with_it, without in zip(recording, plain)]
        self.title("countdown.py --threads 2 --count %d" % self.options.count)
        self.row("not traced", plain, "s")
        self.row("preloaded, no session", idle, "s")
        self.row("  ratio", idle_ratio, "x")
        self.row("recorded", recording, "s")
        self.row("  ratio", ratio, "x", "<= 1.02", statistics.median(ratio) <= 1.02)

    def analysis(self):
        """A report on a large trace against babeltrace2 reading it for nothing."""
        trace = self.options.trace or self.large_trace()
        events = [0]

        def report():
            seconds, kib = usage([self.command, "report", trace, "--format", "json", "-o", self.folder / "json"])
            return events[0] / seconds / 1e6, kib / 1024

        def dummy():
            seconds, kib = usage(["babeltrace2", trace, "-c", "sink.utils.dummy"])
            return events[0] / seconds / 1e6, kib / 1024

        counted = subprocess.run(
            ["babeltrace2", trace, "-c", "sink.utils.counter"], stdout=subprocess.PIPE, text=True, check=True).stdout
        # It reports as it goes; the last one is the whole.
        events[0] = int(re.findall(r"([\d,]+) Event message", counted)[-1].replace(",", ""))
        theirs, ours = self.rounds(dummy, report)
        speeds, their_speeds = [one for one, _ in ours], [one for one, _ in theirs]
        ratio = [one / other for one, other in zip(speeds, their_speeds)]
        memory = [mib for _, mib in ours]
        self.title("A trace of %d events" % events[0])
        self.row("babeltrace2 -c sink.utils.dummy", their_speeds, "M/s")
        self.row("giltrace report", speeds, "M/s")
        self.row("  ratio", ratio, "x", ">= 0.8", statistics.median(ratio) >= 0.8)
        self.row("  peak resident memory", memory, "MiB", "< 64", max(memory) < 64)

    def large_trace(self):
        path = self.folder / "large"
        subprocess.run(
            [self.command, "record", "-o", path, "--", self.options.python, PROGRAMS / "releases.py",
             "--threads", "4", "--count", str(self.options.events // 4)],
            stdout=subprocess.DEVNULL, check=True,
        )
        return path


def usage(command):
    """Wall time in seconds and peak resident memory in KiB of a command that must succeed."""
    begin = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, resources = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        sys.exit("%s failed" % command[0])
    return seconds, resources.ru_maxrss


def main():
    parts = ["cycle", "countdown", "analysis"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="cycle, countdown, analysis (default: all)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="build tree (default build/)")
    parser.add_argument("--python", help="interpreter with symbols (default: the newest that has them)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cycles", type=int, default=400_000, help="reads in the tight loop (default %(default)s)")
    parser.add_argument("--count", type=int, default=30_000_000, help="to count down (default %(default)s)")
    parser.add_argument("--events", type=int, default=10_000_000, help="in the large trace (default %(default)s)")
    parser.add_argument("--trace", help="an existing large trace")
    options = parser.parse_args()
    if set(options.parts) - set(parts):
        parser.error("unknown part; there are " + ", ".join(parts))
    if not options.python:
        usable = [one for one in interpreters.find() if uprobes.symbols_of(uprobes.binary_of(one))[0]]
        if not usable:
            parser.error("no Python with symbols was found, and the uprobes need them")
        options.python = usable[-1].path

    print("%s, %d CPUs, %d rounds" % (options.python, os.cpu_count(), options.rounds))
    with tempfile.TemporaryDirectory() as folder, sessions.session_daemon():
        bench = Bench(options, pathlib.Path(folder))
        for part in options.parts or parts:
            getattr(bench, part)()
    if bench.missed:
        sys.exit("%d targets missed" % len(bench.missed))


if __name__ == "__main__":
    main()

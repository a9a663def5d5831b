#!/usr/bin/env python3
"""
What giltrace costs, beside what else there is, and how fast its analysis is:

    tests/bench/bench.py --all -o tests/bench/results.md
    tests/bench/bench.py [--build BUILD] [--python PYTHON] [--rounds N] PART...

Each round runs every way once, one after the other, so that whatever the machine does
meanwhile falls on all of them; the tables have the medians over the rounds, with the least
and the largest, and ratios that are taken within the rounds. Programs time their own work,
so start-up does not count: in wall time, and in processor time, which is the one to look at
when the machine has other things to do. What cannot run here is left out, with the reason.
Plots are written beside the file of -o. Ends with status 1 when a target is missed.
Uprobes need root and the packages bpftrace and linux-perf, the server wrk, python3-gunicorn
and python3-flask, instructions valgrind.
"""
import argparse
import contextlib
import functools
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

import analysis  # noqa: E402
import document  # noqa: E402
import instructions  # noqa: E402
import interpreters  # noqa: E402
import machine  # noqa: E402
import plots  # noqa: E402
import programs  # noqa: E402
import rounds  # noqa: E402
import sessions  # noqa: E402
import uprobes  # noqa: E402
import ways  # noqa: E402

THREADS = (1, 2, 4, 16, 64)
# How many times as many rounds, where a hundredth is to be told.
PRECISE = 5
# How often each server is asked before new ones are begun.
TURNS = 3
# Kinds of line and dot: untraced, no session, giltrace, others.
KINDS = {"untraced": 0, "idle": 1, "recorded": 2, "events": 2}


class Bench:
    def __init__(self, options, folder, out):
        self.options = options
        self.folder = folder
        self.out = out
        self.python = options.python
        self.library = options.build / "lib" / "libgiltrace.so"
        self.ways = ways.all_ways(self.library)

    def plot(self, name):
        """The path of a plot beside the results; None when these go nowhere."""
        if not self.options.output:
            return None
        path = self.options.output
        return path.with_name("%s-%s.svg" % (path.stem, name))

    def usable(self, those, python=None):
        """Those ways that can be used; says which cannot, and why."""
        use, reasons = ways.usable(those, python or self.python)
        for title, reason in reasons.items():
            self.out.add("Left out: %s: %s." % (title, reason))
        return use

    def measure(self, program, those, python=None, count=None):
        """-> key -> Results."""
        return rounds.alternate(count or self.options.rounds, {
            key: lambda number, way=way: program.run(way, python or self.python, self.folder, number)
            for key, way in those.items()})

    def table(self, those, results, unit, digits, added=False):
        """Wall and processor time, and the ratios of both. -> the two, key -> Series."""
        wall = rounds.series(results, lambda one: one.wall)
        cpu = rounds.series(results, lambda one: one.cpu)
        rows = []
        for key, way in those.items():
            row = [way.title, wall[key].text(digits), wall[key].over(wall["untraced"]).text(2),
                   cpu[key].text(digits), cpu[key].over(cpu["untraced"]).text(2)]
            if added:
                size = [one.trace_bytes for one in results[key] if one.trace_bytes is not None]
                row += [cpu[key].less(cpu["untraced"]).text(digits) if key != "untraced" else "",
                        rounds.Series(size).text(1) if size else ""]
            rows.append(row)
        self.out.table(["", "wall time, " + unit, "× untraced", "processor time, " + unit, "× untraced"]
                       + (["added, " + unit, "bytes of trace"] if added else []), rows)
        self.say_lost(those, results)
        return wall, cpu

    def say_lost(self, those, results):
        for key, way in those.items():
            what = sorted({one.lost for one in results[key] if one.lost})
            if what:
                self.out.add("**Its figure is too low**: %s lost something: %s." % (way.title, "; ".join(what)))

    def reading(self):
        """The worst case: a thread in a tight loop of 1-byte reads, one release and one acquire each."""
        count = self.options.cycles
        self.out.add("## Tight loop of 1-byte reads, %s in each run\n\n"
                     "For each read: one release and one acquire, and nobody waits. On one CPU, another one in\n"
                     "each round." % "{:,}".format(count))
        those = self.usable(self.ways)
        program = programs.reading(count)
        event = ways.Recorded("bare event", None)
        measures = {key: lambda number, way=way: program.run(way, self.python, self.folder, number)
                    for key, way in those.items()}
        measures["bare"] = lambda number: self.bare_event(event, count, number)
        results = rounds.alternate(self.options.rounds, measures)
        bare, between = (rounds.Series(column) for column in zip(*results.pop("bare")))
        _, cpu = self.table(those, results, "ns", 0, added=True)
        added = {key: cpu[key].less(cpu["untraced"]) for key in those}
        self.out.add("One bare LTTng event of the payload of a release, in a loop in C: %s ns; between reads such as\n"
                     "these, where caches and the TLB have been used for other things since the last one: %s ns."
                     % (bare.text(0), between.text(0)))
        for key in ("recorded", "events"):
            self.out.add("%s / bare event: %s; / one between reads: %s." % (
                those[key].title + ", added", added[key].over(bare).text(2), added[key].over(between).text(2)))
        for key in (one for one in ("wrapper", "bpftrace", "perf") if one in those):
            self.out.add("%s, added / recorded, added: %s." % (
                those[key].title, added[key].over(added["recorded"]).text(1)))
        self.out.target("time added per cycle / bare event", added["recorded"].over(bare), 0.5)
        self.out.target("tight loop, recorded / untraced", cpu["recorded"].over(cpu["untraced"]), 1.3)
        self.out.target("tight loop, no session / untraced", cpu["idle"].over(cpu["untraced"]), 1.03)
        size = rounds.Series(one.trace_bytes for one in results["recorded"])
        self.out.target("bytes of trace per cycle", size, 10, 1)
        if "bpftrace" in those:
            advantage = added["bpftrace"].over(added["recorded"])
            self.out.target("added by bpftrace / added by giltrace", advantage, 8, 1, least=True)
        self.plot_reading(those, cpu)
        self.without_threads()

    def bare_event(self, way, count, number):
        """-> ns in a loop of nothing else, and between reads."""
        with way.launch(self.python, self.folder):
            result = subprocess.run(
                programs.one_cpu(number) + [str(self.options.build / "bin" / "bench_event"), str(count)],
                stdout=subprocess.PIPE, check=True)
        return tuple(map(float, result.stdout.split()))

    def plot_reading(self, those, cpu):
        path = self.plot("ways")
        if path:
            rows = [(way.title, cpu[key], KINDS.get(key, 3)) for key, way in those.items()]
            plots.dots(path, "Processor time of one read in a tight loop: one release and one acquire", rows, "ns")
            self.out.add("![Processor time of one read, each way](%s)" % path.name)

    def without_threads(self):
        """There glibc locks without atomic instructions, until LTTng-UST's listeners are there."""
        self.out.add("The same in a program without threads, where LTTng-UST's listener threads end a shortcut of "
                     "glibc's:")
        those = {key: self.ways[key] for key in ("untraced", "idle", "recorded")}
        self.table(those, self.measure(programs.reading(self.options.cycles, 0), those), "ns", 0)

    def countdown(self):
        count = self.options.count
        self.out.add("## Two-thread countdown, of %s\n\nBoth compute and take turns, a switch interval of 5 ms each."
                     % "{:,}".format(count))
        those = self.usable(self.ways)
        self.table(those, self.measure(programs.countdown(count), those), "s", 2)
        those = {key: self.ways[key] for key in ("untraced", "recorded")}
        many = PRECISE * self.options.rounds
        self.out.add("A hundredth is less than one CPU differs from the other: these two again, on one CPU, another\n"
                     "one in each of %d rounds:" % many)
        _, cpu = self.table(those, self.measure(programs.countdown(count, pinned=True), those, count=many), "s", 3)
        self.out.target("countdown, recorded / untraced", cpu["recorded"].over(cpu["untraced"]), 1.01, 3)

    def server(self):
        """gunicorn with flask, under load."""
        self.out.add("## gunicorn with flask under load, for each answer")
        python = next((one for one in (self.python, interpreters.probe("/usr/bin/python3"))
                       if one and not programs.Gunicorn.unusable(one)), None)
        if not python:
            self.out.add("Left out: %s." % programs.Gunicorn.unusable(self.python))
            return
        count = max(3, self.options.rounds // 2 + 1)
        many = PRECISE * count
        self.out.add("CPython %s; one worker of four threads; wrk on %d connections, on the same machine. Two servers\n"
                     "side by side, an untraced one and the other, are asked in turns of a second, %d each, and that\n"
                     "%d times, or %d times where a hundredth is to be told, which is less than two servers differ.\n"
                     "Context switches are those that the worker's threads ask for."
                     % (python.version, programs.Gunicorn.CONNECTIONS, TURNS, count, many))
        # Those that run a program and no module, and those that probe, are for programs of our own.
        those = self.usable({key: self.ways[key] for key in ("idle", "recorded", "events", "wrapper")}, python)
        pairs = {key: self.server_pairs(key, python, many if key == "recorded" else count) for key in those}
        for path, what in programs.Gunicorn.PATHS.items():
            self.server_table(what, {key: pairs[key][path] for key in those})

    def server_pairs(self, key, python, count):
        """-> path -> "untraced" and the key of that way -> Turns."""
        turns = {path: {"untraced": [], key: []} for path in programs.Gunicorn.PATHS}
        for _ in range(count):
            results, lost = programs.Gunicorn().side_by_side(
                {one: self.ways[one] for one in ("untraced", key)}, python, self.folder, TURNS)
            for path, of_ways in results.items():
                for one in of_ways:
                    turns[path][one] += of_ways[one]
            if lost[key]:
                self.out.add("**Its figure is too low**: %s lost something: %s." % (self.ways[key].title, lost[key]))
        return turns

    def server_table(self, what, pairs):
        rows = []
        for key, turns in pairs.items():
            row = [self.ways[key].title]
            for digits, get in (0, lambda one: one.wall), (0, lambda one: one.cpu), (1, lambda one: one.switches):
                figures = rounds.series(turns, get)
                row += [figures["untraced"].text(digits), figures[key].text(digits)]
                if digits == 0:
                    row.append(figures[key].over(figures["untraced"]).text(3))
            rows.append(row)
        self.out.add("%s:" % what)
        self.out.table(["", "wall time untraced, µs", "this way", "× untraced", "processor time untraced, µs", "this way",
                        "× untraced", "context switches untraced", "this way"], rows)
        turns = pairs["recorded"]
        for name, get in ("wall", lambda one: one.wall), ("processor", lambda one: one.cpu):
            figures = rounds.series(turns, get)
            self.out.target("gunicorn, %s: recorded / untraced, %s time" % (what[0].lower() + what[1:], name),
                            figures["recorded"].over(figures["untraced"]), 1.01, 3)

    def threads(self):
        self.out.add("## Throughput on %s threads" % ", ".join(map(str, THREADS)))
        those = {key: self.ways[key] for key in ("untraced", "idle", "recorded", "events")}
        kinds = [
            ("Tight loop: million reads a second", lambda n: programs.reading(self.options.shared // n, n), 1e3, 2),
            ("Mixed program: thousand units a second",
             lambda n: programs.mixed(max(self.options.units // n, 1), n), 1e6, 2),
        ]
        panels = []
        for title, program, scale, digits in kinds:
            rows, lines = [], {key: {} for key in those}
            for count in THREADS:
                results = self.measure(program(count), those, count=max(3, self.options.rounds // 2 + 1))
                wall = rounds.series(results, lambda one: one.wall)
                cpu = rounds.series(results, lambda one: one.cpu)
                for key in those:
                    lines[key][count] = rounds.Series(scale / one for one in wall[key])
                rows.append([count] + [lines[key][count].text(digits) for key in those]
                            + [lines[key][count].over(lines["untraced"][count]).text(2)
                               for key in those if key != "untraced"]
                            + [cpu["recorded"].over(cpu["untraced"]).text(2)])
                self.say_lost(those, results)
            self.out.add("%s; × untraced is below 1 where it is slower, of processor time above:" % title)
            self.out.table(["threads"] + [way.title for way in those.values()]
                           + [way.title + ", × untraced" for key, way in those.items() if key != "untraced"]
                           + ["processor time, recorded, × untraced"], rows)
            panels.append((title, lines))
        path = self.plot("threads")
        if path:
            names = {"untraced": ("untraced", 0), "idle": ("preloaded, no session", 1),
                     "recorded": ("recorded", 2), "events": ("recorded, --no-burst", 3)}
            plots.panels(path, "Throughput by the number of threads", panels, names,
                         "Medians; upright: from the least to the largest round.")
            self.out.add("![Throughput by the number of threads](%s)" % path.name)

    def lines(self):
        """What Python lines cost in each cycle, and stacks where every hold is long."""
        self.out.add("## Lines and stacks, on and off")
        count = self.options.cycles
        sites = {
            "untraced": self.ways["untraced"],
            "off": ways.Recorded("recorded, GILTRACE_SITES=0", self.library, GILTRACE_SITES="0"),
            "on": ways.Recorded("recorded, with lines", self.library, GILTRACE_STACK_OVER="0"),
        }
        self.out.add("The tight loop of %s reads:" % "{:,}".format(count))
        _, cpu = self.table(sites, self.measure(programs.reading(count), sites), "ns", 0, added=True)
        self.out.target("added by lines, per cycle", cpu["on"].less(cpu["off"]), 25, 0, " ns")
        stacks = {
            "untraced": self.ways["untraced"],
            "off": ways.Recorded("recorded, GILTRACE_STACK_OVER=0", self.library, GILTRACE_STACK_OVER="0"),
            "on": ways.Recorded("recorded, a stack for each hold and wait over 1 ms", self.library,
                                GILTRACE_STACK_OVER="1ms"),
        }
        self.out.add("The countdown, whose holds and waits all last 5 ms:")
        self.table(stacks, self.measure(programs.countdown(self.options.count), stacks), "s", 2)

    def attach(self):
        """A program that runs all the time, and sessions that come and go."""
        self.out.add("## Attach: processor time of one read, in ns, in a program that is running")
        columns = zip(*(self.attached(self.folder / ("attached-%d" % number)) for number in range(self.options.rounds)))
        names = ["without the library", "under the library, before any session", "during a session", "after it"]
        every = [rounds.Series(column) for column in columns]
        self.out.table(["", "ns", "× without"],
                       [[name, one.text(0), one.over(every[0]).text(2)] for name, one in zip(names, every)])
        self.out.add("`giltrace record --attach --pid PID --duration 500ms` took %s ms more than its half second."
                     % every[4].text(0))

    def attached(self, path):
        command = [self.python.path, str(programs.FOLDER / "on_request.py")]
        record = [self.options.build / "bin" / "giltrace", "record", "--quiet", "--attach", "--duration", "500ms"]
        with contextlib.ExitStack() as stack:
            plain, loaded = (
                stack.enter_context(subprocess.Popen(command, env=self.ways[key].environment(), text=True,
                                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE))
                for key in ("untraced", "idle"))

            def ask(one):
                one.stdin.write("%d\n" % self.options.cycles)
                one.stdin.flush()
                return int(one.stdout.readline()) / self.options.cycles

            figures = [ask(plain), ask(loaded)]
            with sessions.session(path, **ways.BUFFERS) as session:
                figures.append(ask(loaded))
                session.stop()
            figures.append(ask(loaded))
            begin = time.perf_counter()
            subprocess.run([*record, "--pid", str(loaded.pid), "-o", str(path) + "-recorded"],
                           stdout=subprocess.DEVNULL, check=True)
            figures.append((time.perf_counter() - begin - 0.5) * 1e3)
            return figures

    def instructions(self):
        self.out.add("## Instructions for one read of the tight loop")
        reason = instructions.unusable()
        if reason:
            self.out.add("Left out: %s." % reason)
            return
        # Under valgrind holds are long; whether one more gets its stack would be in the difference.
        recorded = functools.partial(ways.Recorded, library=self.library, GILTRACE_STACK_OVER="0")
        those = {
            **{key: self.ways[key] for key in ("untraced", "idle")},
            "recorded": recorded("recorded"),
            "events": recorded("recorded, --no-burst", GILTRACE_BURST="0"),
            "lines": recorded("recorded, GILTRACE_SITES=0", GILTRACE_SITES="0"),
        }
        # No rounds: they would say the same.
        counts = {key: instructions.of_a_read(way, self.python, self.folder, 60_000) for key, way in those.items()}
        self.out.table(["", "instructions (callgrind)", "added"], [
            [way.title, "{:,.0f}".format(counts[key]), "{:,.0f}".format(counts[key] - counts["untraced"])]
            for key, way in those.items()])

    def analysis(self):
        analysis.report(self)


PARTS = {
    "reading": Bench.reading,
    "countdown": Bench.countdown,
    "server": Bench.server,
    "threads": Bench.threads,
    "lines": Bench.lines,
    "attach": Bench.attach,
    "instructions": Bench.instructions,
    "analysis": Bench.analysis,
}


def choose(path):
    """The interpreter named, or the newest that uprobes can see into, or else the newest."""
    if path:
        return interpreters.probe(path)
    found = [one for one in interpreters.find() if not one.debug and not one.free_threaded]
    visible = [one for one in found if uprobes.symbols_of(uprobes.binary_of(one))[0]]
    return (visible or found or [None])[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--all", action="store_true", help="all parts, about twenty minutes")
    parser.add_argument("-o", "--output", type=pathlib.Path, metavar="FILE.md",
                        help="write the tables here, and plots beside")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="build tree (default build/)")
    parser.add_argument("--python", help="interpreter (default: the newest that has symbols for uprobes)")
    parser.add_argument("--rounds", type=int, default=7,
                        help="default %(default)s; half as many for each number of threads")
    parser.add_argument("--cycles", type=int, default=400_000, help="reads in the tight loop (default %(default)s)")
    parser.add_argument("--shared", type=int, default=100_000, metavar="N",
                        help="reads, on all threads (default %(default)s)")
    parser.add_argument("--units", type=int, default=2_000, metavar="N",
                        help="of the mixed program, on all threads (default %(default)s)")
    parser.add_argument("--count", type=int, default=20_000_000, help="to count down (default %(default)s)")
    parser.add_argument("--events", type=int, default=10_000_000,
                        help="cycles in the large trace (default %(default)s)")
    parser.add_argument("--trace", help="an existing large trace")
    options = parser.parse_args()
    if set(options.parts) - set(PARTS):
        parser.error("unknown part; there are " + ", ".join(PARTS))
    if options.all == bool(options.parts):
        parser.error("which parts? --all, or of " + ", ".join(PARTS))
    for needed in ("lib/libgiltrace.so", "bin/giltrace", "bin/bench_event"):
        if not (options.build / needed).exists():
            parser.error("%s is missing; build it first, with -DBUILD_TESTING=ON" % (options.build / needed))
    options.build = options.build.resolve()  # what is preloaded is found from any folder
    options.python = choose(options.python)
    if not options.python:
        parser.error("no CPython")

    out = document.Document("What giltrace costs")
    out.add("Made by `tests/bench/bench.py`, in %d alternating rounds. Each figure is the\n"
            "median, and in brackets the least and the largest round; ratios are taken within the rounds."
            % options.rounds)
    out.add("\n".join(machine.describe(options.python, options.build / "lib" / "libgiltrace.so")))
    with tempfile.TemporaryDirectory() as folder, sessions.session_daemon():
        bench = Bench(options, pathlib.Path(folder), out)
        for part in PARTS if options.all else options.parts:
            PARTS[part](bench)
            # What there is so far, should the rest fail.
            if options.output:
                out.write(options.output)
    out.add_targets()
    out.add("`uptime` at the end: `%s`" % machine.uptime())
    if options.output:
        out.write(options.output)
    if out.missed:
        sys.exit("%d targets missed" % out.missed)


if __name__ == "__main__":
    main()

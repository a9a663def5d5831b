"""A report on a large trace, beside babeltrace2 reading it for nothing."""
import os
import re
import subprocess
import sys
import time

import programs
import rounds


# The limit is one for one core.
ONE = {min(os.sched_getaffinity(0))}


def report(bench):
    """Measures, and tells `bench.out`."""
    trace = bench.options.trace or large_trace(bench)
    command = bench.options.build / "bin" / "giltrace"
    report_of = [command, "report", trace, "--format", "json", "-o", bench.folder / "json"]
    results = rounds.alternate(min(bench.options.rounds, 3), {
        "theirs": lambda _: usage(["babeltrace2", trace, "-c", "sink.utils.dummy"], ONE),
        "ours": lambda _: usage(report_of, ONE),
        "all": lambda _: usage(report_of, os.sched_getaffinity(0)),
    })
    events = count_events(trace)
    cycles = bench.options.events
    cpu = rounds.series(results, lambda one: one[0])
    elapsed = rounds.series(results, lambda one: one[2])
    memory = rounds.Series(one[1] for key in ("ours", "all") for one in results[key])
    bench.out.add("## Report on {:,} cycles, {:,} events, {:,} bytes".format(cycles, events, size_of(trace)))
    header = ["", "processor time, s", "elapsed, s", "million cycles a second of it", "million events a second of it",
              "peak memory, MiB"]
    bench.out.table(header, [
        [title, cpu[key].text(2), elapsed[key].text(2), rounds.Series(cycles / one / 1e6 for one in elapsed[key]).text(2),
         rounds.Series(events / one / 1e6 for one in elapsed[key]).text(2),
         rounds.Series(one[1] for one in results[key]).text(0)]
        for key, title in (("theirs", "babeltrace2 -c sink.utils.dummy, one CPU"), ("ours", "giltrace report, one CPU"),
                           ("all", "giltrace report, all CPUs"))])
    bench.out.target("report, million cycles a second", rounds.Series(cycles / one / 1e6 for one in cpu["ours"]),
                     12, 1, least=True)
    bench.out.target("report, peak memory", memory, 64, 0, " MiB")


def large_trace(bench):
    path = bench.folder / "large"
    subprocess.run(
        [bench.options.build / "bin" / "giltrace", "record", "--quiet", "-o", path, "--", bench.python.path,
         programs.FOLDER / "releases.py", "--threads", "1", "--count", str(bench.options.events)],
        stdout=subprocess.DEVNULL, check=True)
    return path


def count_events(trace):
    counted = subprocess.run(
        ["babeltrace2", trace, "-c", "sink.utils.counter"], stdout=subprocess.PIPE, text=True, check=True).stdout
    # It reports as it goes; the last one is the whole.
    return int(re.findall(r"([\d,]+) Event message", counted)[-1].replace(",", ""))


def size_of(path):
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def usage(command, cpus):
    """Processor time in seconds, peak resident memory in MiB and elapsed seconds of a command that must succeed."""
    begin = time.monotonic()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    _, status, resources = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("%s failed" % command[0])
    return resources.ru_utime + resources.ru_stime, resources.ru_maxrss / 1024, time.monotonic() - begin

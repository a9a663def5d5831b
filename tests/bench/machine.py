"""What the figures were measured on: kernel, processor, versions, how busy it was."""
import datetime
import os
import platform
import re
import subprocess
import time


def first_line(*command):
    """What a program says of its version; None where it is not there."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        return None
    return result.stdout.strip().partition("\n")[0]


def processor():
    with open("/proc/cpuinfo") as file:
        found = re.search(r"^model name\s*: (.*)$", file.read(), re.M)
    return found[1] if found else platform.machine()


def clock():
    with open("/sys/devices/system/clocksource/clocksource0/current_clocksource") as file:
        return file.read().strip()


def system_call_ns(count=100_000):
    """Machines differ in this more than in anything else, and the tight loop is mostly that."""
    begin = time.thread_time_ns()
    for _ in range(count):
        os.getppid()
    return (time.thread_time_ns() - begin) / count


def priority():
    own = "nice %d" % os.getpriority(os.PRIO_PROCESS, 0)
    try:
        with open("/proc/self/autogroup") as file:
            # Such as "/autogroup-73 nice 0": with autogroups nobody is nicer to another group by `nice`.
            return own + ", autogroup nice " + file.read().split()[-1]
    except FileNotFoundError:
        return own


def uptime():
    return first_line("uptime")


def describe(python, library):
    """Lines of Markdown."""
    # Of the sources that the build tree is in.
    commit = first_line("git", "-C", str(library.parent), "rev-parse", "--short", "HEAD")
    versions = [
        "CPython " + python.version + " (%s)" % python.build,
        first_line("lttng", "--version"),
        first_line("babeltrace2", "--version"),
        first_line("bpftrace", "--version"),
        first_line("perf", "--version"),
        "glibc " + platform.libc_ver()[1],
    ]
    return [
        "- Measured on %s, giltrace %s" % (
            datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
            commit if commit and re.fullmatch("[0-9a-f]+", commit) else "of unknown commit"),
        "- Linux %s, %s, %d CPUs, clock %s; a system call (getppid) takes %.0f ns" % (
            platform.release(), processor(), os.cpu_count(), clock(), system_call_ns()),
        "- " + "; ".join(re.sub(r"\s*\(.*?(GIT|built).*|\s*-.*$| \"[^\"]*\".*", "", one) if one.startswith(
            ("lttng", "Babeltrace")) else one for one in versions if one),
        "- Priority: " + priority(),
        "- `uptime` at the begin: `%s`" % uptime(),
    ]

"""
What a trace says, taken from `babeltrace2 TRACE` line by line: nothing in here knows
giltrace's own analysis, which the tests compare with it.
"""
import bisect
import collections
import os
import pathlib
import re
import subprocess
from typing import NamedTuple, Optional

UNKNOWN = 2**64 - 1
UNCOUNTED = -1  # events are lost, nobody knows how many

LINE = re.compile(r"^\[\S+\] \S+ (?:\S+ )?giltrace:(\w+): \{[^{}]*\}, \{ (.*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( "(\w+)" : container = \d+ \)|"((?:[^"\\]|\\.)*)"|(-?\d+))')
LOST = re.compile(r"discarded (\d+) event")


class RawTrace:
    """
    The events of each kind, as dicts, in the order of LTTng's time stamps. A
    process id can be that of several programs, one after the other (exec): each
    event gets an `instance`, counted from 0 for each pid.
    """

    def __init__(self, path):
        result = subprocess.run(
            ["babeltrace2", *own_folders(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        assert result.returncode == 0, "babeltrace2 cannot read %s:\n%s" % (path, result.stderr)
        self.lost = sum(int(count) for count in LOST.findall(result.stderr))
        if not self.lost and "discarded" in result.stderr:
            self.lost = UNCOUNTED
        self.events = collections.defaultdict(list)
        instances = {}
        for line in result.stdout.split("\n"):
            match = LINE.match(line)
            if match:
                event = fields_of(match[2])
                if match[1] == "process" and event["state"] in ("started", "forked"):
                    instances[event["pid"]] = instances.get(event["pid"], -1) + 1
                event["instance"] = instances.setdefault(event["pid"], 0)
                self.events[match[1]].append(event)

    def gil(self, pid, instance, number):
        return RawGil(self, pid, instance, number)

    def pids(self):
        return {event["pid"] for event in self.events["process"]}


def own_folders(path):
    """What this user's programs wrote; root's sessions record others', too, and they may be at work."""
    found = [metadata.parent for metadata in pathlib.Path(path).rglob("metadata")]
    return [folder for folder in found if folder.parent.parent.name != "uid" or folder.parent.name == str(os.getuid())]


def fields_of(text):
    fields = {}
    for name, label, string, number in FIELD.findall(text):
        fields[name] = int(number) if number else label or string
    return fields


class Hold(NamedTuple):
    tid: int
    seq: int  # of the acquire
    begin: Optional[int]  # None: before recording
    end: Optional[int]  # None: still open at the end


class Wait(NamedTuple):
    tid: int
    begin: int
    end: int


class RawGil:
    """The holds and waits of one GIL, from the records of acquires and releases alone."""

    def __init__(self, trace, pid, instance, gil):
        def mine(kind):
            return [e for e in trace.events[kind] if (e["pid"], e["instance"], e["gil"]) == (pid, instance, gil)]

        self.acquires = sorted(mine("acquire"), key=lambda e: e["seq"])
        self.releases = sorted(mine("release"), key=lambda e: e["seq"])
        self.wait_events = mine("wait")
        self.requests = mine("drop_request")
        self.announced = bool(mine("gil"))
        self.created = any(e["state"] == "created" for e in mine("gil"))
        # Numbers up to these were used before recording began, or began again; 0 says nothing.
        self.starts = {e["seq"] for e in mine("gil")} - {0}
        self.intervals_us = [e["interval_us"] for e in mine("gil")]
        self.holds = self._holds()
        self.waits = self._waits()

    def _holds(self):
        holds = []
        for release in self.releases:
            known = release["held_ns"] != UNKNOWN
            holds.append(Hold(
                release["tid"],
                release["seq"] - 1,
                release["at"] - release["held_ns"] if known else None,
                release["at"],
            ))
        released = {hold.seq for hold in holds}
        holds += [Hold(e["tid"], e["seq"], e["at"], None) for e in self.acquires if e["seq"] not in released]
        return sorted(holds, key=lambda hold: hold.seq)

    def _waits(self):
        """Of a forced switch the first part is from the release on, the second up to the acquire."""
        released = collections.defaultdict(list)
        for release in self.releases:
            released[release["tid"]].append(release["at"])
        waits = []
        for acquire in self.acquires:
            tid, at = acquire["tid"], acquire["at"]
            if acquire["yield_ns"]:
                place = bisect.bisect_right(released[tid], at) - 1
                assert place >= 0, "a forced switch without a release before it: %s" % acquire
                begin = released[tid][place]
                waits.append(Wait(tid, begin, begin + acquire["yield_ns"]))
            if acquire["wait_ns"] not in (0, UNKNOWN):
                waits.append(Wait(tid, at - acquire["wait_ns"], at))
        return waits

    def blame(self):
        """(waiter, holder) -> ns; holder "handoff": nobody held."""
        closed = [hold for hold in self.holds if hold.begin is not None]
        last = max([w.end for w in self.waits] + [h.end or h.begin for h in closed], default=0)
        ends = [hold.end or last for hold in closed]
        blame = collections.Counter()
        for wait in self.waits:
            rest = wait.end - wait.begin
            for i in range(bisect.bisect_right(ends, wait.begin), len(closed)):
                if closed[i].begin >= wait.end:
                    break
                shared = min(ends[i], wait.end) - max(closed[i].begin, wait.begin)
                blame[wait.tid, closed[i].tid] += shared
                rest -= shared
            blame[wait.tid, "handoff"] += rest
        return {pair: ns for pair, ns in blame.items() if ns}

    def unfinished_waits(self):
        """Threads whose last wait led to no acquire: the program ended first."""
        last = {e["tid"]: e["since"] for e in self.wait_events}
        acquired = {e["tid"]: e["at"] for e in self.acquires}
        return {tid for tid, since in last.items() if acquired.get(tid, -1) < since}

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
DESCRIBED = re.compile(rb'\bevent \{|"event-record-class"')
LOST = re.compile(r"discarded (\d+) event")


class RawTrace:
    """
    The events of each kind, as dicts, in the order of LTTng's time stamps. A
    process id can be that of several programs, one after the other (exec): each
    event gets an `instance`, counted from 0 for each pid.
    """

    def __init__(self, path, everyone=False):
        result = subprocess.run(
            ["babeltrace2", *([path] if everyone else own_folders(path))], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        assert result.returncode == 0, "babeltrace2 cannot read %s:\n%s" % (path, result.stderr)
        self.lost = sum(int(count) for count in LOST.findall(result.stderr))
        if not self.lost and "discarded" in result.stderr:
            self.lost = UNCOUNTED
        self.events = collections.defaultdict(list)
        self.of_gil = collections.defaultdict(list)
        self._by_process = {}
        instances = {}
        order = 0
        for line in result.stdout.split("\n"):
            match = LINE.match(line)
            if match:
                event = fields_of(match[2])
                if match[1] == "process" and event["state"] in ("started", "forked"):
                    instances[event["pid"]] = instances.get(event["pid"], -1) + 1
                event["instance"] = instances.setdefault(event["pid"], 0)
                event["order"] = order = order + 1
                self._add(match[1], event)
                for kind, one in events_of(event) if match[1] == "cycles" else []:
                    self._add(kind, one)

    def _add(self, kind, event):
        self.events[kind].append(event)
        if "gil" in event:
            self.of_gil[kind, event["pid"], event["instance"], event["gil"]].append(event)

    def gil(self, pid, instance, number):
        return RawGil(self, pid, instance, number)

    def sites(self, pid, instance):
        """number -> (file, line, function), of one process"""
        mine = [e for e in self.events["site"] if (e["pid"], e["instance"]) == (pid, instance)]
        described = {(e["site"], e["file"], e["line"], e["function"]) for e in mine}
        sites = {number: tuple(what) for number, *what in described}
        assert len(sites) == len(described), "a site number stands for two lines"
        return sites

    def of_process(self, kind, pid, instance):
        if kind not in self._by_process:
            self._by_process[kind] = collections.defaultdict(list)
            for event in self.events[kind]:
                self._by_process[kind][event["pid"], event["instance"]].append(event)
        return self._by_process[kind][pid, instance]

    def pids(self):
        return {event["pid"] for event in self.events["process"]}


def own_folders(path):
    """
    What the programs of the trace's owner wrote; root's sessions record others',
    too, and they may be at work. One that had just begun when the session ended, and
    another test's may have, has no event described: babeltrace2 would refuse all.
    """
    owner = str(os.stat(path).st_uid)
    found = [metadata.parent for metadata in pathlib.Path(path).rglob("metadata")]
    return [folder for folder in found if (folder.parent.parent.name != "uid" or folder.parent.name == owner)
            and DESCRIBED.search((folder / "metadata").read_bytes())]


SEQUENCE = re.compile(r"(\w+) = \[ ((?:\[\d+\] = \w+,? )*)\]")


def fields_of(text):
    """name -> number, text or list of numbers."""
    fields = {}
    if " = [ " in text:  # few have any, and all others are read in two thirds of the time
        fields = {
            name: [int(item.split(" = ")[1], 0) for item in items.strip().split(", ") if item]
            for name, items in SEQUENCE.findall(text)
        }
        text = SEQUENCE.sub("", text)
    for name, label, string, number in FIELD.findall(text):
        fields[name] = int(number) if number else label or string
    return fields


def events_of(cycles):
    """
    (kind, event) of each `acquire` and `release` that one `cycles` event stands for; shim/cycles.h
    has the layout of its words.
    """
    def bits(word, low, count):
        return word >> low & (1 << count) - 1

    places, waiters, wait = {}, 0, None
    seq, at = cycles["seq"], cycles["at"]
    for word in cycles["words"]:
        kind, place = bits(word, 0, 2), bits(word, 2, 6)
        if kind == 2:
            places[place] = {"tid": bits(word, 8, 24), "site": bits(word, 32, 32)}
            continue
        if kind == 3 and bits(word, 63, 1):
            assert wait is None and not bits(word, 62, 1), "no wait: %#x" % word
            wait = {"wait_ns": bits(word, 2, 28), "site": bits(word, 30, 32)}
            continue
        if kind == 3:
            waiters = bits(word, 2, 16)
            assert word >> 18 == 0, "no number of waiters: %#x" % word
            continue
        assert places[place]["tid"], "nobody held: %#x" % word
        lengths = [(8, 28)] if kind == 0 else [(8, 14), (36, 14)]
        for low, count in lengths:
            held, gap = bits(word, low, count), bits(word, low + count, count)
            hold = {**{key: cycles[key] for key in ("pid", "instance", "gil", "order")}, **places[place]}
            if wait:
                yield "acquire", {**hold, "seq": seq - 1, "at": at + gap, "yield_ns": 0, **wait}
            at += gap + held
            yield "release", {**hold, "seq": seq, "at": at, "held_ns": held, "requested_ns": 0,
                              "waiters": waiters, "acquired": 1}
            seq, wait = seq + 2, None
    assert wait is None, "a wait for nothing"


class Hold(NamedTuple):
    tid: int
    seq: int  # of the acquire
    begin: Optional[int]  # None: before recording
    end: Optional[int]  # None: still open at the end
    site: int = 0  # at which it ended


class Wait(NamedTuple):
    tid: int
    begin: int
    end: int
    site: int = 0  # that waited


class RawGil:
    """
    The holds and waits of one GIL, from the records of acquires and releases alone.

    At the edges of a session that starts or ends in mid-run each thread may have
    one hold that it came too late, or too early, to write.
    """

    def __init__(self, trace, pid, instance, gil):
        def of_process(kind):
            return trace.of_process(kind, pid, instance)

        def mine(kind):
            return trace.of_gil[kind, pid, instance, gil]

        self.acquires = sorted(mine("acquire"), key=lambda e: e["seq"])
        self.releases = sorted(mine("release"), key=lambda e: e["seq"])
        self.wait_events = mine("wait")
        self.requests = mine("drop_request")
        told = mine("gil")
        self.announced = bool(told)
        self.pypy = any(e["kind"] == "pypy" for e in told)
        self.created = any(e["state"] == "created" for e in told)
        # Numbers up to these were used before recording began, or began again; 0 says nothing.
        self.starts = {}  # number -> since when at the latest; a GIL's first user and the session itself may both tell
        for event in told:
            if event["seq"]:
                self.starts[event["seq"]] = min(event["at"], self.starts.get(event["seq"], event["at"]))
        # A session that found the GIL there has everything that was written after this.
        self.bursts = bool(mine("cycles"))
        self.found_at = None if self.created or not told else told[0]["at"]
        # When a free-threaded interpreter switched its GIL: [(at, on)], changes alone.
        self.switches = []
        for event in sorted(told, key=lambda e: e["at"]):
            on = event["mode"] != "disabled"
            if event["state"] in ("created", "present", "joined") and on != (self.switches[-1][1] if self.switches else True):
                self.switches.append((event["at"], on))
        self.ended = max((e["at"] for e in told if e["state"] == "destroyed"), default=None)
        self.intervals_us = [e["interval_us"] for e in told]
        # One that goes on after all, because its exec failed, says that it is there.
        self.exited = [e["state"] for e in of_process("process")][-1:] == ["exiting"]
        self.thread_ends = {e["tid"]: e["at"] for e in of_process("thread") if e["state"] == "exited"}
        self.holds = self._holds()
        took_part = {e["tid"] for kind in ("acquire", "release", "wait") for e in mine(kind)}
        self.end = max(
            [at for tid, at in self.thread_ends.items() if tid in took_part] +
            [e["at"] for kind in ("acquire", "release", "drop_request", "gil") for e in mine(kind)]
            + [e["since"] for e in self.wait_events]
            + [e["at"] for e in of_process("process") if e["state"] == "exiting"], default=0)
        if self.pypy:
            users = {e["tid"] for e in [*self.acquires, *self.releases, *self.wait_events]}
            self.end = max([self.end, *(at for tid, at in self.thread_ends.items() if tid in users)])
        self.stops = self._stops(told)
        self.yields_unplaced = collections.Counter()  # (tid, site) -> ns of forced switches whose release is missing
        self.waits_acquired = self._waits()
        self.waits = self.waits_acquired + self._unfinished()

    def _holds(self):
        holds = []
        for release in self.releases:
            known = release["held_ns"] != UNKNOWN
            holds.append(Hold(
                release["tid"],
                release["seq"] - 1,
                release["at"] - release["held_ns"] if known else None,
                release["at"],
                release["site"],
            ))
        released = {hold.seq for hold in holds}
        holds += [Hold(e["tid"], e["seq"], e["at"], None) for e in self.acquires if e["seq"] not in released]
        return sorted(holds, key=lambda hold: hold.seq)

    def _follows(self, i):
        """Whether everything between hold i - 1 and hold i is known."""
        if i == 0:
            return self.created and self.holds[0].seq == 1
        return self.holds[i].seq == self.holds[i - 1].seq + 2 and self.holds[i - 1].end is not None

    def _waits(self):
        """Of a forced switch the first part is from the release on, the second up to the acquire."""
        place = {hold.seq: i for i, hold in enumerate(self.holds)}
        last = {}  # tid -> index of its last hold that ended
        seen = 0
        unbroken = 0  # index of the first hold since which nothing is missing
        waits = []
        for acquire in self.acquires:
            tid, at = acquire["tid"], acquire["at"]
            for seen in range(seen, place[acquire["seq"]] + 1):
                if not self._follows(seen):
                    unbroken = seen
                if seen and self.holds[seen - 1].end is not None:
                    last[self.holds[seen - 1].tid] = seen - 1
            if acquire["yield_ns"]:
                if last.get(tid, -1) >= unbroken:
                    begin = self.holds[last[tid]].end
                    waits.append(Wait(tid, begin, begin + acquire["yield_ns"], acquire["site"]))
                else:
                    self.yields_unplaced[tid, acquire["site"]] += acquire["yield_ns"]
            if acquire["wait_ns"] not in (0, UNKNOWN):
                waits.append(Wait(tid, at - acquire["wait_ns"], at, acquire["site"]))
        return waits + self._waits_switched_off(waits)

    def _waits_switched_off(self, acquired):
        """Those that led to no acquire, because the GIL went off."""
        waits = []
        for event in self.wait_events:
            tid, since = event["tid"], event["since"]
            off = min((at for at, on in self.switches if not on and at >= since), default=None)
            if off and not any(wait.tid == tid and wait.begin <= since < wait.end for wait in acquired):
                waits.append(Wait(tid, since, off))
        return waits

    def _stops(self, told):
        """Where recording stopped and began again: [(number of the line, time before, time from then on)]"""
        heard = [(e["order"], e["at"]) for e in [*self.acquires, *self.releases, *self.requests]]
        heard += [(e["order"], e["since"]) for e in self.wait_events]
        heard += [(e["order"], e["at"]) for e in told if e["state"] not in ("destroyed", "forgotten")]
        restarts = [e for e in told if e["state"] == "present" and e["seq"]]
        return [
            (e["order"], max([at for order, at in heard if order < e["order"]], default=0), e["at"]) for e in restarts
        ]

    def _cut(self, tid, since):
        """When a wait ends at the latest, of whose thread nothing more is heard."""
        order = max(e["order"] for e in self.wait_events if (e["tid"], e["since"]) == (tid, since))
        return min([max(before, since) for at, before, again in self.stops if order < at and since < again], default=self.end)

    def _unfinished(self):
        """Waits that were announced, and that the end of the thread, of recording or of the trace ended."""
        last = {e["tid"]: e["since"] for e in self.wait_events}
        # A wait whose acquire was not written is over, too, when its thread is seen to hold later.
        acquired = {} if self.pypy else {hold.tid: hold.begin or hold.end for hold in self.holds}
        for acquire in self.acquires:
            acquired[acquire["tid"]] = max(acquire["at"], acquired.get(acquire["tid"], 0))
        return [
            Wait(tid, since, max(since, min(self.thread_ends.get(tid, self.end), self.end, self._cut(tid, since))))
            for tid, since in last.items()
            if acquired.get(tid, -1) < since and not any(at >= since for at, on in self.switches if not on)
        ]

    def _spans(self, seen):
        """
        (begin, end, tid, site), ordered, of all time in which somebody, or nobody knows
        who, held it: tid None. `seen`: whether a holder counts that only waiters saw.
        """
        spans = []
        until = 0
        for i, hold in enumerate(self.holds):
            started_at = self.starts.get(hold.seq - 1)
            begin = hold.begin
            if begin is None:
                # Older than recording, or than the part of it that begins here.
                begin = until if i == 0 or self._follows(i) else max(until, min(started_at or 0, hold.end))
            elif not self._follows(i) and not (i == 0 and hold.seq == 1):
                # Recording began with the GIL free, or nobody knows.
                spans.append((until, min(begin, max(until, started_at)) if started_at else begin, None, None))
            if hold.begin is None and not self._follows(i) and i > 0:
                spans.append((until, begin, None, None))
            if hold.end is not None:
                spans.append((begin, hold.end, hold.tid, hold.site))
                until = hold.end
            elif i == len(self.holds) - 1:
                spans.append((begin, max(begin, self.end), hold.tid, hold.site))
            else:
                until = begin
        if not self.exited and not (self.holds and self.holds[-1].end is None):
            spans += self._tail(until) if seen else [(until, self.end, None, None)]
        return [span for span in spans if span[0] < span[1]]

    def _tail(self, until):
        """Behind the last release: nobody knows, but for a holder that a waiter has seen since."""
        seen = [(e["since"], e["holder"]) for e in self.wait_events if e["holder"] > 0 and e["since"] >= until]
        while len(seen) > 1 and seen[-2][1] == seen[-1][1]:
            seen.pop()
        since, holder = seen[-1] if seen else (self.end, None)
        return [(until, since, None, None), (since, self.end, holder, None if holder is None else 0)]

    def blame(self, seen=True):
        """(waiter, holder) -> ns; holder "handoff": nobody held, "unknown": nobody knows."""
        blame = collections.Counter()
        for (waiter, _, holder, _), ns in self.line_blame(seen).items():
            blame[waiter, holder] += ns
        return {pair: ns for pair, ns in blame.items() if ns}

    def line_blame(self, seen=True):
        """(waiter, its site, holder, its site) -> ns; site None where the holder is no thread."""
        spans = self._spans(seen)
        ends = [span[1] for span in spans]
        blame = collections.Counter()
        for wait in self.waits:
            rest = wait.end - wait.begin
            for begin, end, tid, site in spans[bisect.bisect_right(ends, wait.begin):]:
                if begin >= wait.end:
                    break
                shared = min(end, wait.end) - max(begin, wait.begin)
                blame[wait.tid, wait.site, "unknown" if tid is None else tid, None if tid is None else site] += shared
                rest -= shared
            blame[wait.tid, wait.site, "handoff", None] += rest
        for (tid, site), ns in self.yields_unplaced.items():
            blame[tid, site, "unknown", None] += ns
        return {pair: ns for pair, ns in blame.items() if ns}

    def unfinished_waits(self):
        """Threads whose last wait led to no acquire: the program ended first."""
        last = {e["tid"]: e["since"] for e in self.wait_events}
        acquired = {e["tid"]: e["at"] for e in self.acquires}
        return {tid for tid, since in last.items() if acquired.get(tid, -1) < since}

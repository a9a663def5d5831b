"""The invariants of every trace, and the equality of a report with the raw events."""
import collections
import traceback

from rawtrace import UNKNOWN, RawTrace


CYCLES_MOST = 250  # holds of one event


def check_invariants(report, trace, interval_us=5000, pid=None, everyone=False):
    """
    Checks `report` (the parsed JSON) against the trace at the path `trace`, and
    returns the RawTrace for further checks. `interval_us` is the smallest switch
    interval that the program set. `pid`: check this process alone, for a session
    of one's own records whatever runs. `everyone`: other users' programs, too, which
    nobody but the test has started.
    """
    raw = RawTrace(trace, everyone)
    assert raw.lost == 0, "events were lost: %d" % raw.lost
    assert report["schema"] == "giltrace-report/1"
    assert report["trace"]["lost_events"] == 0
    assert report["processes"], "the report has no process"
    instances = collections.Counter()
    for process in report["processes"]:
        key = process["pid"], instances[process["pid"]]
        instances[process["pid"]] += 1
        if pid not in (None, process["pid"]):
            continue
        assert process["pid"] in raw.pids()
        for gil in process["gils"]:
            one = raw.gil(*key, gil["id"])
            if one.pypy:
                check_pypy(gil, one)
                continue
            check_sequence(one)
            check_holds(gil, one)
            check_switches(gil, one)
            check_requests(gil, one, interval_us)
            check_gil(gil, one)
            check_threads(gil, one)
            check_blame(gil, one)
            check_lines(gil, one, raw.sites(*key))
    assert pid is None or instances[pid], "process %s is not in the report" % pid
    return raw


def check_pypy(gil, raw):
    """Of PyPy's GIL the waits are known, and nothing that needs the holds."""
    events = sorted([*raw.acquires, *raw.releases], key=lambda event: event["seq"])
    numbers = [event["seq"] for event in events]
    assert raw.announced, "the GIL's own event is missing"
    before = 0 if raw.created or not numbers else numbers[0] - 1
    written_at = {event["seq"]: event["at"] for event in events}
    cut = 0  # of sessions that end while threads wait, each of which may have one event to write
    for number in numbers:
        if number != before + 1 and number - 1 not in raw.starts:
            late = raw.found_at is not None and written_at.get(before, raw.found_at) < raw.found_at
            cut += 0 if late else number - before - 1
            assert late or not raw.exited, "a gap: %d follows %d" % (number, before)
        before = number
    assert cut <= len(gil["threads"]), "more is missing than the end of recording cut off: %d" % cut
    free = []  # given up, and taken by the next
    for earlier, later in zip(events, events[1:]):
        assert earlier["at"] <= later["at"], "%s is later than %s" % (earlier, later)
        if "held_ns" in earlier and earlier["seq"] + 1 == later["seq"]:
            assert "held_ns" not in later, "given up twice: %s, %s" % (earlier, later)
            free.append((earlier["at"], later["at"]))
    for release in raw.releases:
        assert (release["held_ns"], release["acquired"], release["requested_ns"]) == (UNKNOWN, 0, 0)

    assert gil["handoff"]["count"] == len(free)
    assert gil["handoff"]["total_ns"] == sum(end - begin for begin, end in free)
    waits, contended, blame = collections.defaultdict(list), collections.Counter(), collections.Counter()
    everything = raw.waits
    if events and "held_ns" in events[-1] and raw.exited:
        free.append((events[-1]["at"], raw.end))  # nobody took it any more
    for wait in everything:
        waits[wait.tid].append(wait)
    for acquire in raw.acquires:
        contended[acquire["tid"]] += 1
    for tid, mine in waits.items():
        for earlier, later in zip(mine, mine[1:]):
            assert earlier.end <= later.begin, "%s overlaps %s of the same thread" % (earlier, later)
        for wait in mine:
            handoff = sum(max(0, min(end, wait.end) - max(begin, wait.begin)) for begin, end in free)
            blame[tid, "handoff"] += handoff
            blame[tid, "unknown"] += wait.end - wait.begin - handoff
    assert {(row["waiter"], row["holder"]): row["wait_ns"] for row in gil["blame"]} == {
        pair: ns for pair, ns in blame.items() if ns
    }
    assert {thread["tid"] for thread in gil["threads"]} >= set(contended)
    for thread in gil["threads"]:
        assert thread["wait_ns"] == sum(wait.end - wait.begin for wait in waits[thread["tid"]])
        assert thread["contended_acquisitions"] == contended[thread["tid"]]
    assert gil["wait_ns"] == sum(wait.end - wait.begin for wait in everything)
    assert gil["contended_acquisitions"] == len(raw.acquires)
    for one in (gil, *gil["threads"]):
        assert one["held_ns"] is None
        assert one["acquisitions"] is None
        assert set(one["hold"].values()) == {None}
    assert gil["utilization"] is None
    assert gil["handoff_ns"] is None
    assert 0 <= gil["contention"] <= 1
    assert gil["load"] >= gil["contention"] * 0.999999
    assert gil["drop_requests"] == len(raw.requests) == 0


def check_sequence(raw):
    """Acquires and releases alternate, and no number is missing since recording began."""
    used = [hold.seq for hold in raw.holds] + [release["seq"] for release in raw.releases]
    assert len(used) == len(set(used)), "a sequence number was used twice"
    assert all(hold.seq % 2 == 1 for hold in raw.holds), "an acquire has an even number"
    assert all(release["seq"] % 2 == 0 for release in raw.releases), "a release has an odd number"
    known = {acquire["seq"]: acquire for acquire in raw.acquires}
    assert len(known) == len(raw.acquires), "an acquire was recorded twice"
    for hold in raw.holds:
        if hold.seq in known and hold.begin is not None:
            assert (known[hold.seq]["tid"], known[hold.seq]["at"]) == (hold.tid, hold.begin)
    used.sort()
    assert raw.announced, "the GIL's own event is missing"
    check_gaps(raw, used)


def check_gaps(raw, used):
    """
    A new GIL begins at 1, a session joins an old one where it does. After that
    only a start of recording may skip numbers, and what its edges cut off.
    """
    ended = {release["seq"]: release["at"] for release in raw.releases}
    cut = 0
    before = 0 if raw.created or not used else used[0] - 1
    for number in used:
        if number != before + 1 and number - 1 not in raw.starts:
            late = raw.found_at is not None and ended.get(before, raw.found_at) < raw.found_at
            cut += 0 if late else (number - before) // 2
            assert late or not raw.exited, "a gap: %d follows %d" % (number, before)
        before = number
    threads = {event["tid"] for event in raw.acquires + raw.releases + raw.wait_events}
    most = CYCLES_MOST if raw.bursts else 1
    assert cut <= most * len(threads), "more is missing than the end of recording cut off: %d holds" % cut


def check_holds(gil, raw):
    """Holds never overlap, and all of them fit into the span."""
    for earlier, later in zip(raw.holds, raw.holds[1:]):
        end = earlier.end
        if end is None:
            assert not raw.exited, "a hold without end has a successor: %s" % (earlier,)
            end = earlier.begin
        assert later.begin is None or end <= later.begin, "%s overlaps %s" % (earlier, later)
    assert sum(thread["held_ns"] for thread in gil["threads"]) == gil["held_ns"] <= gil["span_ns"]


def check_switches(gil, raw):
    """Holds and waits lie where the GIL was on, and only that time counts."""
    assert gil["span_ns"] <= gil["lifetime_ns"]
    if not raw.switches:
        assert gil["span_ns"] == gil["lifetime_ns"]
    offs = [at for at, on in raw.switches if not on]
    for begin, end in zip(offs, [at for at, on in raw.switches if on and at > offs[0]] + [None]):
        for one in raw.holds + raw.waits:
            assert one.end is None or one.end <= begin or end is not None and one.begin >= end, "%s while it was off" % (
                one,)


def check_requests(gil, raw, interval_us):
    """A drop request comes at least one switch interval after its wait began."""
    if gil["detail"] == "times":
        assert gil["drop_requests"] is None and not raw.requests
        return
    assert gil["drop_requests"] == len(raw.requests)
    # A session that finds a thread asleep does not see when its wait began: only an acquire says that this is unknown.
    waits = collections.defaultdict(list)
    for wait in raw.waits if raw.created and not raw.starts else raw.waits_acquired:
        waits[wait.tid].append(wait)
    for request in raw.requests:
        for wait in waits[request["tid"]]:
            if wait.begin <= request["at"] <= wait.end:
                assert request["at"] - wait.begin >= interval_us * 1000, "too early: %s in %s" % (request, wait)


def check_gil(gil, raw):
    assert gil["acquisitions"] == sum(1 for hold in raw.holds if hold.begin is not None)
    assert gil["wait_ns"] == sum(wait.end - wait.begin for wait in raw.waits) + sum(raw.yields_unplaced.values())
    if gil["detail"] == "full":
        assert gil["forced_releases"] == sum(1 for release in raw.releases if release["requested_ns"])
    if gil["span_ns"] == 0:
        assert gil["utilization"] is gil["contention"] is gil["load"] is None
        return
    assert 0 <= gil["utilization"] <= 1
    assert 0 <= gil["contention"] <= 1
    assert gil["load"] >= 0


def check_threads(gil, raw):
    """Each thread's figures are the sums over its events."""
    acquisitions, held, waited, contended = (collections.Counter() for _ in range(4))
    open_ended = set()
    for hold in raw.holds:
        if hold.begin is None:
            continue  # its acquire was before recording
        acquisitions[hold.tid] += 1
        if hold.end is None:
            open_ended.add(hold.tid)
        else:
            held[hold.tid] += hold.end - hold.begin
    for wait in raw.waits:
        waited[wait.tid] += wait.end - wait.begin
    for (tid, _), ns in raw.yields_unplaced.items():
        waited[tid] += ns
    for acquire in raw.acquires:
        if acquire["wait_ns"] or acquire["yield_ns"]:
            contended[acquire["tid"]] += 1
    sent = collections.Counter(request["tid"] for request in raw.requests)
    received = collections.Counter(request["holder"] for request in raw.requests)

    threads = by_tid(gil["threads"])
    assert set(acquisitions) <= set(threads)
    for tid, thread in threads.items():
        assert thread["acquisitions"] == acquisitions[tid]
        assert thread["contended_acquisitions"] == contended[tid]
        if gil["detail"] == "full":
            assert thread["drop_requests_sent"] == sent[tid]
            assert thread["drop_requests_received"] == received[tid]
        assert thread["wait_ns"] == waited[tid]
        if tid in open_ended:
            assert thread["held_ns"] >= held[tid]
        else:
            assert thread["held_ns"] == held[tid]


def by_tid(threads):
    """{tid: the sums of its rows}: the system gives the number of a thread that has ended to another."""
    assert len({(thread["tid"], thread["name"]) for thread in threads}) == len(threads), "a thread is in the report twice"
    sums = collections.defaultdict(collections.Counter)
    for thread in threads:
        sums[thread["tid"]].update({key: value for key, value in thread.items() if isinstance(value, int)})
    return sums


def check_known(raw, rows, right, holder):
    """
    Who held it when recording ended may be seen by waiters alone: not to know it is
    right, too. Where recording began again the report may know less than the raw
    events tell, never more.
    """
    if raw.starts:
        assert all(ns <= right[0].get(row, 0) for row, ns in rows.items() if holder(row) != "unknown")
    else:
        assert rows in right


def check_blame(gil, raw):
    """Row by row equal to the raw events', and each row's sum is the thread's wait."""
    rows, sums = collections.Counter(), collections.Counter()
    for row in gil["blame"]:
        assert row["wait_ns"] > 0
        rows[row["waiter"], row["holder"]] += row["wait_ns"]
        sums[row["waiter"]] += row["wait_ns"]
    threads = by_tid(gil["threads"])
    if len(threads) == len(gil["threads"]):
        assert len(rows) == len(gil["blame"]), "a pair is in the blame twice"
    check_known(raw, rows, [raw.blame(seen) for seen in (True, False)], lambda pair: pair[1])
    for tid, thread in threads.items():
        assert sums[tid] == thread["wait_ns"]


FIGURES = ["held_ns", "count", "wait_ns", "blocked_ns"]


def check_lines(gil, raw, numbers):
    """Line by line equal to the raw events'; the sums are those of threads and GIL."""
    lines = [(site["file"], site["line"], site["function"]) for site in gil["sites"]]
    # What is not known, and what no room was left for, have no line both.
    kinds = [(line, site["kind"]) for line, site in zip(lines, gil["sites"])]
    assert len(kinds) == len(set(kinds)), "a line is in the report twice"
    assert all((site["kind"] == "line") == (site["file"] is not None) for site in gil["sites"])

    def line(number):
        file, at, function = numbers.get(number, (None, None, None))
        return file, at or None, function

    check_line_sums(gil)
    # No room was left for all pairs of lines of thousands of threads: of which, the report does not say.
    if any(site["kind"] == "rest" for site in gil["sites"]):
        return

    def line_blame(seen):
        blame = collections.Counter()
        for (waiter, waiter_site, holder, holder_site), ns in raw.line_blame(seen).items():
            blame[waiter, line(waiter_site), holder, None if holder_site is None else line(holder_site)] += ns
        return {row: ns for row, ns in blame.items() if ns}

    reported = collections.Counter()
    for row in gil["line_blame"]:
        holder_line = None if row["holder_site"] is None else lines[row["holder_site"]]
        reported[row["waiter"], lines[row["waiter_site"]], row["holder"], holder_line] += row["wait_ns"]
    if len(by_tid(gil["threads"])) == len(gil["threads"]):
        assert len(reported) == len(gil["line_blame"]), "a pair is in the line blame twice"
    check_known(raw, reported, [line_blame(seen) for seen in (True, False)], lambda row: row[2])
    figures = collections.defaultdict(collections.Counter)
    for hold in raw.holds:
        if None not in (hold.begin, hold.end):
            figures[line(hold.site)].update(held_ns=hold.end - hold.begin, count=1)
    for wait in raw.waits:
        figures[line(wait.site)].update(wait_ns=wait.end - wait.begin)
    for (_, site), ns in raw.yields_unplaced.items():
        figures[line(site)].update(wait_ns=ns)
    for (_, _, _, holder), ns in reported.items():
        if holder:
            figures[holder].update(blocked_ns=ns)
    if any(hold.end is None for hold in raw.holds) and line(0) in lines:
        # How long that one took is not in its event.
        for key in "held_ns", "count":
            figures[line(0)][key] = gil["sites"][lines.index(line(0))][key]
    for at, site in zip(lines, gil["sites"]):
        assert {key: site[key] for key in FIGURES} == {key: figures[at][key] for key in FIGURES}, at


def check_line_sums(gil):
    def total(sites, key):
        return sum(site[key] for site in sites)

    for whole in [gil, *gil["threads"]]:
        assert total(whole["sites"], "held_ns") == whole["held_ns"]
        assert total(whole["sites"], "count") == whole["hold"]["count"]
        assert total(whole["sites"], "wait_ns") == whole["wait_ns"]
        assert total(whole["sites"], "wait_count") == whole["wait"]["count"]
    behind_threads = [row["wait_ns"] for row in gil["blame"] if row["holder"] not in ("handoff", "unknown")]
    assert total(gil["sites"], "blocked_ns") == sum(behind_threads)
    for number in range(len(gil["sites"])):
        parts = [site for thread in gil["threads"] for site in thread["sites"] if site["site"] == number]
        for key in FIGURES:
            assert total(parts, key) == gil["sites"][number][key]


def broken(error):
    """What an exception out of check_invariants says, in one line, for those who are not pytest."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return "%s:%d: %s: %s" % (place.name, place.lineno, place.line, str(error).split("\n")[0] or type(error).__name__)

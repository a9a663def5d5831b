"""The invariants of every trace, and the equality of a report with the raw events."""
import collections

from rawtrace import RawTrace


def check_invariants(report, trace, interval_us=5000, pid=None):
    """
    Checks `report` (the parsed JSON) against the trace at the path `trace`, and
    returns the RawTrace for further checks. `interval_us` is the smallest switch
    interval that the program set. `pid`: check this process alone, for a session
    of one's own records whatever runs.
    """
    raw = RawTrace(trace)
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
            check_sequence(one)
            check_holds(gil, one)
            check_requests(gil, one, interval_us)
            check_gil(gil, one)
            check_threads(gil, one)
            check_blame(gil, one)
    assert pid is None or instances[pid], "process %s is not in the report" % pid
    return raw


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
    # A new GIL begins at 1, a session joins an old one where it does. After that only a
    # start of recording may skip numbers.
    before = 0 if raw.created or not used else used[0] - 1
    for number in used:
        if number != before + 1:
            assert number - 1 in raw.starts, "a gap: %d follows %d" % (number, before)
        before = number


def check_holds(gil, raw):
    """Holds never overlap, and all of them fit into the span."""
    for earlier, later in zip(raw.holds, raw.holds[1:]):
        assert earlier.end is not None, "a hold without end has a successor: %s" % (earlier,)
        assert later.begin is None or earlier.end <= later.begin, "%s overlaps %s" % (earlier, later)
    assert sum(thread["held_ns"] for thread in gil["threads"]) == gil["held_ns"] <= gil["span_ns"]


def check_requests(gil, raw, interval_us):
    """A drop request comes at least one switch interval after its wait began."""
    assert gil["drop_requests"] == len(raw.requests)
    waits = collections.defaultdict(list)
    for wait in raw.waits:
        waits[wait.tid].append(wait)
    for request in raw.requests:
        for wait in waits[request["tid"]]:
            if wait.begin <= request["at"] <= wait.end:
                assert request["at"] - wait.begin >= interval_us * 1000, "too early: %s in %s" % (request, wait)


def check_gil(gil, raw):
    assert gil["acquisitions"] == sum(1 for hold in raw.holds if hold.begin is not None)
    assert gil["wait_ns"] == sum(wait.end - wait.begin for wait in raw.waits)
    assert gil["forced_releases"] == sum(1 for release in raw.releases if release["requested_ns"])
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
    for acquire in raw.acquires:
        if acquire["wait_ns"] or acquire["yield_ns"]:
            contended[acquire["tid"]] += 1
    sent = collections.Counter(request["tid"] for request in raw.requests)
    received = collections.Counter(request["holder"] for request in raw.requests)

    threads = {thread["tid"]: thread for thread in gil["threads"]}
    assert len(threads) == len(gil["threads"]), "a thread is in the report twice"
    assert set(acquisitions) <= set(threads)
    for tid, thread in threads.items():
        assert thread["acquisitions"] == acquisitions[tid]
        assert thread["contended_acquisitions"] == contended[tid]
        assert thread["drop_requests_sent"] == sent[tid]
        assert thread["drop_requests_received"] == received[tid]
        assert thread["wait_ns"] == waited[tid]
        if tid in open_ended:
            assert thread["held_ns"] >= held[tid]
        else:
            assert thread["held_ns"] == held[tid]


def check_blame(gil, raw):
    """Row by row equal to the raw events', and each row's sum is the thread's wait."""
    rows = {(row["waiter"], row["holder"]): row["wait_ns"] for row in gil["blame"]}
    assert len(rows) == len(gil["blame"]), "a pair is in the blame twice"
    assert all(ns > 0 for ns in rows.values())
    assert rows == raw.blame()
    sums = collections.Counter()
    for (waiter, _), ns in rows.items():
        sums[waiter] += ns
    for thread in gil["threads"]:
        assert sums[thread["tid"]] == thread["wait_ns"]

/*
 * The report as JSON, schema "giltrace-report/1": what design.md lists, and
 *
 *   region             at the top: the name of the region that the figures are of,
 *                      null: of everything. Then holds are clipped to the time in
 *                      which their thread was inside, waits were inside or not,
 *                      span_ns is the time in which at least one thread of the
 *                      process was inside, alive_ns that of the thread. Others are
 *                      listed where they held while a thread inside waited.
 *                      handoff: a thread inside waited for it; drop_requests: sent
 *                      inside; drop_latency: of a hold with a part inside.
 *   trace              program: {exit_status, signal}, how the recorded command ended:
 *                      one of them is null, or both where nobody knows
 *   doubts             array of {kind, count, text} at the top, gravest first
 *   process            executable, exited; verdict only where no GIL was found;
 *                      unavailable: [{facility (sites | stacks), reason}], what
 *                      recording went without; modules: [{path, build_id, base,
 *                      size}] of native frames; regions: [{name, count (entered),
 *                      total_ns (inside, all threads together), threads, unclosed
 *                      (inside until the end of the thread, process or trace),
 *                      unmatched (ends without a begin, which count for nothing)}],
 *                      and regions_left_out: marks for which no room was left
 *   gil                kind (main | sub), verdict
 *   verdict            {kind, severity, qualified, sentence, next, figures};
 *                      figures: tables/verdict.h, threads given by tid, site and
 *                      unanswered_stack by index
 *   thread             kind (main | python | native), alive_ns, wait_turn;
 *                      sites: [{site, and what a site has from held_ns on}]
 *   switch_interval_forecast
 *                      what smaller values of sys.setswitchinterval() would have
 *                      changed for the same work: {unanswered_waits, unanswered_ns
 *                      (behind holders that did not answer within 1 ms: nothing),
 *                      intervals: [{interval_us, wait_ns (all that would be left),
 *                      saved_ns, changed_waits, other_waits, other_ns (waits that
 *                      the holder ended by itself, longer than the interval by so
 *                      much: perhaps), added_switches (of threads that take turns
 *                      with each other), added_ns (what these cost), threads:
 *                      [{thread, and the same}]}]}
 *   sites              kind (line | unknown: which line is not known | rest: lines
 *                      for which no room was left, together), first_line of the
 *                      function, hold_max_ns, wait_count, wait_max_ns, and
 *                      blocked_ns: how long others waited behind the holds. A hold
 *                      belongs to the line at which the thread let go of the GIL,
 *                      a wait to the line that waited. Sums over sites are those
 *                      of the GIL; of blocked_ns, those of blame with a thread.
 *                      Where another member says `site`, it is the index here.
 *   line_blame         blame down to lines: {waiter, waiter_site, holder,
 *                      holder_site, wait_ns}; holder_site null without a holder
 *   stacks             of long holds and waits and of holders that did not answer
 *                      a drop request, equal ones together: {kind (hold | wait |
 *                      unanswered), thread (whose stack it is), count, total_ns,
 *                      max_ns (of the holds or waits), unknown_count (of which the
 *                      length is not known), at_ns (CLOCK_MONOTONIC; of the
 *                      longest), whole (false: more Python frames), python:
 *                      [{file, line, function}], native: [{module (index into the
 *                      process's modules), offset (in it; the address without
 *                      one), function, file, line}]}; innermost frames first
 *   stacks_left_out    stacks for which no room was left
 *   blame              holder is a tid, "handoff" (the GIL was free) or "unknown"
 *
 * What is not known is null.
 */
#ifndef GILTRACE_JSON_H
#define GILTRACE_JSON_H

#include <stdio.h>

#include "stats/report.h"

/*
 * Writes the report to `out` and flushes it. Valid UTF-8 whatever names are
 * made of: invalid bytes become U+FFFD. Returns 0, or -errno when writing
 * failed.
 */
int render_json(const struct report *report, FILE *out);

#endif /* GILTRACE_JSON_H */

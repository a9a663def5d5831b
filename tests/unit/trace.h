/* Hand-made traces for unit tests: events written in a line each, and the report that they make. */
#ifndef GILTRACE_TESTS_UNIT_TRACE_H
#define GILTRACE_TESTS_UNIT_TRACE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "stats/stats.h"
#include "watch.h"

#define TRACE_PID 100

/*
 * What is told of the times is watched, and compared with the report by trace_end.
 * `pid`, `ppid`, `gil`, `gil_mode` (of a process) and `site` are those of the events to
 * come.
 */
struct trace {
	struct stats *stats;
	struct watch watch;
	const char *region; /* that the report is made on; NULL: on everything */
	struct report report;
	int32_t pid;
	int32_t ppid;
	uint16_t gil;
	enum gil_mode gil_mode;
	uint32_t site; /* of the acquires and releases to come */
};

void trace_begin(struct trace *trace, const char *run);
void trace_begin_untimed(struct trace *trace); /* nothing is watched */
void trace_begin_selected(struct trace *trace, const struct selection *selection);
void trace_begin_region(struct trace *trace, const char *region);
void trace_begin_regions(struct trace *trace, const struct region_choice *regions);
void trace_end(struct trace *trace); /* fills `report` */
void trace_release(struct trace *trace);

void trace_process(struct trace *trace, enum process_state state, uint64_t at, const char *command);
void trace_process_of(struct trace *trace, enum process_state state, uint64_t at,
	const char *command, const char *run);
void trace_gil(struct trace *trace, enum gil_state state, uint64_t at, uint64_t seq);
void trace_gil_mode(
	struct trace *trace, enum gil_state state, uint64_t at, enum gil_mode mode, uint64_t seq);
void trace_thread(
	struct trace *trace, enum thread_state state, int32_t tid, uint64_t at, const char *name);
void trace_wait(struct trace *trace, int32_t tid, uint64_t since, int32_t holder);
void trace_request(struct trace *trace, int32_t tid, uint64_t at, int32_t holder);

/* `site` stands for line `line` of function() in file.py. */
void trace_site(struct trace *trace, uint32_t site, int32_t line);

void trace_mark(
	struct trace *trace, int32_t tid, uint64_t at, enum mark_state state, const char *name);

/* Hold number `hold`, counted from 1, is what `seq` is made of. */
void trace_acquire(struct trace *trace, int32_t tid, uint64_t hold, uint64_t at, uint64_t wait_ns,
	uint64_t yield_ns);
void trace_hold(struct trace *trace, int32_t tid, uint64_t hold, uint64_t begin, uint64_t end);
void trace_contended_hold(struct trace *trace, int32_t tid, uint64_t hold, uint64_t begin,
	uint64_t end, uint16_t waiters, uint64_t requested_ns);
/* `at`: since when the first gap is counted. */
void trace_cycles(struct trace *trace, int32_t tid, uint64_t hold, uint64_t at,
	const uint64_t *words, size_t count);
void trace_unseen(struct trace *trace, int32_t tid, uint64_t hold, uint64_t end);

/* After trace_end. They fail the test when there is no such thing, or more than one. */
const struct gil_report *trace_only_gil(const struct trace *trace);
const struct thread_report *trace_thread_of(const struct gil_report *gil, int32_t tid);

/* `holder`: a tid, BLAME_HANDOFF or BLAME_UNKNOWN. 0 when there is no entry. */
uint64_t trace_blame(const struct gil_report *gil, int32_t waiter, int32_t holder);
uint64_t trace_doubt(const struct trace *trace, enum doubt_kind kind);

/* No doubt but `allowed`, a mask of 1 << kind; and the invariants of design.md. */
void trace_check(const struct report *report, unsigned allowed);

#endif /* GILTRACE_TESTS_UNIT_TRACE_H */

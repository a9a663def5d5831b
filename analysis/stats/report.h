/*
 * The figures of one trace: what the statistics hand to tables and renderers.
 * Plain data, field by field the JSON schema "giltrace-report/1". Durations are
 * nanoseconds; a figure that cannot be known is FIGURE_UNKNOWN (integers) or
 * NaN (ratios), never 0.
 */
#ifndef GILTRACE_REPORT_H
#define GILTRACE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

#define FIGURE_UNKNOWN UINT64_MAX

/*
 * count, total, mean, max are exact; quantiles are the upper edge of a histogram
 * bucket at most 0.8 % wide, and at most max. With count 0 there is no mean,
 * quantile or max: FIGURE_UNKNOWN.
 */
struct distribution {
	uint64_t count;
	uint64_t total_ns;
	uint64_t mean_ns;
	uint64_t p50_ns;
	uint64_t p90_ns;
	uint64_t p95_ns;
	uint64_t p99_ns;
	uint64_t max_ns;
};

struct thread_report {
	int32_t tid;
	char *name; /* never NULL; "" when not known */
	enum thread_kind kind;
	uint64_t acquisitions;
	uint64_t contended_acquisitions;
	uint64_t held_ns;
	uint64_t wait_ns;
	uint64_t alive_ns; /* part of the GIL's span in which the thread existed */
	uint64_t drop_requests_sent;
	uint64_t drop_requests_received;
	struct distribution hold;
	struct distribution wait;
	struct distribution wait_turn; /* waits ended by somebody's forced release: one turn of the switch interval each */
};

/* What stands in for a holder: nobody (the GIL was free), or somebody no longer known. */
enum { BLAME_HANDOFF = -1, BLAME_UNKNOWN = -2 };

/* wait_ns of waiter while holder held: indices into gil_report.threads, or one of the above for the holder. */
struct blame_report {
	int waiter;
	int holder; /* or BLAME_HANDOFF, BLAME_UNKNOWN */
	uint64_t wait_ns;
};

struct gil_report {
	uint16_t id;
	enum interpreter_kind kind;
	uint32_t interval_us;
	uint64_t span_ns;
	uint64_t held_ns;
	uint64_t wait_ns;
	uint64_t handoff_ns;
	double utilization;
	double contention;
	double load;
	uint64_t acquisitions;
	uint64_t contended_acquisitions;
	uint64_t drop_requests;
	uint64_t forced_releases;
	struct distribution hold;
	struct distribution wait;
	struct distribution handoff;
	struct distribution drop_latency;
	struct thread_report *threads; /* most held + waited first */
	size_t thread_count;
	struct blame_report *blame; /* largest first; only entries > 0 */
	size_t blame_count;
};

struct process_report {
	int32_t pid;
	int32_t ppid; /* 0 when not known */
	char *command;
	char *executable;
	char *implementation; /* "" when not known */
	char *version;
	enum gil_mode gil_mode;
	bool exited; /* its end is in the trace; false: killed, still running, or cut off */
	struct gil_report *gils;
	size_t gil_count;
};

/* Something that makes figures doubtful, said first in every report. */
enum doubt_kind {
	DOUBT_LOST_EVENTS,       /* LTTng discarded events or packets */
	DOUBT_SEQUENCE_GAP,      /* numbers missing though no loss was reported */
	DOUBT_OVERLAP,           /* holds of one GIL overlap */
	DOUBT_IMPOSSIBLE,        /* an event that the state does not allow */
	DOUBT_UNSEEN_ACQUIRE,    /* releases whose acquire was before recording */
	DOUBT_UNKNOWN_WAIT,      /* waits that began before recording */
	DOUBT_UNATTRIBUTED_WAIT, /* wait time whose holder is no longer known */
	DOUBT_UNFINISHED,        /* processes without an end in the trace */
	DOUBT_TRUNCATED,         /* the trace itself is cut off or damaged */
	DOUBT_KINDS,
};
struct doubt {
	uint64_t count; /* events, numbers, processes or ns (UNATTRIBUTED_WAIT) */
	bool present;
};

struct report {
	char *path; /* NULL: a recording that was not kept */
	uint64_t begin_ns; /* since the epoch */
	uint64_t end_ns;
	uint64_t duration_ns;
	uint64_t events;
	uint64_t lost_events; /* FIGURE_UNKNOWN when packets were lost and their events not counted */
	bool complete;
	struct doubt doubts[DOUBT_KINDS];
	struct process_report *processes; /* in the order in which they appeared */
	size_t process_count;
};

/* Frees everything a report owns, not the report itself. Strings and arrays are GLib's or malloc's. */
void report_release(struct report *report);

#endif /* GILTRACE_REPORT_H */

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

#include "base/nature.h"
#include "base/program_end.h"
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

/* What stands in for a line. */
enum site_kind {
	SITE_LINE,
	SITE_NOT_KNOWN, /* recording could not tell the line */
	SITE_REST,	/* lines for which no room was left, together */
};

/*
 * What happened at a line. A hold belongs to the line at which the thread let go
 * of the GIL, a wait to the line that waited. Over all lines the sums are those
 * of the thread or GIL. A longest of none is FIGURE_UNKNOWN.
 */
struct site_figures {
	uint64_t held_ns;
	uint64_t holds; /* whose length is known */
	uint64_t hold_max_ns;
	uint64_t wait_ns;
	uint64_t waits; /* whose length is known */
	uint64_t wait_max_ns;
	uint64_t blocked_ns; /* how long others waited behind the holds: the harm that they do */
};

struct site_report {
	enum site_kind kind;
	char *file; /* these two "" unless kind is SITE_LINE */
	char *function;
	int32_t line;	    /* these two 0 when not known */
	int32_t first_line; /* of the function */
	struct site_figures figures;
};

struct thread_site_report {
	int site; /* index into gil_report.sites */
	struct site_figures figures;
};

/* Smaller switch intervals that are looked at, in microseconds: 1000 and 500. */
#define FORECAST_INTERVALS 2
extern const uint32_t forecast_intervals_us[FORECAST_INTERVALS];

/*
 * What sys.setswitchinterval() with one of them would have changed, for the same
 * work. A hold that ended soon after it was asked to (within 1 ms, as Python's own
 * loop does) would have ended as much earlier as the request would have come; one
 * that did not answer is C code and would have taken as long. Waits that ended
 * because the holder let go by itself stay as they are, though some could become
 * shorter, too, at the price of one more switch each.
 */
struct forecast_report {
	uint32_t interval_us;
	bool smaller; /* than the one that there was; false: nothing to say, the rest is 0 */
	uint64_t changed_waits;
	uint64_t wait_ns; /* all waiting that would have been left */
	uint64_t saved_ns;
	uint64_t other_waits; /* longer than the interval, and ended by the holder itself: */
	uint64_t other_ns;    /* by so much */
	/* Of a GIL only: computing threads that take turns with each other would do so more often.
	 */
	uint64_t added_switches;
	uint64_t added_ns; /* drop latencies and handoffs of these; FIGURE_UNKNOWN */
};

struct thread_report {
	uint32_t index; /* of the struct model_thread, whatever its place here */
	int32_t tid;
	char *name; /* never NULL; "" when not known */
	enum thread_kind kind;
	uint64_t acquisitions;
	uint64_t releases; /* of the holds whose length is known */
	uint64_t contended_acquisitions;
	uint64_t held_ns;
	uint64_t wait_ns;
	uint64_t alive_ns; /* part of the GIL's span in which the thread existed; inside the region
			    */
	uint64_t drop_requests_sent;
	uint64_t drop_requests_received;
	uint64_t all_acquisitions; /* these two: outside of the report's region, too */
	uint64_t all_drop_requests_received;
	struct distribution hold;
	struct distribution wait;
	struct distribution wait_turn; /* waits ended by somebody's forced release: one turn of the
					  switch interval each */
	struct forecast_report forecast[FORECAST_INTERVALS];
	struct thread_site_report *sites; /* in the order of gil_report.sites */
	size_t site_count;
};

/* What stands in for a holder: nobody (the GIL was free), or somebody no longer known. */
enum { BLAME_HANDOFF = -1, BLAME_UNKNOWN = -2 };

/* wait_ns of waiter while holder held: indices into gil_report.threads, or one of the above for the
 * holder. */
struct blame_report {
	int waiter;
	int holder; /* or BLAME_HANDOFF, BLAME_UNKNOWN */
	uint64_t wait_ns;
};

/* The same down to lines: indices into gil_report.sites, -1 where the holder is no thread. */
struct line_blame_report {
	int waiter;
	int waiter_site;
	int holder; /* or BLAME_HANDOFF, BLAME_UNKNOWN */
	int holder_site;
	uint64_t wait_ns;
};

/*
 * Of a GIL of kind INTERPRETER_PYPY only waits can be seen: holds and
 * acquisitions are unknown, of the handoffs `handoff` has those that were seen.
 */
struct gil_report {
	uint32_t index; /* of the struct model_gil, whatever its place here */
	uint16_t id;
	enum interpreter_kind kind;
	enum gil_mode mode; /* as last known */
	enum gil_detail detail;
	bool created;	/* its creation is in the trace, */
	bool ended;	/* its end, */
	bool forgotten; /* that it was not recorded any more */
	bool switched;	/* a free-threaded interpreter's: it was off at some time */
	uint32_t interval_us;
	uint64_t begin_ns;    /* CLOCK_MONOTONIC */
	uint64_t lifetime_ns; /* from its first event to its last */
	uint64_t span_ns;     /* of that, the time that it was on: what the figures are about */
	uint64_t held_ns;
	uint64_t wait_ns;
	uint64_t handoff_ns;
	double utilization;
	double contention;
	double load;
	uint64_t acquisitions;
	uint64_t releases; /* of the holds whose length is known; inside of the region */
	uint64_t contended_acquisitions;
	uint64_t drop_requests;
	uint64_t forced_releases;
	struct distribution hold;
	struct distribution wait;
	struct distribution handoff;
	struct distribution drop_latency;
	struct forecast_report forecast[FORECAST_INTERVALS];
	uint64_t unanswered_waits; /* that a drop request ended late: a smaller interval is no help
				    */
	uint64_t unanswered_ns;
	struct thread_report *threads; /* most held + waited first */
	size_t thread_count;
	struct blame_report *blame; /* largest first; only entries > 0 */
	size_t blame_count;
	struct site_report *sites; /* most blocked first, then most held, then most waited */
	size_t site_count;
	struct line_blame_report *line_blame; /* like blame */
	size_t line_blame_count;
	struct stack_report *stacks; /* largest total first */
	size_t stack_count;
	uint64_t stacks_left_out; /* for which no room was left */
};

/* A program or library that native frames lie in. */
struct module_report {
	char *path;
	char *build_id; /* hexadecimal; "" when it has none */
	uint64_t base;	/* what its link-time addresses were moved by */
	uint64_t size;
};

struct python_frame {
	char *file; /* these two "" when the line is not known */
	char *function;
	int32_t line; /* 0 when not known */
};

struct native_frame {
	int module;	 /* index into process_report.modules; -1: in none of them */
	uint64_t offset; /* in the module, as linked; the address itself where there is none */
	char *function;	 /* NULL: not resolved, as the report is before frames_name() */
	char *file;	 /* NULL: not known, as without debug information */
	int line;	 /* 0: not known */
};

/*
 * Holds or waits of a thread that had the same stack. Frames: innermost first; a
 * native one says where it goes on, so the call is the instruction before.
 */
struct stack_report {
	enum stack_kind kind;
	int thread; /* index into gil_report.threads */
	uint64_t count;
	uint64_t known;	   /* of these the length is known; */
	uint64_t total_ns; /* of the known ones; */
	uint64_t max_ns;   /* FIGURE_UNKNOWN without any */
	uint64_t at_ns;	   /* when the stack of the longest, or of the first, was taken */
	bool whole;	   /* false: there were more Python frames */
	struct python_frame *python;
	size_t python_count;
	struct native_frame *native;
	size_t native_count;
};

/*
 * A named region of the program; a thread is inside until it has left as often as it
 * entered. `everywhere`: all threads of the process are.
 *
 * `gils` are the figures of the time in which a thread was inside: holds and waits
 * are clipped to that. The span is the time in which at least one thread of the
 * process was, alive_ns of a thread that in which it was itself. Others appear
 * where they held while a thread inside waited. A handoff counts where a thread
 * inside waited for it, a drop request where one inside sent it, a drop latency
 * where one inside was asked.
 */
struct region_report {
	char *name;
	bool everywhere;
	uint64_t count;	    /* entered; not counting while inside */
	uint64_t total_ns;  /* inside, all threads together */
	uint64_t threads;   /* that ever were inside; FIGURE_UNKNOWN: all */
	uint64_t unclosed;  /* never left: inside until the end of the thread, process or trace */
	uint64_t unmatched; /* ends without a begin, marks of the other kind; they count for nothing
			     */
	struct gil_report *gils; /* NULL unless they were asked for */
	size_t gil_count;
};

/* What recording had to go without. */
struct unavailable_report {
	enum facility facility;
	char *reason;
};

struct process_report {
	uint32_t index; /* of the struct model_process, whatever its place here */
	int32_t pid;
	int32_t ppid; /* 0 when not known */
	char *command;
	char *executable;
	char *implementation; /* "" when not known */
	char *version;
	enum gil_mode gil_mode;
	bool silent;		       /* it wrote no event: what is known of it is its nature */
	struct nature nature;	       /* with `silent` */
	struct module_report *modules; /* an address can be in several, used one after the other */
	size_t module_count;
	struct region_report *regions; /* largest total first */
	size_t region_count;
	uint64_t regions_left_out;		/* marks of regions for which no room was left */
	struct unavailable_report *unavailable; /* each reason once */
	size_t unavailable_count;
	bool exited;	/* its end is in the trace; false: killed, still running, or cut off, */
	bool cut_short; /* and short holds that it had kept back may be missing */
	struct gil_report *gils;
	size_t gil_count;
};

/* Something that makes figures doubtful, said first in every report. */
enum doubt_kind {
	DOUBT_LOST_EVENTS,	 /* LTTng discarded events or packets */
	DOUBT_SEQUENCE_GAP,	 /* numbers missing though no loss was reported */
	DOUBT_OVERLAP,		 /* holds of one GIL overlap */
	DOUBT_IMPOSSIBLE,	 /* an event that the state does not allow */
	DOUBT_UNSEEN_ACQUIRE,	 /* releases whose acquire was before recording */
	DOUBT_UNKNOWN_WAIT,	 /* waits that began before recording */
	DOUBT_UNATTRIBUTED_WAIT, /* wait time whose holder is no longer known */
	DOUBT_FORGOTTEN,	 /* GILs that were in use perhaps, but not recorded any more */
	DOUBT_FORGOTTEN_STAYS,	 /* holds and waits of which more was inside of regions than is told
				  */
	DOUBT_UNMATCHED_MARK,	 /* ends of regions without a begin */
	DOUBT_UNFINISHED,	 /* processes without an end in the trace */
	DOUBT_TRUNCATED,	 /* the trace itself is cut off or damaged */
	DOUBT_KINDS,
};
struct doubt {
	uint64_t count; /* events, numbers, processes or ns (UNATTRIBUTED_WAIT) */
	bool present;
};

struct report {
	char *path;	   /* NULL: a recording that was not kept */
	char *region;	   /* all figures are of what was inside this one; NULL: of everything */
	uint64_t begin_ns; /* since the epoch */
	uint64_t end_ns;
	uint64_t duration_ns;
	uint64_t events;
	uint64_t lost_events; /* FIGURE_UNKNOWN when packets were lost and their events not counted
			       */
	bool complete;
	struct program_end program_end; /* of the recorded command */
	struct doubt doubts[DOUBT_KINDS];
	struct process_report *processes; /* in the order in which they appeared */
	size_t process_count;
};

/* Whether any process ever entered region `name`. */
bool report_has_region(const struct report *report, const char *name);

/*
 * Makes of a report in which region `name` has figures one on that region: its
 * figures take the place of the GILs', and processes in which it does not occur are
 * left out. Regions, doubts and the trace stay those of everything.
 */
void report_select_region(struct report *report, const char *name);

/* Frees everything a report owns, not the report itself. Strings and arrays are GLib's or malloc's.
 */
void report_release(struct report *report);

#endif /* GILTRACE_REPORT_H */

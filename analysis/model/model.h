/*
 * The model: events in, facts about GILs out. It puts the holds of each GIL
 * back in the order of their sequence numbers, finds out who waited for whom,
 * and tells a sink. It keeps nothing that grows with the number of events, but
 * with threads and lines only.
 *
 * Events may come late: a thread can be preempted between the GIL's critical
 * section and the emission of its event. Only the events of one thread have to
 * arrive in its program order; times and numbers in the payload are the truth.
 *
 * Of regions that are asked for, what was inside is told besides, with a view of
 * the region: holds and waits are clipped to the time in which their thread was
 * inside, and blamed on whoever held, inside or not. An event costs as much more as
 * there are regions open at its time, however many are asked for.
 *
 * No input makes it fail. What cannot be is reported as an anomaly, and what
 * is reported beside it keeps these invariants whatever the input: holds of a
 * GIL do not overlap and lie within its span; the blame of a wait adds up to
 * the wait; contention is at most the span.
 */
#ifndef GILTRACE_MODEL_MODEL_H
#define GILTRACE_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "selection.h"

/* Holders that are no place, in `blame`. */
#define MODEL_HANDOFF (UINT32_MAX - 1) /* nobody: the GIL was free */
#define MODEL_UNKNOWN (UINT32_MAX - 2) /* that part of the recording is missing */

/* `site` of a place that stands for all lines of a thread for which no room was left. */
#define MODEL_SITE_REST UINT32_MAX

/* One program image. A pid that is used again, or that calls exec, is another one. */
struct model_process {
	uint32_t index; /* from 0, of those that are told */
	int32_t pid;
	int32_t ppid; /* 0 when not known */
	enum gil_mode gil_mode;
	char *command; /* these four "" when not known */
	char *executable;
	char *implementation;
	char *version;
	bool exited;		   /* its end is in the trace */
	bool cut_short;		   /* without: short holds that it kept back may be missing */
	uint64_t regions_left_out; /* marks of regions for which no room was left */
	void *user;		   /* the sink's, and the timeline's; see model/timeline.h */
	void *timeline;
};

struct model_region;

/* What is told of a GIL: everything, or what was inside of a region. */
struct model_view {
	struct model_gil *gil;
	struct model_region *region; /* NULL: everything */
	uint64_t span_ns;      /* set before gil_done: the GIL's on_ns, or how long some thread was
				  inside */
	uint64_t contended_ns; /* at least one thread waited; set before gil_done */
	void *user;	       /* the sink's */
};

struct model_gil {
	struct model_process *process;
	uint32_t index; /* from 0, within the process */
	struct model_view everything;
	uint16_t id;
	enum interpreter_kind kind; /* of INTERPRETER_PYPY no holds are known, see model/pypy.c */
	enum gil_mode mode;	    /* as last told */
	enum gil_detail detail;
	bool created;	      /* its creation is in the trace, */
	bool ended;	      /* its end, */
	bool forgotten;	      /* that it was not recorded any more */
	uint32_t interval_us; /* 0 when not known */
	uint64_t begin_ns;    /* first and last payload time; */
	uint64_t end_ns;      /* final in gil_done */
	uint64_t on_ns;	      /* of that time, how long it was not switched off; set in gil_done */
	bool switched;	      /* it was off at some time; set in gil_done */
	void *timeline;	      /* the timeline's; the sink has everything.user */
};

/* One thread as the user of one GIL. */
struct model_thread {
	struct model_gil *gil;
	uint32_t index; /* from 0, within the GIL */
	int32_t tid;
	const char *name; /* these three are set in gil_done; "" when not known */
	enum thread_kind kind;
	/* Part of the GIL's span, while it was on, in which the thread existed. */
	uint64_t alive_ns;
	uint64_t begin_ns; /* when it was there within the GIL's span; set in gil_done */
	uint64_t end_ns;
	void *user; /* the sink's, the timeline's */
	void *timeline;
};

/*
 * A thread at a line: the one at which it let go of the GIL, or waited for it.
 * What is not known of it is a place as well, that with SITE_UNKNOWN.
 */
struct model_place {
	struct model_thread *thread;
	uint32_t index; /* from 0, within the GIL */
	uint32_t site;	/* what it stands for: model_site() */
	void *user;	/* the sink's, the timeline's */
	void *timeline;
};

/* A line of Python. Equal texts of one process are one pointer. */
struct model_site {
	const char *function;
	const char *file;
	int32_t line; /* these two 0 when not known */
	int32_t first_line;
	bool ambiguous; /* described in two ways */
};

/*
 * A named region of a process; a thread is inside until it has left as often as it
 * entered. Or, `everywhere`, all threads are, until as often as any of them entered
 * for all one of them has left for all.
 */
struct model_region {
	char *name;
	bool everywhere;
	uint64_t count;	    /* entered, not counting while inside */
	uint64_t total_ns;  /* all threads */
	uint64_t unclosed;  /* left only with the end of the thread, process or trace */
	uint64_t unmatched; /* ends without a begin, marks of the other kind */
	uint32_t threads;   /* that were inside; of those for all threads not counted */
	void *user;	    /* the sink's */
};

/* The regions whose figures are wanted. */
struct region_choice {
	bool every;
	const char *const *names; /* these are kept, however many there are of others */
	size_t count;
};

struct model_wait {
	uint64_t wait_ns;  /* in take_gil; EVENT_UNKNOWN when it began before recording */
	uint64_t yield_ns; /* forced switch before that */
	bool ended;	   /* by an acquisition; false: by the end of the thread or the trace */
	bool turn; /* ended, and the release that made room was forced, of PyPy's: for its sake */
	bool answered; /* turn, and the holder let go soon after it was asked */
	/* Holds that ended so within wait_ns, and what the first of them had: */
	uint64_t turns;
	uint64_t first_turn_ns;	   /* from the begin of the wait to its end */
	uint64_t first_latency_ns; /* from the drop request to its end */
};

/* Python's own loop lets go much sooner when it is asked; what takes longer is other code. */
#define MODEL_SOON_NS 1000000

enum model_anomaly {
	ANOMALY_GAP,		 /* sequence numbers that never came */
	ANOMALY_OVERLAP,	 /* holds that begin before the previous one ended */
	ANOMALY_IMPOSSIBLE,	 /* events that contradict the state or themselves */
	ANOMALY_UNSEEN_ACQUIRE,	 /* releases whose acquire was not recorded */
	ANOMALY_UNKNOWN_WAIT,	 /* waits of unknown length */
	ANOMALY_FORGOTTEN_STAYS, /* questions whose answer is too low: see stays.h */
	ANOMALY_KINDS,
};

/*
 * Who is told. All callbacks must be set. The structs live until the matching
 * `_done` callback has returned (threads and places: until gil_done).
 */
struct model_sink {
	void (*process_seen)(void *user, struct model_process *process);
	void (*gil_seen)(void *user, struct model_gil *gil);
	void (*view_seen)(void *user, struct model_view *view); /* of a region */
	void (*thread_seen)(void *user, struct model_thread *thread);
	void (*place_seen)(void *user, struct model_place *place);
	/*
	 * An acquisition and its hold, both ends known; the place is where it ended.
	 * `released`: by a release, inside.
	 */
	void (*hold)(void *user, struct model_view *view, struct model_place *place, uint64_t ns,
		bool released);
	/* An acquisition whose hold has no known end. */
	void (*open_hold)(void *user, struct model_view *view, struct model_thread *thread);
	/* Before or after the hold that ends it; its blame has been told already. */
	void (*wait)(void *user, struct model_view *view, struct model_place *place,
		const struct model_wait *wait);
	/* `holder`: index of the place where that hold ended, MODEL_HANDOFF or MODEL_UNKNOWN. */
	void (*blame)(void *user, struct model_view *view, struct model_place *waiter,
		uint32_t holder, uint64_t ns);
	void (*handoff)(void *user, struct model_view *view, uint64_t ns);
	/* Inside is the sender. `receiver`: NULL when not known. */
	void (*drop_request)(void *user, struct model_view *view, struct model_thread *sender,
		struct model_thread *receiver);
	/* A forced release: from the first drop request of the hold to its end; `again`: it began
	 * with one, too. */
	void (*drop_latency)(void *user, struct model_view *view, struct model_thread *thread,
		uint64_t ns, bool again);
	/* A thread that was in the region itself. */
	void (*present)(void *user, struct model_view *view, struct model_thread *thread);
	/* `gil`: NULL when it is not known any more. */
	void (*anomaly)(void *user, struct model_gil *gil, enum model_anomaly kind, uint64_t count);
	/* A program or library in memory; the event is of that kind. */
	void (*module)(void *user, struct model_process *process, const struct event *event);
	/*
	 * A stack of a hold or wait of `thread`, and once its length (EVENT_UNKNOWN)
	 * with the pointer that `stack` returned; NULL: the length is not wanted.
	 */
	void *(*stack)(void *user, struct model_thread *thread, const struct event *event);
	void (*stack_length)(
		void *user, struct model_thread *thread, void *stack, uint64_t at, uint64_t ns);
	/* The same of one that was inside in part; the length is that of all of it. */
	void (*stack_inside)(void *user, struct model_view *view, struct model_thread *thread,
		void *stack, uint64_t at, uint64_t ns);
	/* Recording goes without something in this process. */
	void (*unavailable)(void *user, struct model_process *process, enum facility facility,
		const char *reason);
	void (*region)(
		void *user, struct model_process *process, const struct model_region *region);
	void (*gil_done)(void *user, struct model_gil *gil);
	void (*view_done)(void *user, struct model_view *view); /* of a region; before gil_done */
	void (*process_done)(void *user, struct model_process *process);
	void *user;
};

struct model;
struct model_timeline; /* model/timeline.h */

/*
 * `selection`: only these processes, and those that it does not name only after
 * their first `process` event; NULL: all. `regions`: those that are told besides;
 * NULL: none. `timeline`: NULL for who needs no times. All four are copied. Ends with
 * model_finish.
 */
struct model *model_new(const struct selection *selection, const struct region_choice *regions,
	const struct model_sink *sink, const struct model_timeline *timeline);

/* False when the event belongs to a process that is not selected and was left out. */
bool model_feed(struct model *model, const struct event *event);

/*
 * What a site number of a process stands for; NULL when that was never said, or
 * in two ways. It may be said after it was used: to be asked from gil_done on,
 * and lives until process_done has returned.
 */
const struct model_site *model_site(const struct model_process *process, uint32_t site);

/*
 * How long of the view's span the thread was there: existed, or was inside. To be
 * asked in view_done and gil_done.
 */
uint64_t model_alive_ns(const struct model_view *view, const struct model_thread *thread);

/* No more events: tells the sink what was still open, then frees the model. */
void model_finish(struct model *model);

#endif /* GILTRACE_MODEL_MODEL_H */

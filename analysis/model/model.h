/*
 * The model: events in, facts about GILs out. It puts the holds of each GIL
 * back in the order of their sequence numbers, finds out who waited for whom,
 * and tells a sink. It keeps nothing that grows with the number of events.
 *
 * Events may come late: a thread can be preempted between the GIL's critical
 * section and the emission of its event. Only the events of one thread have to
 * arrive in its program order; times and numbers in the payload are the truth.
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

/* Holders that are no thread, in `blame`. */
#define MODEL_HANDOFF (UINT32_MAX - 1) /* nobody: the GIL was free */
#define MODEL_UNKNOWN (UINT32_MAX - 2) /* that part of the recording is missing */

/* One program image. A pid that is used again, or that calls exec, is another one. */
struct model_process {
	int32_t pid;
	int32_t ppid; /* 0 when not known */
	enum gil_mode gil_mode;
	char *command; /* these four "" when not known */
	char *executable;
	char *implementation;
	char *version;
	bool exited; /* its end is in the trace */
	void *user;  /* the sink's */
};

struct model_gil {
	struct model_process *process;
	uint16_t id;
	enum interpreter_kind kind;
	uint32_t interval_us;  /* 0 when not known */
	uint64_t begin_ns;     /* first and last payload time; */
	uint64_t end_ns;       /* final in gil_done */
	uint64_t contended_ns; /* at least one thread waited; set in gil_done */
	void *user;	       /* the sink's */
};

/* One thread as the user of one GIL. */
struct model_thread {
	struct model_gil *gil;
	uint32_t index; /* from 0, within the GIL */
	int32_t tid;
	const char *name; /* these three are set in gil_done; "" when not known */
	enum thread_kind kind;
	uint64_t alive_ns; /* part of the GIL's span in which the thread existed */
	void *user;	   /* the sink's */
};

struct model_wait {
	uint64_t wait_ns;  /* in take_gil; EVENT_UNKNOWN when it began before recording */
	uint64_t yield_ns; /* forced switch before that */
	bool ended;	   /* by an acquisition; false: by the end of the thread or the trace */
	bool turn;	   /* ended, and the release that made room was forced */
};

enum model_anomaly {
	ANOMALY_GAP,		/* sequence numbers that never came */
	ANOMALY_OVERLAP,	/* holds that begin before the previous one ended */
	ANOMALY_IMPOSSIBLE,	/* events that contradict the state or themselves */
	ANOMALY_UNSEEN_ACQUIRE, /* releases whose acquire was not recorded */
	ANOMALY_UNKNOWN_WAIT,	/* waits of unknown length */
	ANOMALY_KINDS,
};

/*
 * Who is told. All callbacks must be set. The structs live until the matching
 * `_done` callback has returned (threads: until gil_done).
 */
struct model_sink {
	void (*process_seen)(void *user, struct model_process *process);
	void (*gil_seen)(void *user, struct model_gil *gil);
	void (*thread_seen)(void *user, struct model_thread *thread);
	/* An acquisition and its hold, both ends known. */
	void (*hold)(void *user, struct model_thread *thread, uint64_t begin_ns, uint64_t end_ns);
	/* An acquisition whose hold has no known end. */
	void (*open_hold)(void *user, struct model_thread *thread);
	/* Before or after the hold that ends it; its blame has been told already. */
	void (*wait)(void *user, struct model_thread *thread, const struct model_wait *wait);
	/* `holder`: an index, MODEL_HANDOFF or MODEL_UNKNOWN. */
	void (*blame)(void *user, struct model_thread *waiter, uint32_t holder, uint64_t ns);
	void (*handoff)(void *user, struct model_gil *gil, uint64_t ns);
	/* `receiver`: NULL when not known. */
	void (*drop_request)(
		void *user, struct model_thread *sender, struct model_thread *receiver);
	/* A forced release: from the first drop request of the hold to its end. */
	void (*drop_latency)(void *user, struct model_thread *thread, uint64_t ns);
	/* `gil`: NULL when it is not known any more. */
	void (*anomaly)(void *user, struct model_gil *gil, enum model_anomaly kind, uint64_t count);
	void (*gil_done)(void *user, struct model_gil *gil);
	void (*process_done)(void *user, struct model_process *process);
	void *user;
};

struct model;

/*
 * `run`: only processes of the recording with this id, and only after their
 * first `process` event; NULL: all. `sink` is copied. Ends with model_finish.
 */
struct model *model_new(const char *run, const struct model_sink *sink);

/* False when the event belongs to another recording and was left out. */
bool model_feed(struct model *model, const struct event *event);

/* No more events: tells the sink what was still open, then frees the model. */
void model_finish(struct model *model);

#endif /* GILTRACE_MODEL_MODEL_H */

/* What the model remembers; private to analysis/model/. */
#ifndef GILTRACE_MODEL_STATE_H
#define GILTRACE_MODEL_STATE_H

#include <glib.h>

#include "model/cover.h"
#include "model/map.h"
#include "model/model.h"
#include "model/ring.h"
#include "model/tally.h"
#include "model/window.h"

/* How many holds after a forced release are kept for the thread that made it. */
#define WATCH_HOLDS 32

struct process {
	struct model_process facts;
	bool described;	 /* a `process` event has come */
	bool introduced; /* one of kind started or forked has */
	bool ignored;	 /* another recording's */
	bool settled;	 /* told to the sink and forgotten */
	bool ending_seen;
	uint64_t ended_at; /* with ending_seen */
	struct map gils;   /* id -> the current struct gil */
	GPtrArray *gil_order;
	struct map tasks; /* tid -> the current struct task */
	GPtrArray *task_order;
};

/* A thread of a process, whichever GILs it uses. */
struct task {
	int32_t tid;
	char *name;
	enum thread_kind kind;
	bool used; /* it has a struct thread under some GIL */
	bool announced;
	uint64_t since; /* with announced */
	bool exited;
	uint64_t exited_at; /* with exited */
};

/*
 * What a thread needs so that its forced switch can be blamed when it is told,
 * with the thread's next acquire: after any time spent without the GIL.
 */
struct watch {
	bool pending; /* no acquire yet */
	bool kept;    /* the cover still has all its spans from `since` to the horizon */
	uint64_t since;
	uint32_t count; /* while < WATCH_HOLDS, all holds since then */
	struct hold holds[WATCH_HOLDS];
};

/* A task as the user of one GIL. */
struct thread {
	struct model_thread facts;
	struct gil *gil;
	struct task *task;
	bool retired; /* its tid belongs to another thread now */
	uint64_t first_seen;
	uint64_t last_seen;
	uint64_t absent_ns;	/* the tid did not exist, within the GIL's span */
	struct open_wait *open; /* announced, acquire not yet arrived */
	uint64_t last_hold;	/* number of the last hold settled, 0: none */
	uint64_t last_release;	/* its end */
	struct watch *watch;	/* NULL before the first forced release */
	struct thread *next_watched;
};

/* A wait that was announced by a `wait` event and is not settled yet. */
struct open_wait {
	struct thread *thread;
	uint64_t since;
	uint64_t end;	      /* EVENT_UNKNOWN: by an acquire to come */
	uint64_t folded_from; /* `folded` has all holds from here to the ring's floor */
	struct tally folded;
	struct open_wait *next, *previous;
};

struct gil {
	struct model_gil facts;
	const struct model_sink *sink;
	struct process *process;
	struct map threads; /* tid -> the current struct thread */
	GPtrArray *thread_order;
	struct thread *recent_thread;

	/* Order: what has arrived, and what of it is settled. */
	struct window window;
	uint64_t settled; /* number of the last hold settled */
	bool any_settled;
	uint64_t base;	  /* numbers below were perhaps never recorded; EVENT_UNKNOWN: not known */
	uint64_t base_at; /* when recording began there, 0 when not known */
	bool gap;	  /* something is missing right behind `settled` */
	uint64_t gap_after; /* the last hold settled before the latest gap */

	/* The hold settled last, valid without `gap`. */
	uint64_t known_until; /* its end: before it every hold is in the ring */
	bool last_forced;
	bool last_waiters;

	/* Blame and contention. */
	struct ring ring;
	struct cover cover;
	struct open_wait *opens;
	uint32_t ending;    /* those of `opens` with an end */
	uint64_t fold_from; /* no open wait began before */
	struct thread *watched;

	/* A holder that a `wait` event named and whose release has not come. */
	int32_t seen_holder; /* 0: none */
	uint64_t seen_since;
};

struct model {
	char *run; /* NULL: all */
	struct model_sink sink;
	struct map pids; /* -> the current struct process */
	GPtrArray *processes;
	GQueue exited; /* struct process, not settled */
	struct gil *recent_gil;
};

/* process.c */
struct process *process_of(struct model *model, int32_t pid); /* NULL: ignore its events */
struct gil *process_gil(struct model *model, struct process *process, uint16_t id);
struct task *process_task(struct process *process, int32_t tid);
struct task *process_new_task(struct process *process, int32_t tid); /* replaces the current one */
bool process_feed(struct model *model, const struct event *event);
void process_feed_gil(struct model *model, struct process *process, const struct event *event);
void process_settle(struct model *model, struct process *process);
void process_free(struct process *process);

/* task.c */
void task_feed(struct process *process, const struct event *event);
uint64_t task_alive_ns(const struct thread *thread);

/* gil.c */
struct gil *gil_new(struct model *model, struct process *process, uint16_t id);
struct thread *gil_thread(struct gil *gil, int32_t tid);
void gil_extend(struct gil *gil, uint64_t at);
void gil_anomaly(struct gil *gil, enum model_anomaly kind, uint64_t count);
void gil_expect(struct gil *gil, const struct event *event);
bool gil_is_active(const struct gil *gil);
void gil_finish(struct gil *gil);
void gil_free(struct gil *gil);

/* arrive.c: events as they come */
void arrive_feed(struct gil *gil, const struct event *event);
void arrive_flush(struct gil *gil);

/* settle.c: holds in order */
void settle_hold(struct gil *gil, uint64_t number, struct slot *slot);
void settle_open_hold(
	struct gil *gil, uint64_t number, struct slot *slot); /* the last, no release came */

/* wait.c */
void wait_announce(struct gil *gil, struct thread *thread, const struct event *event);
void wait_discard(struct gil *gil, struct open_wait *open);
void wait_end(struct gil *gil, struct thread *thread, uint64_t at); /* the thread has exited */
void wait_settle(struct gil *gil, struct slot *slot, uint64_t acquired_at, bool turn);
void wait_settle_ended(struct gil *gil, uint64_t until);
void wait_settle_all(struct gil *gil);

/* blame.c */
void blame_wait(struct thread *waiter, uint64_t begin, uint64_t end, const struct open_wait *open);
void blame_yield(struct thread *waiter, uint64_t begin, uint64_t end);
void blame_unknown(struct thread *waiter, uint64_t ns);
void blame_hold(struct gil *gil, uint64_t begin, uint64_t end, uint32_t holder);
void blame_watch(struct thread *thread, uint64_t since);
void blame_unwatch(struct thread *thread);
uint64_t watch_horizon(const struct watch *watch); /* until when it has all holds */

#endif /* GILTRACE_MODEL_STATE_H */

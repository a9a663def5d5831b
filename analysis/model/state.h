/* What the model remembers; private to analysis/model/. */
#ifndef GILTRACE_MODEL_STATE_H
#define GILTRACE_MODEL_STATE_H

#include <glib.h>

#include "model/cover.h"
#include "model/early.h"
#include "model/map.h"
#include "model/model.h"
#include "model/ring.h"
#include "model/stays.h"
#include "model/tally.h"
#include "model/timeline.h"
#include "model/turns.h"
#include "model/window.h"

/* How many holds after a forced release are kept for the thread that made it. */
#define WATCH_HOLDS 32

/* A thread in a region, or all of them. */
struct stay {
	struct region *region;
	bool entered; /* ever */
	uint64_t depth;
	uint64_t since; /* with depth > 0 */
	uint64_t until; /* the end of the one before */
	uint64_t total_ns;
};

struct region {
	struct model_region facts;
	uint32_t index;
	bool wanted;		/* its figures are */
	struct cover span;	/* of one that is wanted: some thread was inside */
	struct stay everywhere; /* of a region for all threads */
};

/* A region under one GIL. */
struct view {
	struct model_view facts;
	struct region *region;
	struct cover cover; /* some thread waited inside */
};

/* The regions whose figures are asked for. */
struct wanted {
	bool every;
	GHashTable *names; /* a set */
};

struct process {
	struct model_process facts;
	bool described;	 /* a `process` event has come */
	bool introduced; /* one of kind started or forked has */
	bool ignored;	 /* another recording's */
	bool settled;	 /* told to the sink and forgotten */
	bool ending_seen;
	uint64_t ended_at;	     /* with ending_seen */
	int32_t ended_by;	     /* the thread that told of it, with ending_seen */
	const struct wanted *wanted; /* the model's */
	const struct model_timeline *timeline;
	GHashTable *regions; /* name -> struct region; NULL before the first */
	GPtrArray *region_order;
	bool watched;	     /* some region that is wanted was entered */
	struct stays when;   /* all threads were in regions that are wanted */
	GArray *parts;	     /* struct span, for use in view.c */
	uint64_t marked_at;  /* the latest mark */
	struct map sites;    /* number -> struct model_site */
	GStringChunk *texts; /* of the sites; NULL before the first */
	struct map gils;     /* id -> the current struct gil */
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
	struct map stays;   /* index of a region -> struct stay */
	struct stays when;  /* it was in regions that are wanted */
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

/* The lengths that stacks belong to: of a wait, or of the hold behind it. */
enum length_kind { LENGTH_WAIT, LENGTH_HOLD, LENGTH_KINDS };

struct length {
	uint64_t number; /* of the hold; 0: none yet */
	uint64_t ns;	 /* EVENT_UNKNOWN */
	uint64_t until;
};

/* Stacks of one thread whose length is yet to come; there is one for each thread that waits for it.
 */
#define PENDING_STACKS 8

struct pending_stack {
	void *stack; /* the sink's */
	uint64_t at;
	uint64_t number;
	enum length_kind kind;
};

/* A task as the user of one GIL. */
struct thread {
	struct model_thread facts;
	struct gil *gil;
	struct task *task;
	bool retired;		 /* its tid belongs to another thread now */
	struct thread *previous; /* that had its tid */
	uint64_t first_seen;
	uint64_t last_seen;
	uint64_t absent_ns;	/* the tid did not exist, within the GIL's span */
	struct open_wait *open; /* announced, acquire not yet arrived */
	uint64_t waited_until;	/* a wait that began before is over, whoever still tells of it */
	uint64_t last_hold;	/* number of the last hold settled, 0: none */
	uint64_t last_release;	/* its end */
	struct watch *watch;	/* NULL before the first forced release */
	struct thread *next_watched;
	struct map places;		    /* site -> struct place */
	struct place *held_at;		    /* the latest place of a hold, */
	struct place *waited_at;	    /* and of a wait */
	struct length latest[LENGTH_KINDS]; /* that has arrived */
	struct pending_stack pending[PENDING_STACKS];
	unsigned pending_count;
};

struct place {
	struct model_place facts;
	struct thread *thread;
};

/* A wait that was announced by a `wait` event and is not settled yet. */
struct open_wait {
	struct thread *thread;
	uint64_t since;
	uint64_t end;	      /* EVENT_UNKNOWN: by an acquire to come */
	uint64_t cut;	      /* at the latest if no acquire comes: recording stopped then */
	uint64_t again;	      /* recording began again then, after `since`; or EVENT_UNKNOWN */
	uint64_t folded_from; /* `folded` has all holds from here to the ring's floor */
	struct tally folded;
	struct open_wait *next, *previous;
};

/* When a wait was. */
struct wait_times {
	uint64_t since;
	uint64_t until;
	uint64_t yield_since; /* the forced switch before it: at the thread's last release */
	uint64_t yield_until;
	bool yield_known; /* false: what was then is missing */
};

struct gil {
	struct model_gil facts;
	const struct model_sink *sink;
	const struct model_timeline *timeline;
	struct process *process;
	struct map threads; /* tid -> the current struct thread */
	GPtrArray *thread_order;
	struct thread *recent_thread;
	GPtrArray *places; /* struct place, by index */
	struct map views;  /* index of a region -> struct view */
	GPtrArray *view_order;
	GArray *requests; /* of drops, to be told of regions; NULL before the first */

	/* Order: what has arrived, and what of it is settled. */
	struct window window;
	struct early early;
	uint64_t settled; /* number of the last hold settled */
	bool any_settled;
	uint64_t base;	  /* numbers below were perhaps never recorded; EVENT_UNKNOWN: not known */
	uint64_t base_at; /* when recording began there, 0 when not known */
	/*
	 * Another session came in behind hold `rejoined`, perhaps this one again: up to
	 * there numbers may be missing. 0: none did.
	 */
	uint64_t rejoined;
	uint64_t rejoined_at;
	uint64_t used;	  /* the last number that it was said to have used; 0: nothing was said */
	uint64_t told_at; /* when a session that found the GIL there was told of it; 0: none did */
	bool bursts;	  /* some holds came in `cycles` events */
	uint64_t cut;	  /* holds whose events the end of recording may have cut off */
	bool gap;	  /* something is missing right behind `settled` */
	uint64_t gap_after; /* the last hold settled before the latest gap */

	/* The hold settled last, valid without `gap`. */
	uint64_t known_until; /* its end: before it every hold is in the ring */
	bool last_forced;     /* of PyPy's: what was seen last is a release */
	bool last_answered;   /* and soon after the request */
	struct turns turns;
	bool last_waiters;

	/* Blame and contention. */
	struct ring ring;
	struct cover cover;
	struct open_wait *opens;
	uint32_t ending;    /* those of `opens` with an end */
	uint64_t fold_from; /* no open wait began before */
	uint64_t heard_at;  /* the latest that an event so far told of */
	struct thread *watched;

	/* When it was switched off, in order; only free-threaded interpreters do that. */
	GArray *off; /* struct cover_span, NULL: never; the last one's end is UINT64_MAX while it
			lasts */
	uint64_t ended_at; /* with facts.ended */

	/* A holder that a `wait` event named and whose release has not come. */
	int32_t seen_holder; /* 0: none */
	uint64_t seen_since;
};

struct model {
	struct selection selection; /* owned */
	struct wanted wanted;
	struct model_sink sink;
	struct model_timeline timeline; /* all NULL when nobody asks for times */
	uint32_t told;			/* processes */
	struct map pids;		/* -> the current struct process */
	GPtrArray *processes;
	GQueue exited; /* struct process, not settled */
	struct gil *recent_gil;
};

/* select.c */
void select_copy(struct selection *copy, const struct selection *selection);
void select_release(struct selection *copy);
bool select_by_pid(const struct model *model, int32_t pid); /* before anything else is known */
bool select_by_event(const struct model *model, const struct event *event); /* EVENT_PROCESS */

/* process.c */
struct process *process_of(struct model *model, int32_t pid); /* NULL: ignore its events */
struct gil *process_gil(struct model *model, struct process *process, uint16_t id);
struct task *process_task(struct process *process, int32_t tid);
struct task *process_new_task(struct process *process, int32_t tid); /* replaces the current one */
bool process_feed(struct model *model, const struct event *event);
void process_goes_on(struct model *model, struct process *process, const struct event *event);
void process_feed_gil(struct model *model, struct process *process, const struct event *event);
void process_settle(struct model *model, struct process *process);
void process_free(struct process *process);

/* task.c */
void task_feed(struct process *process, const struct event *event);
void task_finish(struct thread *thread); /* fills what is set in gil_done */

/* gil.c */
struct gil *gil_new(struct model *model, struct process *process, uint16_t id);
struct thread *gil_thread(struct gil *gil, int32_t tid);
/* Who had that tid then, if it is another's now. */
struct thread *gil_thread_at(struct gil *gil, int32_t tid, uint64_t at);
void gil_extend(struct gil *gil, uint64_t at);
void gil_anomaly(struct gil *gil, enum model_anomaly kind, uint64_t count);
void gil_handoff(struct gil *gil, uint64_t begin, uint64_t end);
void gil_expect(struct gil *gil, const struct event *event);
bool gil_is_active(const struct gil *gil);
void gil_finish(struct gil *gil);
void gil_free(struct gil *gil);

/* switch.c: a GIL that is switched off and on */
void switch_feed(struct gil *gil, enum gil_mode mode, uint64_t at);
void switch_end_wait(struct gil *gil, struct thread *thread); /* announced late, when it was over */
uint64_t switch_on_ns(const struct gil *gil, uint64_t from, uint64_t to);

/* arrive.c: events as they come */
void arrive_feed(struct gil *gil, const struct event *event);

/* order.c: holds in order */
void order_slot(
	struct gil *gil, uint64_t number, struct slot *news); /* what an event tells of it */
void order_burst(struct gil *gil, const struct burst *burst);
void order_cycle(struct gil *gil, uint64_t number, struct slot *slot); /* the next of a burst */
void order_flush(struct gil *gil);
/* Settles the first that waits for others, in order or not, and what is in order behind it, if it
 * began, or without an end what came behind it, before `limit`. False: it did not. */
bool order_settle_before(struct gil *gil, uint64_t limit);

/* cycles.c: many finished holds in one event */
void cycles_feed(struct gil *gil, const struct event *event);
void cycles_settle(struct gil *gil, const struct burst *burst);

/* pypy.c: a GIL whose holds cannot be seen */
bool pypy_is(const struct gil *gil);
void pypy_acquire(struct gil *gil, struct thread *thread, const struct event *event);
void pypy_release(struct gil *gil, struct thread *thread, const struct event *event);
void pypy_settle(struct gil *gil, uint64_t number, struct slot *slot);

/* settle.c: what they mean */
void settle_hold(struct gil *gil, uint64_t number, struct slot *slot);
void settle_open_hold(
	struct gil *gil, uint64_t number, struct slot *slot); /* the last, no release came */

/* wait.c */
void wait_announce(struct gil *gil, struct thread *thread, const struct event *event);
bool wait_is_acquired(const struct open_wait *open); /* a hold that is to be settled has it */
void wait_discard(struct gil *gil, struct open_wait *open);
void wait_end(struct gil *gil, struct thread *thread, uint64_t at); /* the thread has exited */
/* The acquire of the hold that is to be settled did not come: what its announcement is worth. */
void wait_recover(struct gil *gil, struct slot *slot);
/* Recording of the GIL stopped after `at`, and began again. */
void wait_cut(struct gil *gil, uint64_t at, uint64_t restarted_at);
void wait_settle(struct gil *gil, uint64_t number, struct slot *slot, uint64_t acquired_at,
	bool follows); /* `number`: of the hold; does the one settled before come right before it?
			*/
void wait_settle_ended(struct gil *gil, uint64_t until);
void wait_settle_all(struct gil *gil);
void wait_compact(
	struct gil *gil, struct view *view); /* makes room in its cover, or in the GIL's */

/* region.c */
bool region_feed(struct process *process, const struct event *event); /* false: it cannot be */
void region_close(struct process *process, struct task *task, uint64_t at);
void region_close_all(struct process *process);
void region_tell_all(struct process *process, const struct model_sink *sink); /* and forget */
void region_free_task(struct task *task);

/* view.c: the parts of what happened that were inside of regions, once one is watched */
struct view *view_of(struct gil *gil, struct region *region);
void view_hold(struct place *place, uint64_t begin, uint64_t end, bool released,
	uint64_t requested_ns, bool in_turn);
void view_open_hold(struct thread *thread, uint64_t at);
void view_handoff(struct thread *thread, uint64_t from, uint64_t to, bool waited);
void view_wait(struct place *place, const struct model_wait *wait, const struct wait_times *times,
	const struct open_wait *open);
void view_wait_unknown(struct place *place, const struct model_wait *wait, uint64_t until);
void view_request(struct thread *sender, struct thread *receiver, uint64_t at);
void view_settle_requests(struct gil *gil, uint64_t until); /* those before */
void view_stack(struct thread *thread, void *stack, uint64_t at, const struct length *length);
uint64_t view_open_since(const struct view *view, const struct open_wait *open);
void view_finish_all(struct gil *gil);
void view_tell_all(struct gil *gil); /* and forget */

/* place.c */
struct place *place_find(struct thread *thread, uint32_t site);

/* The same through `recent`, where the one found last is kept: mostly it is that one again. */
static inline struct place *place_at(struct thread *thread, uint32_t site, struct place **recent)
{
	if (!*recent || (*recent)->facts.site != site)
		*recent = place_find(thread, site);
	return *recent;
}

/* site.c */
bool site_feed(struct process *process, const struct event *event); /* false: it cannot be */
void site_free_all(struct process *process);

/* stack.c */
void stack_feed(struct gil *gil, struct thread *thread, const struct event *event);
void stack_settle(struct thread *thread, enum length_kind kind, const struct length *length);
void stack_flush(struct thread *thread);

/* The length of a wait or hold has arrived. */
static inline void stack_length(struct thread *thread, enum length_kind kind, struct length length)
{
	thread->latest[kind] = length;
	if (thread->pending_count)
		stack_settle(thread, kind, &length);
}

/* blame.c */
void blame_wait(struct model_view *view, struct place *waiter, uint64_t begin, uint64_t end,
	const struct open_wait *open);
void blame_yield(struct model_view *view, struct place *waiter, uint64_t since, uint64_t begin,
	uint64_t end); /* of one since then */
void blame_unknown(struct model_view *view, struct place *waiter, uint64_t ns);
void blame_hold(struct gil *gil, uint64_t begin, uint64_t end, uint32_t holder);
void blame_watch(struct thread *thread, uint64_t since);
void blame_unwatch(struct thread *thread);
uint64_t watch_horizon(const struct watch *watch); /* until when it has all holds */

#endif /* GILTRACE_MODEL_STATE_H */

/*
 * What happened when: the facts of model.h with their times, for who draws or
 * lists them. A model tells its sink and, where there is one, a timeline; what the
 * figures of the sink are made of is told with it, so that both agree to the
 * nanosecond.
 *
 * In which order:
 * - GILs are independent of each other, and told in turns as their events come.
 * - Holds of one GIL come in the order of their numbers, which is that of time.
 * - A wait is told when it is over: just before the hold that it led to, or, when it
 *   led to none, some time after its end, at the latest before gil_done. So what one
 *   thread did (forced switches, waits, holds) comes in the order of time, and so do
 *   the ends of all waits that led to holds. Blame comes just before its wait.
 * - wait_begun and drop_request come at once, ahead of waits and holds that were
 *   earlier.
 * - Names of threads and lines can come late; they are final from gil_done on.
 *
 * Times of one GIL lie between its begin_ns and end_ns, final from gil_done on,
 * however hostile the input; holds do not overlap.
 */
#ifndef GILTRACE_MODEL_TIMELINE_H
#define GILTRACE_MODEL_TIMELINE_H

#include "model/model.h"

struct timeline_hold {
	uint64_t number;       /* in its GIL, from 1; some are missing when something was lost */
	uint64_t begin_ns;     /* EVENT_UNKNOWN: it was acquired before recording */
	uint64_t end_ns;       /* EVENT_UNKNOWN: nobody knows; perhaps it lasted to the end */
	uint64_t requested_ns; /* how long before its end it was asked to let go; 0: it was not */
	uint16_t waiters;      /* that were left at its end */
	bool counted;	       /* an acquisition; false: acquired before recording */
	uint64_t held_ns;      /* counted, and both ends are known: end - begin; else 0 */
};

struct timeline_wait {
	uint64_t number;   /* of the hold that it led to; 0: it led to none */
	uint64_t begin_ns; /* entry into take_gil; EVENT_UNKNOWN: before recording */
	uint64_t end_ns;   /* the acquire, or the end of the thread, GIL or trace */
	/*
	 * The forced switch before it: the thread had let go on request and was kept
	 * until another had taken the GIL. It began with the end of the thread's previous
	 * hold; EVENT_UNKNOWN when that is not known.
	 */
	uint64_t yield_begin_ns;
	uint64_t yield_ns; /* 0: there was none */
	/*
	 * Index of the place whose hold ended last before its end, while it waited;
	 * MODEL_HANDOFF: the GIL was free all the time; MODEL_UNKNOWN, as for a wait
	 * that led to nothing.
	 */
	uint32_t behind;
	uint64_t waited_ns; /* in the figures, both parts together; 0 when not known */
};

/*
 * Callbacks that are NULL are not wanted. Structs have the lifetimes of model.h;
 * their `timeline` is the timeline's, as `user` is the sink's, and they are told
 * to the sink first.
 */
struct model_timeline {
	void (*process_seen)(void *user, struct model_process *process);
	void (*gil_seen)(void *user, struct model_gil *gil);
	void (*thread_seen)(void *user, struct model_thread *thread);
	void (*place_seen)(void *user, struct model_place *place);
	/* The place is where it ended. Not of PyPy, of which no holds are known. */
	void (*hold)(void *user, struct model_place *place, const struct timeline_hold *hold);
	/*
	 * A thread has gone to sleep in a wait that began then. The wait itself follows,
	 * but for lost events; short ones come without.
	 */
	void (*wait_begun)(void *user, struct model_thread *thread, uint64_t begin_ns);
	void (*wait)(void *user, struct model_place *place, const struct timeline_wait *wait);
	/*
	 * A piece of the wait, or forced switch, that is told next: `holder` held then, the
	 * index of a place or MODEL_UNKNOWN. When it was free, there is no piece. EVENT_UNKNOWN
	 * twice: the hold is too long ago, all that is left of it is in the sink's sums.
	 */
	void (*blame)(void *user, struct model_place *waiter, uint32_t holder, uint64_t begin_ns,
		uint64_t end_ns);
	/* Free while somebody waited. */
	void (*handoff)(void *user, struct model_gil *gil, uint64_t begin_ns, uint64_t end_ns);
	/* `receiver`: NULL when not known. */
	void (*drop_request)(void *user, struct model_thread *sender, struct model_thread *receiver,
		uint64_t at_ns);
	/* A thread was in this region, or with tid 0 all of them; told when it has left. */
	void (*region)(void *user, struct model_process *process, int32_t tid, const char *name,
		uint64_t begin_ns, uint64_t end_ns);
	void (*gil_done)(void *user, struct model_gil *gil);
	void (*process_done)(void *user, struct model_process *process);
	void *user;
};

#endif /* GILTRACE_MODEL_TIMELINE_H */

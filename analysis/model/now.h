/*
 * What goes on while events still come, for who looks in between: holds and waits
 * that have begun and not ended, so that nothing has been told of them yet. And
 * names, which are final from gil_done on only.
 */
#ifndef GILTRACE_MODEL_NOW_H
#define GILTRACE_MODEL_NOW_H

#include "model/model.h"

struct model_now {
	/* Holds that ended, and all waits before them, have been told up to here; 0: none has. */
	uint64_t told_until;
	/*
	 * Who holds it, NULL: nobody, or not known. An uncontended acquisition is not in the
	 * trace before it is released, unless somebody waits behind it.
	 */
	struct model_thread *holder;
	uint64_t holding_since; /* with `holder`: known from then on, */
	bool since_begin;	/* which is when it got the GIL, and between told_until and then it
				   was free; */
	bool seen; /* or when a waiter saw it: when it got the GIL will be known when it lets go.
		      Neither: something that was before then has not come */
};

void model_now(const struct model_gil *gil, struct model_now *now);

/*
 * Tells the acquisitions that have arrived and not been told, each with the wait that it ended:
 * until its hold is released or what is missing before it has come. `wait_ns` may be EVENT_UNKNOWN.
 */
void model_now_acquired(const struct model_gil *gil,
	void (*tell)(void *user, struct model_thread *thread, uint64_t at, uint64_t wait_ns,
		uint64_t yield_ns),
	void *user);

struct model_thread_now {
	const char *name; /* "" when not known; for the moment */
	bool exited;
	uint64_t waiting_since; /* EVENT_UNKNOWN: it does not wait, as far as is known */
};

void model_now_thread(const struct model_thread *thread, struct model_thread_now *now);

/*
 * What is older than `missing` and still not told will not be put in order any more: what is
 * missing before it is lost. Of a GIL of which nothing has been told, what is older than `first`:
 * what is missing there was never recorded. Without this it would take many thousand holds.
 */
void model_now_settle(struct model *model, uint64_t missing, uint64_t first);

#endif /* GILTRACE_MODEL_NOW_H */

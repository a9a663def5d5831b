/*
 * Hands events from a thread that reads them to the one that started it, in the
 * order in which they were put.
 *
 * They are copied, with their strings and numbers, into a few batches of bounded
 * size that go round between the two: 2 MiB, however long the trace, as long as
 * no single event is larger than a batch.
 */
#ifndef GILTRACE_DECODE_CONVEYOR_H
#define GILTRACE_DECODE_CONVEYOR_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

struct conveyor;

struct conveyor_item {
	struct event event;
	uint64_t order; /* as it was put */
};

struct conveyor *conveyor_new(void);

/*
 * Calls read() in a thread of its own, once; it returns when it has put every event,
 * or when no more are wanted. False when there can be no thread.
 */
bool conveyor_start(struct conveyor *conveyor, void (*read)(void *user), void *user);

/* For read(). -ECANCELED when no more are wanted. */
int conveyor_put(struct conveyor *conveyor, const struct event *event, uint64_t order);

/*
 * Waits for the next event, which lives until the next call. NULL when read() has
 * returned and all it put was taken: what it left behind may be looked at then.
 */
const struct conveyor_item *conveyor_next(struct conveyor *conveyor);

/* Waits until read() has returned, and drops what was not taken. */
void conveyor_free(struct conveyor *conveyor);

#endif /* GILTRACE_DECODE_CONVEYOR_H */

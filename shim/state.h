/*
 * What each pthread call on a GIL means: the state machine between the hooks
 * and the records. It makes no pthread call, reads no clock and writes no
 * event; times come in as arguments (CLOCK_MONOTONIC, ns), records go out in
 * the thread's `pending` set, to be written once the GIL's mutex is free.
 *
 * `generation` is that of the recording in force. State of another generation
 * is stale: nothing was seen in between.
 */
#ifndef GILTRACE_STATE_H
#define GILTRACE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

/* The thread locks the GIL's mutex, to acquire or to release. Called before it has it. */
void state_enter(struct gil *gil, struct thread *self, unsigned generation);

/* True when the thread comes to release, so that finding the mutex taken is no wait. */
bool state_is_holder(const struct gil *gil, const struct thread *self, unsigned generation);

/* The mutex was found taken at `now`: from here on the thread waits. */
void state_blocked(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/* About to sleep on the GIL's cond. With the mutex held. */
void state_sleep(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/* The sleep ended with a drop request to be set. With the mutex held. */
void state_timed_out(struct thread *self, uint64_t now);

/* The GIL is this thread's (signal of the switch cond). With the mutex held. */
void state_acquired(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/*
 * The cond is signalled: a release, when the thread holds the GIL, or when
 * nobody knows who held it and CPython's `locked` says that it is free now. With
 * the mutex held.
 */
void state_released(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/* The thread was kept on the switch cond until `now`: a forced switch. */
void state_yielded(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/* The thread lets go of the mutex. With the mutex held. */
void state_leave(struct gil *gil, struct thread *self);

/*
 * The process ends: a hold still open gets its `acquire` record, if it has none
 * yet. With the mutex held. False when there is nothing to write.
 */
bool state_open_hold(struct gil *gil, unsigned generation, struct acquire_record *record);

#endif /* GILTRACE_STATE_H */

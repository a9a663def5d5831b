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

/*
 * The thread locks the GIL's mutex, to acquire or to release. Called before it
 * has it; says what meets the thread there.
 */
enum entry {
	ENTRY_FREE,    /* nobody holds the GIL, or nobody knows who does */
	ENTRY_TAKEN,   /* another thread holds it: very likely a wait begins now */
	ENTRY_RELEASE, /* this thread holds it: finding the mutex taken is no wait */
	ENTRY_NEW,     /* nobody looked: see state_enter_again */
};
enum entry state_enter(struct gil *gil, struct thread *self, unsigned generation);

/* The same where the thread is known in this recording; where it is not, ENTRY_NEW. */
enum entry state_enter_again(struct gil *gil, struct thread *self, unsigned generation);

/*
 * When that was, if the clock was read: should the thread have to sleep, its
 * wait began here, not a preemption later.
 */
void state_entered_at(struct thread *self, uint64_t now);

/* The mutex was found taken: the thread waits, since its entry or since `now`. */
void state_blocked(struct gil *gil, struct thread *self, uint64_t now);

/*
 * The thread acquires or releases the GIL, and no other thread has to do with it since
 * this one last did: the time of that needs no order among threads. With the mutex held.
 */
bool state_acquires_alone(const struct gil *gil, const struct thread *self);
bool state_releases_alone(const struct gil *gil, const struct thread *self);

/* About to sleep on the GIL's cond. With the mutex held. */
void state_sleep(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/* The sleep ended with a drop request to be set. With the mutex held. */
void state_timed_out(struct thread *self, uint64_t now);

/* The GIL is this thread's (signal of the switch cond). With the mutex held. */
void state_acquired(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/*
 * The same for a thread that has locked the mutex for it, waited for nobody, and has
 * nothing to tell; false, and nothing has happened: it is not such a one.
 */
bool state_acquired_again(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);

/*
 * The cond is signalled: a release, when the thread holds the GIL, or when
 * nobody knows who held it and CPython's `locked` says that it is free now. With
 * the mutex held. A release after which the GIL is off ends its part of the
 * recording; the first acquire after that begins the next.
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

/* For the state machine of another implementation's GIL (pypy.c), too: */

/* The thread begins to wait, or no longer does; how many others do, as records want it. */
void state_wait_begin(struct gil *gil, struct thread *self, uint64_t since);
void state_wait_end(struct gil *gil, struct thread *self);
uint16_t state_waiters(const struct gil *gil);

#endif /* GILTRACE_STATE_H */

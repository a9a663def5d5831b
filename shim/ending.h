/*
 * How the recording of a process ends: what is still open then, and what threads
 * have not written yet, is written before. These are the points:
 *
 * - exit(), and the return from main: ending_by_exit, from the recorder's atexit
 *   handler, and as the last: LTTng-UST unmaps its buffers after it;
 * - _exit(): ending_at_once; no handler runs;
 * - exec and abort(): ending_perhaps; the process may go on all the same;
 * - the end of a GIL: ending_of_gil.
 *
 * A thread's end is in spawn.c, fork() in lifecycle.c, the stop of a session in
 * recording.c. A signal that ends the process gives nobody the time: what has been
 * written by then is in the trace.
 */
#ifndef GILTRACE_ENDING_H
#define GILTRACE_ENDING_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "contract.h"
#include "gils.h"

/*
 * The process ends without handlers; may run more than once. Async-signal-safe, as _exit is:
 * does nothing on a thread that has never written an event, nor in a child of vfork.
 */
void ending_at_once(void);

/* The process ends, and no thread may write any more when this returns. */
void ending_by_exit(void);

/*
 * The same where the process is about to become another program, or to end by a signal
 * that it may catch. If it lives on, ending_not() says so, or the calling thread's next
 * event: nobody is asked when a handler leaves abort() by siglongjmp.
 */
void ending_perhaps(void);

/* It did not. */
void ending_not(void);

/* Has it begun to end for good? */
bool ending_has_begun(void);

/* The last of `gil`, which nobody uses any more: what it has, and `state`. Recording is on. */
void ending_of_gil(struct gil *gil, enum gil_state state);

void ending_after_fork_child(void);

extern bool ending_exit_runs;

/* See ending_parks. */
bool ending_parks_gil(const void *cond);

/*
 * Goes on with a wait that has timed out, for seconds, which no exit() takes; with the results
 * of pthread_cond_timedwait. Not for ever: a handler of exit() that the program installed before
 * Python came is called after ours, and may wait for the end of this very thread.
 */
int ending_park(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *timed_out);

/*
 * Whether a thread whose wait on `cond` has timed out must not return from it: up to
 * 3.11 it would set a drop request in an interpreter that Py_Finalize has freed.
 * That crashes CPython without us, too, when exit() takes long enough, and LTTng-UST
 * has it take longer. Nobody gives that GIL up any more, so the thread is parked
 * (ending_park), as CPython 3.14 has it do. Only inside of exit(): before that
 * the program may initialize Python again, or wait for the end of such a thread.
 */
static inline bool ending_parks(const void *cond)
{
	return __builtin_expect(__atomic_load_n(&ending_exit_runs, __ATOMIC_RELAXED), 0) &&
	       ending_parks_gil(cond);
}

#endif /* GILTRACE_ENDING_H */

/*
 * Writes what the buffers of short holds have (bursts.h) when no operation on their
 * GIL does. For any thread that has no GIL's mutex.
 */
#ifndef GILTRACE_FLUSH_H
#define GILTRACE_FLUSH_H

#include <pthread.h>

#include "gils.h"

/*
 * Locks a GIL's mutex, which is never held for long. False when it is all the same,
 * as by the thread that this handler of a signal interrupts.
 */
bool flush_lock(pthread_mutex_t *mutex);

/* What `gil` has. */
void flush_gil(struct gil *gil);

/* What the GIL has that the calling thread gave up last. */
void flush_mine(void);

/*
 * The same for a session that comes in, perhaps while another one records: tells it of
 * the GIL first, and behind which number it has all holds, those that were kept back
 * among them. PyPy's GIL keeps nothing back.
 */
void flush_to_session(struct gil *gil);

/* What all have. */
void flush_all(void);

/*
 * The waits that go on and are not told yet. One that ends meanwhile may be told all the same;
 * its own thread tells it again then.
 */
void flush_waits(void);

#endif /* GILTRACE_FLUSH_H */

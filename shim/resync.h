/*
 * Brings what is known of a GIL and of a thread into the recording in force: of what
 * happened before it began, or while a free-threaded build had its GIL off, nothing is
 * known. All with the GIL's mutex held.
 */
#ifndef GILTRACE_RESYNC_H
#define GILTRACE_RESYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

/* For the two below: what to do where they are of another recording. */
void resync_stale_gil(struct gil *gil, struct thread *self, unsigned generation, uint64_t now);
void resync_stale_thread(struct thread *self, unsigned generation);

static inline void resync_gil(
	struct gil *gil, struct thread *self, unsigned generation, uint64_t now)
{
	if (__builtin_expect(gil->generation != generation, 0))
		resync_stale_gil(gil, self, generation, now);
}

/* The calling thread's: in its first call in this recording. */
static inline void resync_thread(struct thread *self, unsigned generation)
{
	if (__builtin_expect(self->generation != generation, 0))
		resync_stale_thread(self, generation);
}

/* Can it be switched off? */
static inline bool resync_is_switchable(const struct gil *gil)
{
	return gil->traits & TRAIT_SWITCHABLE;
}

/*
 * The GIL is released, maybe because it was just switched off: whoever does that holds
 * it, and releases it then. Those who wait for it go on without it.
 */
void resync_note_switch(struct gil *gil, struct thread *self, uint64_t now);

/* Tells the trace of the GIL; `seq`: recording starts behind this number, 0: nothing new about
 * that. */
void resync_announce(struct gil *gil, struct thread *self, uint64_t seq, uint64_t now);

#endif /* GILTRACE_RESYNC_H */

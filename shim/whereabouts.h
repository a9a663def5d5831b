/*
 * Where threads are in their code at the moments that the state machine tells of:
 * the line of each, the stack of those that took long. Kept in the thread until it
 * can be written; all with the GIL's mutex held.
 */
#ifndef GILTRACE_WHEREABOUTS_H
#define GILTRACE_WHEREABOUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

/* `self` has the GIL; its acquire record is filled. */
void whereabouts_acquired(struct gil *gil, struct thread *self, uint64_t now);

/*
 * The same where it waited so long and nothing is written of that now: at which line it is,
 * SITE_UNKNOWN where that cannot be known. False when something has to be written.
 */
bool whereabouts_waited(struct gil *gil, struct thread *self, uint64_t wait_ns, uint32_t *site);

/* It has given the GIL up after `held_ns`, EVENT_UNKNOWN: not known. */
void whereabouts_released(struct gil *gil, struct thread *self, uint64_t held_ns, uint64_t now);

/*
 * It waits and may have asked for the GIL. Once in a hold that leaves a request
 * unanswered for long, somebody looks where the holder is: `self`, then.
 */
void whereabouts_requested(struct gil *gil, struct thread *self, uint64_t now);

#endif /* GILTRACE_WHEREABOUTS_H */

/*
 * Bursts: the finished holds that nobody asked to end, kept together until they leave
 * as one `cycles` event (cycles.h). Their thread may have waited for them, for less
 * than a switch interval, and others may wait meanwhile: were each of those holds told
 * at once, its thread would come back so much later that the others get the GIL more
 * often than without a recording, and it is another program that is recorded.
 *
 * There is one buffer for each GIL, filled by who has the GIL's mutex: so its holds
 * stand in the order of their numbers, whichever threads they are of. Any thread can
 * take it along, one without that mutex, too: the buffer has a lock of its own, so
 * that nobody has to touch a GIL whose memory may be something else by now. A GIL
 * operation does not wait for that lock: what finds it taken leaves by itself.
 *
 * What is in a buffer is lost when the process is killed, as is what a thread has
 * taken and not yet written: at most CYCLES_MOST holds each.
 */
#ifndef GILTRACE_BURSTS_H
#define GILTRACE_BURSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "gils.h"

/* For the functions below. */
static inline bool bursts_try_lock(struct gil *gil)
{
	return !__atomic_exchange_n(&gil->burst.locked, true, __ATOMIC_ACQUIRE);
}

static inline void bursts_unlock(struct gil *gil)
{
	__atomic_store_n(&gil->burst.locked, false, __ATOMIC_RELEASE);
}

/*
 * Is there room for the hold that `gil`'s current number ends? Not where the buffer is
 * full, another hold is missing between, or too long a gap is. This and the next with the
 * GIL's mutex held, too.
 */
bool bursts_has_room(const struct gil *gil, unsigned generation);

/*
 * Adds it, where there is room: by thread `tid`, from the GIL's acquired_at until `now`,
 * at `position` in its code, with so many `waiters` then. `waited`: how long for it, or NULL.
 * False when it does not fit: it is too long, or its position has no number yet.
 */
bool bursts_add(struct gil *gil, unsigned generation, pid_t tid, const struct position *position,
	uint16_t waiters, const struct waited *waited, uint64_t now);

/*
 * From now on no hold is kept back, or again: this process is about to end. Who takes
 * a buffer after it was switched off has the last of it.
 */
void bursts_switch(bool on);

extern bool bursts_off;

static inline bool bursts_are_off(void)
{
	return __builtin_expect(__atomic_load_n(&bursts_off, __ATOMIC_RELAXED), 0);
}

/* How long the first hold of a buffer waits, while others follow. */
#define BURSTS_PATIENCE_NS UINT64_C(10000000)

/* How long a wait may last before it is told, while it goes on: the usual switch interval. */
#define WAITS_PATIENCE_NS UINT64_C(5000000)

static inline bool bursts_is_due(const struct gil *gil, uint64_t now)
{
	return __builtin_expect(now - gil->burst.batch.at >= BURSTS_PATIENCE_NS, 0);
}

static inline bool bursts_is_empty(const struct gil *gil)
{
	return !gil->keeps || !__atomic_load_n(&gil->burst.batch.count, __ATOMIC_RELAXED);
}

/*
 * Moves what the buffer has to `batch`. False when there is nothing, or nothing of
 * this recording.
 */
bool bursts_take(struct gil *gil, unsigned generation, struct batch *batch);

#endif /* GILTRACE_BURSTS_H */

/*
 * The words of a `cycles` event: holds that nobody asked to end, packed into 64 bits
 * each, two of them where they are alike. The shim writes them, the analysis reads
 * them; lttng/tracepoints.h has the event.
 *
 * A cycle is the gap in which the GIL was free and the hold after it, in ns. The
 * first gap is counted from the event's `at`, each other one from the end of the
 * hold before. Their numbers follow without a gap: the first cycle's release has
 * the event's `seq`, each other one that of the one before + 2.
 *
 * A place says who held and at which line it let go. `CYCLES_PLACES` of them can
 * be told at a time; one is told before its first cycle, and stays until another
 * is told with its number. Each event begins without any. How many other threads
 * waited at the end of a hold is told where it is not what it was for the hold
 * before, or not 0 for the first one. How long its own thread waited for it, and at
 * which line, is told right before it, if it did.
 *
 *   kind      bits 0-1
 *   ONE       2-7 place, 8-35 hold, 36-63 gap
 *   TWO       2-7 place of both, 8-21 hold, 22-35 gap of the first, 36-49 hold, 50-63 gap
 *             of the second
 *   PLACE     2-7 place, 8-31 tid, 32-63 site (0 when not known)
 *   WAITERS   2-17 how many, 18-63 0
 *   WAIT      2-29 how long, 30-61 site (0 when not known), 62 0, 63 1; kind as WAITERS
 */
#ifndef GILTRACE_CYCLES_H
#define GILTRACE_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

enum cycles_kind { CYCLES_ONE, CYCLES_TWO, CYCLES_PLACE, CYCLES_WAITERS, CYCLES_WAIT };

enum {
	CYCLES_PLACES = 64,
	CYCLES_WORDS = 126, /* at most, of an event */
	CYCLES_NEEDED = 4,  /* words, at most, of one cycle: place, waiters, wait, and itself */
	CYCLES_MOST = 2 * (CYCLES_WORDS - 1), /* cycles of an event */
	CYCLES_LONG_BITS = 28,		      /* of a hold, a gap or a wait: 268 ms */
	CYCLES_SHORT_BITS = 14,		      /* of those of two alike: 16 us */
	CYCLES_TID_BITS = 24,		      /* Linux has no ids above 2^22 */
};

struct cycle {
	uint64_t gap_ns, hold_ns;
};

static inline unsigned cycles_kind(uint64_t word)
{
	unsigned kind = word & 3;

	return kind == CYCLES_WAITERS && word >> 63 ? CYCLES_WAIT : kind;
}

static inline unsigned cycles_place(uint64_t word)
{
	return word >> 2 & (CYCLES_PLACES - 1);
}

/* A hold, a gap or a wait. */
static inline bool cycles_is_long(uint64_t ns)
{
	return ns >> CYCLES_LONG_BITS;
}

static inline bool cycles_is_short(struct cycle cycle)
{
	return !((cycle.gap_ns | cycle.hold_ns) >> CYCLES_SHORT_BITS);
}

/* Neither may be long. */
static inline uint64_t cycles_one(unsigned place, struct cycle cycle)
{
	return CYCLES_ONE | place << 2 | cycle.hold_ns << 8 |
	       cycle.gap_ns << (8 + CYCLES_LONG_BITS);
}

static inline struct cycle cycles_of_one(uint64_t word)
{
	return (struct cycle){
		.gap_ns = word >> (8 + CYCLES_LONG_BITS),
		.hold_ns = word >> 8 & ((UINT64_C(1) << CYCLES_LONG_BITS) - 1),
	};
}

/* Both must be short. */
static inline uint64_t cycles_two(unsigned place, struct cycle first, struct cycle second)
{
	return CYCLES_TWO | place << 2 | first.hold_ns << 8 |
	       first.gap_ns << (8 + CYCLES_SHORT_BITS) |
	       second.hold_ns << (8 + 2 * CYCLES_SHORT_BITS) |
	       second.gap_ns << (8 + 3 * CYCLES_SHORT_BITS);
}

/* `second`: 0 or 1. */
static inline struct cycle cycles_of_two(uint64_t word, unsigned second)
{
	const uint64_t mask = (UINT64_C(1) << CYCLES_SHORT_BITS) - 1;
	uint64_t half = word >> (8 + second * 2 * CYCLES_SHORT_BITS);

	return (struct cycle){.gap_ns = half >> CYCLES_SHORT_BITS & mask, .hold_ns = half & mask};
}

static inline uint64_t cycles_waiters_word(uint16_t waiters)
{
	return CYCLES_WAITERS | (uint64_t)waiters << 2;
}

static inline uint16_t cycles_waiters(uint64_t word)
{
	return (uint16_t)(word >> 2);
}

/* The wait may not be long. */
static inline uint64_t cycles_wait_word(uint64_t wait_ns, uint32_t site)
{
	return CYCLES_WAITERS | wait_ns << 2 | (uint64_t)site << (2 + CYCLES_LONG_BITS) |
	       UINT64_C(1) << 63;
}

static inline uint64_t cycles_wait_ns(uint64_t word)
{
	return word >> 2 & ((UINT64_C(1) << CYCLES_LONG_BITS) - 1);
}

static inline uint32_t cycles_wait_site(uint64_t word)
{
	return (uint32_t)(word >> (2 + CYCLES_LONG_BITS));
}

static inline uint64_t cycles_place_word(unsigned place, uint32_t tid, uint32_t site)
{
	return CYCLES_PLACE | place << 2 | (uint64_t)tid << 8 | (uint64_t)site << 32;
}

static inline int32_t cycles_tid(uint64_t word)
{
	return (int32_t)(word >> 8 & ((UINT64_C(1) << CYCLES_TID_BITS) - 1));
}

static inline uint32_t cycles_site(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

#endif /* GILTRACE_CYCLES_H */

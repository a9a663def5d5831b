/* The most recent holds of one GIL, for blame. Grows up to a fixed size, then forgets the oldest.
 */
#ifndef GILTRACE_MODEL_RING_H
#define GILTRACE_MODEL_RING_H

#include <stddef.h>
#include <stdint.h>

/*
 * A power of two; 90 ms of a thread that does nothing but take the GIL and
 * release it, several times as long as another was ever seen to queue on the
 * mutex meanwhile. Tests of what happens beyond it set a small one.
 */
#ifndef RING_HOLDS
#define RING_HOLDS (UINT32_C(1) << 17)
#endif

struct hold {
	uint64_t begin;
	uint64_t end;
	uint32_t holder; /* index of a place or MODEL_UNKNOWN */
};

/* All zero: empty. Holds are in order and do not overlap. */
struct ring {
	struct hold *holds;
	uint32_t size;
	uint64_t pushed;
	uint64_t floor; /* before this time the ring knows nothing: the end of the last hold
			   forgotten */
};

/* How many it has; the newest is ring_newest(ring, 0). */
static inline uint32_t ring_count(const struct ring *ring)
{
	return ring->pushed < ring->size ? (uint32_t)ring->pushed : ring->size;
}

static inline const struct hold *ring_newest(const struct ring *ring, uint32_t back)
{
	return &ring->holds[(ring->pushed - 1 - back) & (ring->size - 1)];
}

/* The hold that the next push makes the ring forget; NULL when there is room. */
static inline const struct hold *ring_oldest_of_full(const struct ring *ring)
{
	if (ring->pushed < RING_HOLDS)
		return NULL;
	return &ring->holds[ring->pushed & (RING_HOLDS - 1)];
}

/* The part of ring_push that makes room. */
void ring_grow(struct ring *ring);

static inline void ring_push(struct ring *ring, uint64_t begin, uint64_t end, uint32_t holder)
{
	const struct hold *oldest = ring_oldest_of_full(ring);

	if (oldest)
		ring->floor = oldest->end;
	else if (!ring->holds || ring->pushed == ring->size)
		ring_grow(ring);
	ring->holds[ring->pushed++ & (ring->size - 1)] = (struct hold){begin, end, holder};
}

void ring_release(struct ring *ring);

#endif /* GILTRACE_MODEL_RING_H */

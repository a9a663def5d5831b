/* The most recent holds of one GIL; see ring.h. */
#include "model/ring.h"

#include <glib.h>

#define FIRST_SIZE 64
_Static_assert(FIRST_SIZE <= RING_HOLDS, "a full ring has its final size");

void ring_grow(struct ring *ring)
{
	/* Still in order from index 0: a ring that grows has not wrapped. */
	ring->size = ring->size ? 2 * ring->size : FIRST_SIZE;
	ring->holds = g_renew(struct hold, ring->holds, ring->size);
}

void ring_release(struct ring *ring)
{
	g_free(ring->holds);
	*ring = (struct ring){0};
}

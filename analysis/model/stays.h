/*
 * When one thread, or all threads of a process, were inside of regions: the stays
 * that last, and the recent ones that have ended, by their ends.
 */
#ifndef GILTRACE_MODEL_STAYS_H
#define GILTRACE_MODEL_STAYS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

struct region;

/* That have ended and are remembered, if nobody needs them for less. */
#define STAYS_KEPT (UINT32_C(1) << 16)

struct span {
	struct region *region;
	uint64_t begin;
	uint64_t end; /* UINT64_MAX while it lasts */
};

/* All zero: nothing ever. */
struct stays {
	GArray *open;	     /* struct span; NULL before the first */
	struct span *closed; /* a ring, by end */
	uint32_t size;	     /* of the ring, a power of two */
	uint32_t count;
	uint64_t pushed;    /* ever */
	uint64_t forgotten; /* some that somebody may ask for are; none that ended later */
};

void stays_enter(struct stays *stays, struct region *region, uint64_t at);

/*
 * No further stay ends before `at`. `floor`: of what ended before, nothing will be
 * asked any more.
 */
void stays_leave(struct stays *stays, struct region *region, uint64_t at, uint64_t floor);

/* Whether the next stays_leave has to forget a stay, or to take more memory. */
static inline bool stays_is_full(const struct stays *stays)
{
	return stays->count == stays->size;
}

/*
 * Appends the parts of [begin, end), or of the moment `begin` where `end` is the
 * same, that lie in stays (struct span). False when some may be missing, as they
 * were forgotten.
 */
bool stays_within(const struct stays *stays, uint64_t begin, uint64_t end, GArray *parts);

void stays_release(struct stays *stays);

#endif /* GILTRACE_MODEL_STAYS_H */

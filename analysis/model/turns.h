/*
 * The latest turns of a GIL: holds that ended because another thread asked, and
 * soon after it did. For each wait they tell how much of it a shorter switch
 * interval would have spared.
 */
#ifndef GILTRACE_MODEL_TURNS_H
#define GILTRACE_MODEL_TURNS_H

#include <stdint.h>

/* A power of two; a wait of more turns is counted as one of so many. */
#define TURNS_KEPT (UINT32_C(1) << 10)

struct turn {
	uint64_t end;
	uint64_t latency_ns; /* from the first drop request to it */
};

/* All zero: empty. */
struct turns {
	struct turn *kept; /* in order of their ends */
	uint64_t count;	   /* ever */
};

void turns_add(struct turns *turns, uint64_t end, uint64_t latency_ns);

/* How many ended within (begin, end]; `first` is the first of them. */
uint64_t turns_within(const struct turns *turns, uint64_t begin, uint64_t end, struct turn *first);

void turns_release(struct turns *turns);

#endif /* GILTRACE_MODEL_TURNS_H */

/*
 * The time, where no other thread's is to be told from it: CLOCK_MONOTONIC, counted
 * on with the processor's time-stamp counter (TSC) since the thread last looked at
 * the clock itself, for 100 us at most. The clock takes three times as long,
 * as it waits for all loads before it.
 *
 * A counted time is off by what one look at the clock is uncertain by, tens of ns;
 * by 100 ns at most where the clock's rate changes by a thousandth within those
 * 100 us (it is measured anew every 10 ms, and one that jumps is not counted with).
 */
#ifndef GILTRACE_COUNTER_H
#define GILTRACE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "recording.h"

/* When a thread last looked at the clock: the counter then, and the time in ns. */
struct counter {
	uint64_t ticks, ns;
};

/* For how many ticks a look is good, 0: the counter is not used. */
extern uint64_t counter_span;

/* How long a tick is: 2^-32 ns. */
extern uint64_t counter_rate;

/*
 * A recording starts: may the counter be used? Only where the kernel takes its own
 * time from it, and it runs at the same rate for ever and on all processors.
 */
void counter_prepare(void);

/* Whoever measured the rate in the parent is not there. */
void counter_after_fork_child(void);

/* Looks at the clock, and returns that time. */
uint64_t counter_look(struct counter *last);

static inline uint64_t counter_ticks(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

/* `last`: the calling thread's. 0 where the clock must be looked at. */
static inline uint64_t counter_peek(const struct counter *last)
{
	uint64_t span = __atomic_load_n(&counter_span, __ATOMIC_ACQUIRE), ticks;

	if (!span || (ticks = counter_ticks() - last->ticks) >= span)
		return 0;
	return last->ns + (ticks * __atomic_load_n(&counter_rate, __ATOMIC_RELAXED) >> 32);
}

/* Where it must be, it is. */
static inline uint64_t counter_now(struct counter *last)
{
	uint64_t now = counter_peek(last);

	return now ? now : counter_look(last);
}

#endif /* GILTRACE_COUNTER_H */

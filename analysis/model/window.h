/*
 * The reorder window of one GIL: holds by number, from the first that has
 * arrived and is not settled yet. It grows up to a fixed size.
 */
#ifndef GILTRACE_MODEL_WINDOW_H
#define GILTRACE_MODEL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct thread;
struct open_wait;

/* A delay of the slowest event by as many holds is put right: 0.1 s at a million holds a second. */
#define WINDOW_HOLDS (UINT32_C(1) << 17)

enum slot_flags {
	SLOT_ACQUIRED = 1 << 0, /* has wait_ns, yield_ns */
	SLOT_RELEASED = 1 << 1, /* has held_ns, requested_ns, waiters; `at` is the end */
	SLOT_UNSEEN = 1 << 2,	/* released, but held_ns is not known */
};

/* What is known of one hold. */
struct slot {
	uint64_t at; /* the release, before it has arrived the acquire */
	uint64_t held_ns;
	uint64_t requested_ns;
	uint64_t wait_ns;
	uint64_t yield_ns;
	struct thread *thread;
	struct open_wait *open; /* the announcement of the wait; may be NULL */
	uint16_t waiters;
	uint8_t flags; /* 0: nothing has arrived */
};

/* All zero: empty. Otherwise the slot `first` has arrived, and so has `end` - 1. */
struct window {
	struct slot *slots;
	uint32_t mask;
	uint64_t first;
	uint64_t end;
};

static inline bool window_is_empty(const struct window *window)
{
	return window->first == window->end;
}

static inline struct slot *window_first(const struct window *window)
{
	return &window->slots[window->first & window->mask];
}

/* The slot of hold `number`, to be filled at once if it is free; NULL when the window cannot reach
 * it. */
struct slot *window_at(struct window *window, uint64_t number);

/* Frees the first slot and goes on to the next that has arrived. */
void window_pop(struct window *window);

void window_release(struct window *window);

#endif /* GILTRACE_MODEL_WINDOW_H */

/*
 * The reorder window of one GIL: holds by number, from the first that has
 * arrived and is not settled yet. It grows up to a fixed size, and takes no memory
 * for longer runs of numbers of which none has arrived.
 */
#ifndef GILTRACE_MODEL_WINDOW_H
#define GILTRACE_MODEL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread;
struct open_wait;

/*
 * A delay of the slowest event by as many holds is put right, 0.1 s at a million
 * holds a second,
 */
#define WINDOW_HOLDS (UINT32_C(1) << 17)
/* and by as many if most of them came in bursts, which are not kept in here. */
#define WINDOW_SPAN (UINT32_C(1) << 21)

/* Numbers that memory is taken for together. */
#define WINDOW_CHUNK UINT32_C(16)

enum slot_flags {
	SLOT_ACQUIRED = 1 << 0, /* has wait_ns, yield_ns, wait_site */
	SLOT_RELEASED = 1 << 1, /* has held_ns, requested_ns, waiters, site; `at` is the end */
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
	uint8_t flags;	    /* 0: nothing has arrived */
	uint32_t site;	    /* of the release */
	uint32_t wait_site; /* of the acquire */
};

struct chunk {
	struct slot slots[WINDOW_CHUNK]; /* those that have not arrived have no flags */
	struct chunk *next;		 /* spare */
};

/* All zero: empty. Otherwise the slot `first` has arrived, and so has `end` - 1. */
struct window {
	struct chunk **chunks; /* a ring; NULL where nothing has arrived */
	struct chunk *spare;
	uint32_t mask;
	uint32_t taken; /* chunks, spare ones with them */
	uint64_t first;
	uint64_t end;
};

static inline bool window_is_empty(const struct window *window)
{
	return window->first == window->end;
}

static inline struct slot *window_first(const struct window *window)
{
	return &window->chunks[window->first / WINDOW_CHUNK & window->mask]
			->slots[window->first % WINDOW_CHUNK];
}

/* What has arrived of hold `number`, which is within first and end; NULL: nothing has. */
static inline const struct slot *window_peek(const struct window *window, uint64_t number)
{
	const struct chunk *chunk = window->chunks[number / WINDOW_CHUNK & window->mask];
	const struct slot *slot = chunk ? &chunk->slots[number % WINDOW_CHUNK] : NULL;

	return slot && slot->flags ? slot : NULL;
}

/* The slot of hold `number`, to be filled at once if it is free; NULL when the window cannot reach
 * it, or is full. */
struct slot *window_at(struct window *window, uint64_t number);

/* Frees the first slot and goes on to the next that has arrived. */
void window_pop(struct window *window);

void window_release(struct window *window);

#endif /* GILTRACE_MODEL_WINDOW_H */

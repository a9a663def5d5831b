/*
 * The table of this process's GILs: found by the address of one of their parts
 * in constant time, whether it is there or not, without a lock. Storage is
 * static; a process without Python never touches it.
 */
#ifndef GILTRACE_GILS_H
#define GILTRACE_GILS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "batch.h"
#include "contract.h"
#include "layout.h"
#include "traits.h"

enum { GILS_BITS = 9, GILS_SLOTS = 1 << GILS_BITS, GILS_PROBES = 8, GILS_GIVEN_UP = 1 };

/* Of the hold that goes on. */
enum telling {
	TELLING_END,  /* its end is all that there is to tell of it */
	TELLING_WAIT, /* how long it was waited for is to be told with its end */
	TELLING_REST, /* it has an `acquire` event */
};

/* How long a hold was waited for, which is told when it ends. */
struct waited {
	uint64_t ns;
	uint32_t site;	   /* where its thread waited: a number that had been told to */
	uint32_t audience; /* these: see sites_audience */
	uint16_t waiters;  /* others, when it began */
};

/*
 * One GIL. Its state fields belong to whoever holds the GIL's mutex, but for
 * `waiters` (atomic) and `holder`, in which a thread may look for itself at any
 * time: only it can write its own id there. All that one hold needs is in one page,
 * its state in one line of the cache.
 */
struct gil {
	uintptr_t key;	 /* `cond` while the table has this GIL; 0 never, GILS_GIVEN_UP no more */
	uintptr_t cond;	 /* address of its cond; stays when the table gives the GIL up */
	uint8_t kind;	 /* enum interpreter_kind */
	uint8_t traits;	 /* enum trait */
	bool keeps;	 /* its short holds are kept back in `burst` */
	uint8_t telling; /* enum telling */
	unsigned generation; /* recording generation that the state below belongs to, or GIL_OFF */
	pid_t holder;	     /* tid, HOLDER_NONE or HOLDER_UNKNOWN */
	uint32_t waiters;
	uint64_t seq;
	uint64_t acquired_at;
	uint64_t released_at;  /* the last hold before that */
	uint64_t requested_at; /* first drop request of this hold, 0: none */
	struct burst burst;
	uint16_t id;
	uint32_t interval_us; /* as last told to the trace, 0: not known */
	struct waited waited; /* where that is to be told */
	uint64_t captured;    /* number of the last hold whose holder did not answer */
} __attribute__((aligned(2048)));

_Static_assert(offsetof(struct gil, burst) <= 64, "see above");

/*
 * Set in `generation` while the GIL is switched off: then the state belongs to no
 * recording in force, and the next call on it is looked at more closely, at no
 * cost to GILs that are on.
 */
#define GIL_OFF (1U << 31)

extern struct gil gils[GILS_SLOTS];

/* The key of each, close together for whoever looks for one. */
extern uintptr_t gils_keys[GILS_SLOTS];

/* Since when a GIL that can be switched is on; apart, because no other GIL needs it. */
extern uint64_t gils_on_since[GILS_SLOTS];

static inline uint64_t *gil_on_since(const struct gil *gil)
{
	return &gils_on_since[gil - gils];
}

static inline size_t gils_slot(uintptr_t cond)
{
	return (size_t)((cond >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - GILS_BITS));
}

static inline struct gil *gils_of_cond(const void *cond)
{
	uintptr_t key = (uintptr_t)cond;
	size_t slot = gils_slot(key);

	for (int probe = 0; probe < GILS_PROBES; probe++) {
		size_t at = (slot + probe) & (GILS_SLOTS - 1);
		uintptr_t found = __atomic_load_n(&gils_keys[at], __ATOMIC_ACQUIRE);

		if (found == key)
			return &gils[at];
		if (!found)
			return NULL;
	}
	return NULL;
}

/* The GIL in a slot of the table; NULL when there is none. */
static inline struct gil *gils_in(size_t slot)
{
	return __atomic_load_n(&gils_keys[slot], __ATOMIC_ACQUIRE) > GILS_GIVEN_UP ? &gils[slot]
										   : NULL;
}

static inline struct gil *gils_of_mutex(const void *mutex)
{
	return gils_of_cond((const char *)mutex - LAYOUT_MUTEX);
}

static inline struct gil *gils_of_switch_cond(const void *cond)
{
	return gils_of_cond((const char *)cond - LAYOUT_SWITCH_COND);
}

/* CPython's own words, as far as they can be relied on in this GIL. */
static inline bool gil_locked(const struct gil *gil)
{
	return !(gil->traits & TRAIT_OPAQUE) && layout_locked(gil->cond);
}

static inline uint32_t gil_interval_us(const struct gil *gil)
{
	unsigned long us = gil->traits & TRAIT_OPAQUE ? 0 : layout_interval_us(gil->cond);

	return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static inline enum gil_detail gil_detail(const struct gil *gil)
{
	return gil->traits & TRAIT_OPAQUE ? GIL_DETAIL_TIMES : GIL_DETAIL_FULL;
}

/*
 * Enters a new GIL whose cond is at `cond`; `first`: the first of a Python, that
 * of its main interpreter. NULL when there is no room near its place. This and
 * the next two are called by one thread at a time.
 */
struct gil *gils_add(void *cond, bool first, uint8_t traits);

/*
 * The GIL to give up when there is no room for `cond`. Nobody tells of the end of
 * a subinterpreter: one whose memory is gone or is something else now, otherwise
 * the one that was not used for longest. NULL when all are in use.
 */
struct gil *gils_idlest(const void *cond);

void gils_forget(struct gil *gil);

/* The GIL of the main interpreter, given up or not; NULL before there is one. */
const struct gil *gils_main(void);

/* After fork: the child's Python creates its GILs anew. */
void gils_clear(void);

#endif /* GILTRACE_GILS_H */

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

#include "contract.h"
#include "layout.h"

enum { GILS_BITS = 9, GILS_SLOTS = 1 << GILS_BITS, GILS_PROBES = 8, GILS_GIVEN_UP = 1 };

/*
 * One GIL. Its state fields belong to whoever holds the GIL's mutex, but for
 * `waiters` (atomic) and `holder`, in which a thread may look for itself at any
 * time: only it can write its own id there.
 */
struct gil {
	uintptr_t key;	/* `cond` while the table has this GIL; 0 never, GILS_GIVEN_UP no more */
	uintptr_t cond; /* address of its cond; stays when the table gives the GIL up */
	uint16_t id;
	uint8_t kind;	     /* enum interpreter_kind */
	bool announced;	     /* the open hold has an `acquire` event */
	unsigned generation; /* recording generation that the state below belongs to */
	pid_t holder;	     /* tid, HOLDER_NONE or HOLDER_UNKNOWN */
	uint32_t waiters;
	uint32_t interval_us; /* as last told to the trace */
	uint64_t seq;
	uint64_t acquired_at;
	uint64_t requested_at; /* first drop request of this hold, 0: none */
} __attribute__((aligned(64)));

extern struct gil gils[GILS_SLOTS];

static inline size_t gils_slot(uintptr_t cond)
{
	return (size_t)((cond >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - GILS_BITS));
}

static inline struct gil *gils_of_cond(const void *cond)
{
	uintptr_t key = (uintptr_t)cond;
	size_t slot = gils_slot(key);

	for (int probe = 0; probe < GILS_PROBES; probe++) {
		struct gil *gil = &gils[(slot + probe) & (GILS_SLOTS - 1)];
		uintptr_t found = __atomic_load_n(&gil->key, __ATOMIC_ACQUIRE);

		if (found == key)
			return gil;
		if (!found)
			return NULL;
	}
	return NULL;
}

static inline struct gil *gils_of_mutex(const void *mutex)
{
	return gils_of_cond((const char *)mutex - LAYOUT_MUTEX);
}

static inline struct gil *gils_of_switch_cond(const void *cond)
{
	return gils_of_cond((const char *)cond - LAYOUT_SWITCH_COND);
}

/*
 * Enters a new GIL whose cond is at `cond`. NULL when the table is full. Called
 * by one thread at a time.
 */
struct gil *gils_add(void *cond);

void gils_forget(struct gil *gil);

/* After fork: the child's Python creates its GILs anew. */
void gils_clear(void);

#endif /* GILTRACE_GILS_H */

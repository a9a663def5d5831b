/*
 * Where the parts of CPython's `struct _gil_runtime_state` lie, relative to its
 * `cond`. The order is that of every CPython from 3.7 to 3.15; the distances
 * follow from the sizes of glibc's types: a mutex takes 40 bytes on x86_64 and 48
 * on aarch64 (checked against real binaries on both).
 */
#ifndef GILTRACE_LAYOUT_H
#define GILTRACE_LAYOUT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LAYOUT_ENABLED = -40, /* free-threaded builds only */
	LAYOUT_INTERVAL = -32,
	LAYOUT_LAST_HOLDER = -24,
	LAYOUT_LOCKED = -16,
	LAYOUT_SWITCH_NUMBER = -8,
	LAYOUT_MUTEX = sizeof(pthread_cond_t),
	LAYOUT_SWITCH_COND = LAYOUT_MUTEX + sizeof(pthread_mutex_t),
	LAYOUT_SWITCH_MUTEX = LAYOUT_SWITCH_COND + sizeof(pthread_cond_t),
};

_Static_assert(sizeof(long) == 8 && sizeof(pthread_cond_t) == 48,
	"these distances are those of glibc on 64-bit machines");

/*
 * CPython's own words, valid to read while the GIL's mutex is held; `interval`
 * is also set without it, so it is read as the atomic word that it is.
 */
static inline int layout_locked_word(uintptr_t cond)
{
	return __atomic_load_n((const int *)(cond + LAYOUT_LOCKED), __ATOMIC_RELAXED);
}

static inline bool layout_locked(uintptr_t cond)
{
	return layout_locked_word(cond) != 0;
}

static inline unsigned long layout_switch_number(uintptr_t cond)
{
	return __atomic_load_n(
		(const unsigned long *)(cond + LAYOUT_SWITCH_NUMBER), __ATOMIC_RELAXED);
}

static inline unsigned long layout_interval_us(uintptr_t cond)
{
	return __atomic_load_n((const unsigned long *)(cond + LAYOUT_INTERVAL), __ATOMIC_RELAXED);
}

/* The thread state that took the GIL last. */
static inline uintptr_t layout_last_holder(uintptr_t cond)
{
	return __atomic_load_n((const uintptr_t *)(cond + LAYOUT_LAST_HOLDER), __ATOMIC_RELAXED);
}

/*
 * Of a free-threaded build only: 0 while the GIL is off. It is set without the
 * mutex, but switched off only by the thread that holds the GIL, which then
 * releases it.
 */
static inline int layout_enabled_word(uintptr_t cond)
{
	return __atomic_load_n((const int *)(cond + LAYOUT_ENABLED), __ATOMIC_RELAXED);
}

#endif /* GILTRACE_LAYOUT_H */

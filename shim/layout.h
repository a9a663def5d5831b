/*
 * Where the parts of CPython's `struct _gil_runtime_state` lie, relative to its
 * `cond`. The order is that of every CPython from 3.7 to 3.15; the distances
 * follow from the sizes of glibc's types (checked against real binaries on
 * x86_64).
 */
#ifndef GILTRACE_LAYOUT_H
#define GILTRACE_LAYOUT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LAYOUT_ENABLED = -40, /* free-threaded builds only */
	LAYOUT_INTERVAL = -32,
	LAYOUT_LOCKED = -16,
	LAYOUT_SWITCH_NUMBER = -8,
	LAYOUT_MUTEX = sizeof(pthread_cond_t),
	LAYOUT_SWITCH_COND = LAYOUT_MUTEX + sizeof(pthread_mutex_t),
	LAYOUT_SWITCH_MUTEX = LAYOUT_SWITCH_COND + sizeof(pthread_cond_t),
};

/*
 * CPython's own words, valid to read while the GIL's mutex is held; `interval`
 * is also set without it, so it is read as the atomic word that it is.
 */
static inline bool layout_locked(uintptr_t cond)
{
	return __atomic_load_n((const int *)(cond + LAYOUT_LOCKED), __ATOMIC_RELAXED) != 0;
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

/* Of a free-threaded build only; read without the mutex. */
static inline bool layout_enabled(uintptr_t cond)
{
	return __atomic_load_n((const int *)(cond + LAYOUT_ENABLED), __ATOMIC_RELAXED) != 0;
}

#endif /* GILTRACE_LAYOUT_H */

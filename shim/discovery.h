/*
 * Finds a GIL by the calls that create it.
 *
 * CPython's create_gil() initialises the mutex, the switch mutex, the cond and
 * the switch cond of one struct, in this order, on one thread. No other four
 * calls at these distances were seen in any program.
 *
 * PyPy initialises the stealer, then a mutex and right behind it its cond. Many
 * programs do the like: who made the call must tell (python.h).
 */
#ifndef GILTRACE_DISCOVERY_H
#define GILTRACE_DISCOVERY_H

#include <stdbool.h>
#include <stdint.h>

/* How far one thread has come in the sequence. Zero-initialised. */
struct discovery {
	uintptr_t mutex;
	uintptr_t before; /* the mutex initialised before `mutex`; 0: none, or not right before */
	unsigned step;
};

/* The parts of PyPy's GIL; its cond is behind the mutex. */
struct pypy_parts {
	uintptr_t stealer;
	uintptr_t mutex;
};

void discovery_mutex_init(struct discovery *discovery, const void *mutex);

/* True when `cond` completes the sequence; *gil_cond is then the address of the new GIL's cond. */
bool discovery_cond_init(struct discovery *discovery, const void *cond, void **gil_cond);

/* To be asked before discovery_cond_init: true when `cond` may complete PyPy's sequence. */
bool discovery_pypy(const struct discovery *discovery, const void *cond, struct pypy_parts *parts);

#endif /* GILTRACE_DISCOVERY_H */

/*
 * Finds a GIL by the calls that create it: create_gil() initialises the mutex,
 * the switch mutex, the cond and the switch cond of one struct, in this order,
 * on one thread. No other four calls at these distances were seen in any
 * program.
 */
#ifndef GILTRACE_DISCOVERY_H
#define GILTRACE_DISCOVERY_H

#include <stdbool.h>
#include <stdint.h>

/* How far one thread has come in the sequence. Zero-initialised. */
struct discovery {
	uintptr_t mutex;
	unsigned step;
};

void discovery_mutex_init(struct discovery *discovery, const void *mutex);

/* True when `cond` completes the sequence; *gil_cond is then the address of the new GIL's cond. */
bool discovery_cond_init(struct discovery *discovery, const void *cond, void **gil_cond);

#endif /* GILTRACE_DISCOVERY_H */

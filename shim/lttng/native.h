/*
 * Native stacks: the addresses of the calling thread's C frames, by libunwind,
 * and the modules (programs and libraries) that lie there. What an address is
 * called is looked up by the analysis, not here.
 */
#ifndef GILTRACE_NATIVE_H
#define GILTRACE_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "recorder.h"

/* First of all. `caller`: an address within the library that will call native_stack. */
void native_init(uintptr_t caller);

/*
 * Fills `addresses`, innermost first, with at most `limit` return addresses,
 * beginning behind our own frames; returns their number. Each of their modules
 * is written by `write` first, unless this `audience` was told of it. Keeps
 * errno. `write` is called with the loader's lock held.
 */
unsigned native_stack(uint64_t *addresses, unsigned limit, uint32_t audience,
	void (*write)(const struct module_record *));

/*
 * The same of thread `tid` of this process, which is interrupted with signal
 * `number` for it and goes on; the first address is of the instruction that it
 * was at. 0 when it did not answer; then `*reason` may say why none ever will (a
 * constant; else NULL).
 */
unsigned native_stack_of(int32_t tid, int number, uint64_t *addresses, unsigned limit,
	uint32_t audience, void (*write)(const struct module_record *), const char **reason);

/* libunwind's own locks must not be held by another thread while this one forks. */
void native_before_fork(void);
void native_after_fork(bool child);

#endif /* GILTRACE_NATIVE_H */

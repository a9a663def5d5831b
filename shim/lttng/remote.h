/* The native frames in a copy of another thread's stack, by libunwind. */
#ifndef GILTRACE_REMOTE_H
#define GILTRACE_REMOTE_H

#include <stdint.h>

#include "lttng/interrupt.h"

/*
 * Fills `addresses` with at most `limit`: first of the instruction that was next,
 * then of where each caller goes on. Returns their number.
 */
unsigned remote_unwind(const struct stack_copy *copy, uint64_t *addresses, unsigned limit);

#endif /* GILTRACE_REMOTE_H */

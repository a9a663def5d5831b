/* The native frames in a copy of a thread's stack, by libunwind. */
#ifndef GILTRACE_REMOTE_H
#define GILTRACE_REMOTE_H

#include <stdint.h>

#include "lttng/memo.h"

/*
 * Fills `memo`: with the addresses of the instruction that was next and of where each
 * caller goes on, and with all that was read of the copy for them.
 */
void remote_unwind(const struct stack_copy *copy, struct memo *memo);

/* A library was unloaded: its tables are not to be kept. */
void remote_forget(void);

#endif /* GILTRACE_REMOTE_H */

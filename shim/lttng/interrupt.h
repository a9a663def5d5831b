/*
 * Registers and stack of another thread, by a signal that the user names: its
 * handler copies both and the thread goes on. Off unless asked for, and only
 * where nobody else handles that signal.
 */
#ifndef GILTRACE_INTERRUPT_H
#define GILTRACE_INTERRUPT_H

#include <sys/types.h>

#include "lttng/copy.h"

/*
 * Interrupts thread `tid` of this process with signal `number` and waits for at
 * most a tenth of a second. NULL when it did not answer, or when `*reason` says why
 * nobody will ever be asked (a constant; else NULL). The copy is good until
 * the next call; one caller at a time.
 */
const struct stack_copy *interrupt_thread(pid_t tid, int number, const char **reason);

/* In the child of a fork(): nobody will answer there what was asked before. */
void interrupt_after_fork(void);

#endif /* GILTRACE_INTERRUPT_H */

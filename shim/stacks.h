/*
 * The stack that a thread keeps until it can be written: its own, taken where a
 * long hold or wait ends, or what it is to take of a holder that does not answer.
 */
#ifndef GILTRACE_STACKS_H
#define GILTRACE_STACKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "contract.h"
#include "frames.h"
#include "gils.h"

enum { STACK_FRAMES = 256 };

struct stack {
	bool claimed;
	enum stack_kind kind;
	const struct gil *gil;
	pid_t tid; /* whose stack it is */
	uint64_t at, seq;
	uintptr_t thread_state; /* of that thread */
	bool whole;
	unsigned count;
	struct position frames[STACK_FRAMES]; /* innermost first */
};

/*
 * Room for a stack until stacks_give_back; NULL when none is left. Not thread-local,
 * for which it is too large: a library that is loaded later has little room there.
 */
struct stack *stacks_claim(void);
void stacks_give_back(struct stack *stack);

/* After fork: the threads that had claimed some are gone. */
void stacks_after_fork_child(void);

/* Takes the calling thread's own frames. With the GIL's mutex held; see frames_readable. */
void stacks_take_own(struct stack *stack);

/*
 * Takes the frames of another thread, which runs meanwhile. Without the mutex.
 * False when it moved on: then they may be of different moments.
 */
bool stacks_take_foreign(struct stack *stack);

/* Whether that thread still has the same hold and is at the same instruction of Python. */
bool stacks_is_unmoved(const struct stack *stack);

#endif /* GILTRACE_STACKS_H */

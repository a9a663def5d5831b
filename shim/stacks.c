/* The stack that a thread keeps until it can be written; see stacks.h. */
#include "stacks.h"

#include <stddef.h>

/* So many threads at once are between the end of a long hold or wait and its event. */
enum { STACKS = 64 };

static struct stack stacks[STACKS];

struct stack *stacks_claim(void)
{
	for (int i = 0; i < STACKS; i++)
		if (!__atomic_exchange_n(&stacks[i].claimed, true, __ATOMIC_ACQUIRE))
			return &stacks[i];
	return NULL;
}

void stacks_give_back(struct stack *stack)
{
	__atomic_store_n(&stack->claimed, false, __ATOMIC_RELEASE);
}

void stacks_after_fork_child(void)
{
	for (int i = 0; i < STACKS; i++)
		stacks[i].claimed = false;
}

void stacks_take_own(struct stack *stack)
{
	stack->count = 0;
	stack->whole = false;
	if (frames_readable(stack->thread_state))
		stack->count = frames_stack(stack->thread_state, memory_read_own, stack->frames,
			STACK_FRAMES, &stack->whole);
}

bool stacks_is_unmoved(const struct stack *stack)
{
	struct position position;

	return __atomic_load_n(&stack->gil->seq, __ATOMIC_ACQUIRE) == stack->seq &&
	       frames_innermost(stack->thread_state, memory_read_foreign, &position) &&
	       position.code == stack->frames[0].code && position.instr == stack->frames[0].instr;
}

bool stacks_take_foreign(struct stack *stack)
{
	stack->count = 0;
	stack->whole = false;
	if (frames_missing())
		return false;
	stack->count = frames_stack(stack->thread_state, memory_read_foreign, stack->frames,
		STACK_FRAMES, &stack->whole);
	return stack->count > 0 && stacks_is_unmoved(stack);
}

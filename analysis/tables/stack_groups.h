/*
 * Stacks for people: those that differ only in where within the interpreter they
 * went on, or in the thread, are one group, and native frames that say nothing
 * about the program are left out.
 */
#ifndef GILTRACE_STACK_GROUPS_H
#define GILTRACE_STACK_GROUPS_H

#include "stats/report.h"

struct stack_group {
	enum stack_kind kind;
	const struct stack_report *example; /* that of the largest part; belongs to the report */
	size_t threads;
	uint64_t count;
	uint64_t known; /* as in struct stack_report */
	uint64_t total_ns;
	uint64_t max_ns;
};

struct stack_groups {
	struct stack_group *items; /* largest total first */
	size_t count;
};

void stack_groups_init(struct stack_groups *groups, const struct process_report *process,
	const struct gil_report *gil);
void stack_groups_release(struct stack_groups *groups);

/*
 * The innermost native frame that is not of the interpreter itself, -1 when
 * Python calls nothing else there: what an extension module, or a library that
 * one calls, was doing.
 */
int stack_foreign_frame(const struct process_report *process, const struct stack_report *stack);

/* Each returns a new clean string, to be freed with g_free(): "image.py:88 decode". */
char *label_python_frame(const struct python_frame *frame);

/* "libfoo.so:foo_decode (foo.c:12)", the line if it is known; "libfoo.so+0x1f30" when the function
 * is not. */
char *label_native_frame(const struct process_report *process, const struct native_frame *frame);

#endif /* GILTRACE_STACK_GROUPS_H */

/* How a program that was recorded ended. */
#ifndef GILTRACE_BASE_PROGRAM_END_H
#define GILTRACE_BASE_PROGRAM_END_H

#include <stdbool.h>

/* Zeroed: not known. */
struct program_end {
	bool known;
	int exit_status; /* when `signal` is 0 */
	int signal;	 /* that ended it; 0: none */
};

/* As a shell gives it; 0 also when it is not known. */
static inline int program_end_status(const struct program_end *end)
{
	return end->signal ? 128 + end->signal : end->exit_status;
}

#endif /* GILTRACE_BASE_PROGRAM_END_H */

/* What the user sets in the environment for the traced process. */
#ifndef GILTRACE_OPTIONS_H
#define GILTRACE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	bool sites; /* GILTRACE_SITES, default on: Python lines are looked up */
	bool burst; /* GILTRACE_BURST, default on: many short holds leave in one event */
	bool tsc;   /* GILTRACE_TSC, default on: times may be counted, see counter.h */
	/*
	 * GILTRACE_STACK_OVER, default 10ms: a hold or wait of at least this gets its
	 * stack. GILTRACE_UNANSWERED_OVER, default 20ms: so does a holder that leaves a
	 * drop request unanswered for this long. UINT64_MAX: none does (0 in the
	 * environment).
	 */
	uint64_t stack_over_ns;
	uint64_t unanswered_over_ns;
	/*
	 * GILTRACE_STACK_SIGNAL, default 0: with which signal to interrupt a holder that
	 * does not answer, for its native stack; 0: not at all.
	 */
	int stack_signal;
};

extern struct options options;

/* Once, when the process turns out to have a Python. */
void options_read(void);

/* "250us", "1ms", "2s", "5000ns" or a plain number of ns; `fallback` for NULL and for what is none.
 */
uint64_t options_duration_ns(const char *text, uint64_t fallback);

#endif /* GILTRACE_OPTIONS_H */

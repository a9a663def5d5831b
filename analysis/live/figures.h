/*
 * Live figures as data: what goes on, what went on in the window that has just passed,
 * and totals since the reading began; for the terminal and for OpenMetrics alike.
 *
 * The window of a GIL begins where the one before ended and ends at the last moment up to
 * which all is known: now, when somebody is known to hold it, else the last release. For an
 * uncontended acquisition is not in the trace before it is released: until then nobody
 * knows whether the GIL is free or held. Shares are parts of the window, so none of them is
 * an estimate. Nothing known at all, or events lost: NaN.
 *
 * Durations are nanoseconds; FIGURE_UNKNOWN (stats/report.h) and NaN are unknown.
 */
#ifndef GILTRACE_LIVE_FIGURES_H
#define GILTRACE_LIVE_FIGURES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "event.h"

enum live_state {
	LIVE_AWAY, /* neither of the others, as far as is known */
	LIVE_HOLDS,
	LIVE_WAITS,
	LIVE_UNKNOWN, /* no holds are known of this GIL */
};

struct live_thread {
	int32_t tid;
	char *name; /* "" when not known */
	enum live_state state;
	uint64_t since_ns; /* how long it has been holding or waiting */
	double held;	   /* share of the window */
	double waited;
	uint64_t longest_wait_ns; /* of those that ended in the window or go on, in full; 0: none */
	char *line; /* where it held most in the window, or waited if it did not hold; "" */

	/* Totals; what goes on is counted up to now. They never decrease. */
	uint64_t acquisitions;
	uint64_t waits;
	uint64_t held_ns; /* FIGURE_UNKNOWN: no holds are known */
	uint64_t wait_ns;
	uint64_t longest_ever_ns;
};

struct live_gil {
	unsigned index;
	enum interpreter_kind kind;
	enum gil_mode mode;
	uint64_t interval_us;	    /* 0 when not known */
	uint64_t window_ns;	    /* 0: nothing new is known */
	double held;		    /* share of the window in which it was held */
	double load;		    /* threads waiting on average */
	double requests;	    /* drop requests a second */
	bool lost;		    /* events of it, in the window */
	struct live_thread *holder; /* NULL: free or not known */
	uint64_t unknown_ns;	    /* without a holder and waiters: since when it is not known */
	/* Totals, with those of threads that are gone. They never decrease. */
	uint64_t held_ns; /* FIGURE_UNKNOWN: no holds are known */
	uint64_t wait_ns;
	uint64_t acquisitions;
	uint64_t waits;
	uint64_t drop_requests;

	GPtrArray *threads; /* struct live_thread *, those that live */
};

struct live_process {
	int32_t pid;
	char *command;	   /* "" when not known */
	char *interpreter; /* "CPython 3.11.2", "" when not known */
	enum gil_mode gil_mode;
	bool exited;
	GPtrArray *gils; /* struct live_gil *, those with threads */
};

struct live_figures {
	uint64_t now; /* raw clock value up to which everything has come; 0: nothing has */
	bool stalled; /* not more than at the look before */
	uint64_t missing_events; /* that should be there by the numbers of the others, total */
	GPtrArray *processes;	 /* struct live_process * */
};

struct live_figures *live_figures_new(void);
void live_figures_free(struct live_figures *figures);

struct live_process *live_figures_add_process(struct live_figures *figures);
struct live_gil *live_figures_add_gil(struct live_process *process);
struct live_thread *live_figures_add_thread(struct live_gil *gil);

#endif /* GILTRACE_LIVE_FIGURES_H */

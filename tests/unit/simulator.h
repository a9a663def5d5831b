/*
 * A GIL with random threads: what happened, and the events that a recorder
 * would have made of it, in the order in which they arrive: each thread's in
 * its own order, some of them very late.
 */
#ifndef GILTRACE_TESTS_UNIT_SIMULATOR_H
#define GILTRACE_TESTS_UNIT_SIMULATOR_H

#include <glib.h>

#include "event.h"

#define SIMULATED_PID 100
#define SIMULATED_REGION "region"
#define SIMULATED_EVERYWHERE "everywhere"
#define SIMULATED_BEGIN UINT64_C(1000000)

struct simulated_hold {
	int thread;
	uint64_t begin;
	uint64_t end;
	uint64_t requested_ns;
	unsigned waiters;
	uint64_t since; /* wait: [since, begin) */
	uint32_t site;
	bool wait_kept; /* it was waited for at `wait_site`, which is told with its end */
	uint32_t wait_site;
};

struct simulated_wait {
	int thread;
	uint64_t begin;
	uint64_t end;
	uint64_t yield_begin;
	uint64_t yield_end;
	bool ended;
	bool turn;
	uint32_t site;
};

struct simulated_request {
	int thread;
	int holder;
};

/* A thread was inside of the region SIMULATED_REGION, or all were of SIMULATED_EVERYWHERE. */
struct simulated_stay {
	int thread; /* -1: all */
	uint64_t begin;
	uint64_t end;
};

struct simulation_options {
	uint32_t seed;
	int threads; /* their tids are SIMULATED_PID + index */
	unsigned holds;
	bool starve;	  /* thread 0 waits nearly all the time */
	bool announce;	  /* every wait is announced, as if it slept */
	bool open_end;	  /* the last hold ends with the process */
	unsigned late_ns; /* one event in a hundred is up to so late */
	bool bursts;	  /* most holds, and waits not announced, are told several at a time */
	bool mark;	  /* threads enter and leave regions */
	unsigned sites;	  /* lines that the program has; 0: they are not known */
};

struct simulation {
	GArray *holds;	     /* struct simulated_hold, in order */
	GArray *waits;	     /* struct simulated_wait */
	GArray *requests;    /* struct simulated_request */
	GArray *stays;	     /* struct simulated_stay */
	GArray *all_stays;   /* the same of SIMULATED_EVERYWHERE */
	GArray *events;	     /* struct event, as they arrive */
	GPtrArray *words;    /* of those that are `cycles` */
	uint64_t *exited_at; /* of each thread, 0: never */
	uint64_t end;
};

/* Of the `sites` numbers, two at a time stand for the same line; the last one is never described.
 */
static inline int32_t simulated_line(uint32_t site, unsigned sites)
{
	return site == SITE_UNKNOWN || site == sites ? 0 : (int32_t)(10 + site / 2);
}

void simulate(struct simulation *simulation, const struct simulation_options *options);
void simulation_release(struct simulation *simulation);

#endif /* GILTRACE_TESTS_UNIT_SIMULATOR_H */

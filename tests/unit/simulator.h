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
#define SIMULATED_BEGIN UINT64_C(1000000)

struct simulated_hold {
	int thread;
	uint64_t begin;
	uint64_t end;
	uint64_t requested_ns;
	unsigned waiters;
	uint64_t since; /* wait: [since, begin) */
};

struct simulated_wait {
	int thread;
	uint64_t begin;
	uint64_t end;
	uint64_t yield_begin;
	uint64_t yield_end;
	bool ended;
	bool turn;
};

struct simulated_request {
	int thread;
	int holder;
};

struct simulation_options {
	uint32_t seed;
	int threads; /* their tids are SIMULATED_PID + index */
	unsigned holds;
	bool starve;      /* thread 0 waits nearly all the time */
	bool announce;    /* every wait is announced, as if it slept */
	bool open_end;    /* the last hold ends with the process */
	unsigned late_ns; /* one event in a hundred is up to so late */
};

struct simulation {
	GArray *holds;	     /* struct simulated_hold, in order */
	GArray *waits;	     /* struct simulated_wait */
	GArray *requests;    /* struct simulated_request */
	GArray *events;	     /* struct event, as they arrive */
	uint64_t *exited_at; /* of each thread, 0: never */
	uint64_t end;
};

void simulate(struct simulation *simulation, const struct simulation_options *options);
void simulation_release(struct simulation *simulation);

#endif /* GILTRACE_TESTS_UNIT_SIMULATOR_H */

/* The recorded command as a child process: start it, pass signals on, wait for its end. */
#ifndef GILTRACE_CHILD_H
#define GILTRACE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "record/signals.h"

struct child {
	pid_t pid;
	int wait_status;   /* as waitpid gives it, once it has ended */
	bool asked_to_end; /* a signal that asks for that was passed on, whatever it made of it */
};

struct child_threshold {
	bool given;
	uint64_t ns; /* 0: nothing reaches it */
};

/* How much is recorded of where in the program: what is not given stays as the environment says. */
struct child_detail {
	struct child_threshold stack_over;	/* GILTRACE_STACK_OVER */
	struct child_threshold unanswered_over; /* GILTRACE_UNANSWERED_OVER */
	bool no_sites;				/* GILTRACE_SITES=0 */
	bool no_burst;				/* GILTRACE_BURST=0 */
	int stack_signal;			/* GILTRACE_STACK_SIGNAL; 0: not given */
};

/* What the command gets on top of giltrace's own environment. Strings are borrowed. */
struct child_environment {
	const char *preload;	/* the whole LD_PRELOAD */
	const char *run;	/* GILTRACE_RUN */
	const char *lttng_home; /* LTTNG_HOME, NULL: left as it is */
	bool only_command;	/* GILTRACE_CHILDREN=0 */
	struct child_detail detail;
	const int *streams; /* standard input, output and error; NULL: giltrace's own */
};

/*
 * Starts file `path` with arguments `argv` in giltrace's process group, with the
 * signal mask and dispositions that giltrace was started with. `silent` sends
 * its output to /dev/null. Returns 0, or -errno of fork or exec.
 */
int child_start(struct child *child, const char *path, char **argv,
	const struct child_environment *environment, const struct signals *signals, bool silent,
	struct error *error);

/* Passes signals on for up to `timeout_ms`. Returns true when the command has ended. */
bool child_wait(struct child *child, const struct signals *signals, int timeout_ms);

/* The exit status that a shell would give: 0 - 255, 128 + number for a signal. */
int child_status(const struct child *child);

/* Number of the signal that ended it, or 0. */
int child_signal(const struct child *child);

#endif /* GILTRACE_CHILD_H */

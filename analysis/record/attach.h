/*
 * Recording of processes that run already: which, whether they can be recorded,
 * and when that is over.
 */
#ifndef GILTRACE_ATTACH_H
#define GILTRACE_ATTACH_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "record/daemon.h"
#include "record/signals.h"

/* What a user asks for. */
struct attach_options {
	const pid_t
		*pids; /* these, none of them: all preloaded processes, those to come included */
	size_t pid_count;
	bool descendants;     /* of `pids`, too: those there are and those to come */
	uint64_t duration_ns; /* 0: until a signal */
	/* Both to keep the user informed, may be NULL: `pid` is being waited for, which may take
	 * some seconds; recording has begun, of so many processes. */
	void (*waiting)(pid_t pid);
	void (*begun)(const struct attach_options *options, unsigned processes);
};

struct attach {
	const struct attach_options *options;
	GArray *family;	     /* pid_t: the named ones and, if wanted, their descendants now */
	GArray *expected;    /* pid_t: those of them that are preloaded Pythons */
	GArray *registered;  /* pid_t: those that the session daemon knows, set by attach_await */
	GArray *watched;     /* struct pollfd: signals, then the ends of the named processes */
	int interrupted;     /* the signal, after -EINTR */
	guint alive;	     /* named processes that have not ended */
	int64_t deadline_us; /* g_get_monotonic_time */
};

/*
 * Looks at the named processes. With one of another home, LTTNG_HOME is set to
 * that of the first, for daemon_join. Returns 0; -ESRCH, -EPERM or -ENOENT when
 * one of them cannot be recorded; attach_close in any case.
 */
int attach_open(struct attach *attach, const struct attach_options *options, struct error *error);

/*
 * With a daemon that answers: waits until it knows the expected processes, which
 * takes a moment when it has just started. Returns 0 when it knows all of them,
 * -ETIMEDOUT when some do not come (`registered` may be empty), -EINTR when a
 * signal asked to end, or -EIO.
 */
int attach_await(struct attach *attach, const struct daemon *daemon, struct error *error);

/* From here the duration counts. `signals` have been taken. Returns 0 or -errno. */
int attach_begin(struct attach *attach, const struct signals *signals, struct error *error);

/* Waits up to `timeout_ms`. True when the time is over, a signal asked to end, or all named
 * processes have ended. */
bool attach_over(struct attach *attach, const struct signals *signals, int timeout_ms);

/* Why a recording of all processes has nothing in it. Returns -ENODATA. */
int attach_explain_nothing(const struct daemon *daemon, struct error *error);

void attach_close(struct attach *attach);

#endif /* GILTRACE_ATTACH_H */

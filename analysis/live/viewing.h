/*
 * Looks at a live session again and again: at one of our own (record/live_source.h), or at
 * what a relay daemon somewhere has.
 */
#ifndef GILTRACE_LIVE_VIEWING_H
#define GILTRACE_LIVE_VIEWING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "live/figures.h"
#include "record/live_source.h"

/* What is known of the reading beside the figures. */
struct viewing_state {
	uint64_t lost_events; /* that LTTng could not record, since the figures begin */
	bool lost_unknown;    /* whole packets besides */
	unsigned restarts;    /* the connection broke off: the figures began anew */
	double stalled_s;     /* for how long nothing has come, though something should; 0 */
	bool fresh;	      /* the figures have not been shown yet */
	bool last;	      /* there will be no others */
};

struct viewing_options {
	struct live_options source;
	const char *url; /* of somebody else's session; NULL: one of our own is made */
	uint64_t delay_ns;
	bool to_the_end; /* totals are wanted: the last figures have all that came, however little
			    time has passed since the look before */
	/* Called when it is time; false: enough. */
	bool (*refresh)(
		const struct live_figures *figures, const struct viewing_state *state, void *user);
	/* Called often, to wait for `timeout_ms`, which is 0 while there is much to read; false:
	 * enough. */
	bool (*idle)(int timeout_ms, void *user);
	void *user;
};

enum viewing_end {
	VIEWING_ENOUGH, /* a callback said so */
	VIEWING_OVER,	/* the session, the command or all processes have ended */
	VIEWING_SIGNAL, /* one asked to end */
	VIEWING_BROKEN, /* the connection broke off for good */
};

struct viewing {
	enum viewing_end end;
	struct error reason; /* of VIEWING_BROKEN */
	struct live_source source;
};

/*
 * Views until one of the reasons to end. 0 when there was something to view, be it without any
 * figures; -EINTR, or the errors of live_source_open(), live_source_begin() and trace_open().
 * The command may still run: `signals` (taken) are passed on by live_source_over().
 * viewing_close in any case.
 */
int viewing_run(struct viewing *viewing, const struct viewing_options *options,
	const struct signals *signals, struct error *error);

/* Returns 0 or -errno. */
int viewing_close(
	struct viewing *viewing, const struct viewing_options *options, struct error *error);

#endif /* GILTRACE_LIVE_VIEWING_H */

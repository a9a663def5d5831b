/*
 * A live session of our own: session daemon, relay daemon, session, and a command or
 * processes that run already; and the clean-up on every way out.
 *
 * In this order, for a viewer that comes in between misses nothing and cannot fail for what
 * describes the events (record/primer.h): open, the viewer comes, begin, wait, end, the
 * viewer is told of the end, close.
 */
#ifndef GILTRACE_LIVE_SOURCE_H
#define GILTRACE_LIVE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "record/attach.h"
#include "record/child.h"
#include "record/relay.h"
#include "record/session.h"
#include "record/signals.h"
#include "selection.h"

struct live_options {
	const struct attach_options *attach; /* NULL: a command is started */
	const char *program;		     /* file to execute, as program_find found it */
	char **command;			     /* its arguments, [0] included, ending in NULL */
	bool only_command;		     /* not the processes that it starts */
	struct child_detail detail;
	const int *streams;    /* of the command; see child.h */
	uint64_t buffer_bytes; /* per CPU; 0: chosen */
};

struct live_source {
	const struct live_options *options;
	const struct signals *signals;
	char *url;		    /* for the viewer */
	struct selection selection; /* whose events are meant */
	bool ran;		    /* the command was started, or processes were attached to */
	bool ended;		    /* the command, or all named processes, have; then */
	int status;		    /* exit status as a shell has it; 0 of attached processes */
	int signal;		    /* that ended the command, 0: none did */
	int asked_to_end;	    /* a signal that came for giltrace, 0: none did */
	uint64_t lost_events;	    /* known from live_source_end() on */
	struct error warning;	    /* some processes cannot be looked at; "" when there is none */

	struct daemon daemon;
	bool joined;
	struct relay relay;
	struct session session;
	struct child child;
	struct attach attach;
	char *library;
	char run[17];
};

/*
 * Makes everything ready. `signals` have been taken. 0; -EINTR (`asked_to_end` is set), or
 * another -errno. live_source_close in any case.
 */
int live_source_open(struct live_source *source, const struct live_options *options,
	const struct signals *signals, struct error *error);

/* The viewer is there: starts the session and the command. -ENOEXEC when that cannot be executed.
 */
int live_source_begin(struct live_source *source, struct error *error);

/*
 * Waits up to `timeout_ms`, passing signals on to the command. True when that, or all named
 * processes, have ended, or attached ones are not to be looked at any more.
 */
bool live_source_over(struct live_source *source, int timeout_ms);

/* Ends the session, whatever goes on in it: the viewer gets what is left of it. Returns 0 or
 * -errno. */
int live_source_end(struct live_source *source, struct error *error);

/* Ends what is left, daemons included. The command, should it still run, goes on. */
int live_source_close(struct live_source *source, struct error *error);

#endif /* GILTRACE_LIVE_SOURCE_H */

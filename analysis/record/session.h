/*
 * One LTTng session that records the events giltrace:* into a folder, or for viewers, through
 * liblttng-ctl and a session daemon that answers (record/daemon.h). Events that
 * find the buffers full are discarded and counted; the traced program never waits.
 */
#ifndef GILTRACE_SESSION_H
#define GILTRACE_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "record/buffers.h"

/* Sessions of giltrace are named giltrace-PID-RANDOM, PID being the recording process. */
#define SESSION_PREFIX "giltrace-"

struct session {
	char name[64];
	struct lttng_handle *handle;
	bool running;
};

struct session_loss {
	uint64_t events;  /* discarded, buffers full */
	uint64_t packets; /* overwritten or not written */
};

/*
 * Creates and starts a session that writes below `folder` (absolute), of the
 * processes `only` (pid_t), without what they fork, or, NULL, of all that there
 * are and that will be. On failure nothing is left of it.
 */
int session_start(struct session *session, const char *folder, const struct buffers *buffers,
	const GArray *only, struct error *error);

/*
 * The same for viewers, by way of a relay daemon at `output` ("net://HOST:PORT:PORT"), to
 * which data goes every SESSION_LIVE_US microseconds, of all processes, and not started yet.
 * What the relay daemon keeps of it is bounded.
 */
int session_prepare_live(struct session *session, const char *output, const struct buffers *buffers,
	struct error *error);

#define SESSION_LIVE_US 200000

/* From here on only of the processes `only` (pid_t), without what they fork. */
int session_restrict(struct session *session, const GArray *only, struct error *error);

/* Starts tracing, or starts it again. */
int session_resume(struct session *session, struct error *error);

/* Has all traced processes say again what they are. */
int session_retell(struct session *session, struct error *error);

/* Ends tracing; what is in the buffers is still to be written. */
int session_stop(struct session *session, struct error *error);

/* Ends tracing for a while, and returns when everything is written. */
int session_pause(struct session *session, struct error *error);

/*
 * Stops when still running, waits until everything is written and destroys the
 * session. `give_up` (may be NULL) is asked from time to time whether to stop
 * waiting. Returns 0, -EINTR when given up, or another -errno; whatever it
 * returns, the session is released. `loss` is zero where it could not be asked.
 */
int session_finish(struct session *session, int (*give_up)(void), struct session_loss *loss,
	struct error *error);

/* The same without waiting for what is still to be written: viewers get that, and then the end. */
int session_let_go(struct session *session, struct session_loss *loss, struct error *error);

/*
 * Destroys sessions whose recording process is gone without having done so.
 * Returns the number of sessions left that this user can see, whosever they are, or -1.
 */
int session_sweep(void);

#endif /* GILTRACE_SESSION_H */

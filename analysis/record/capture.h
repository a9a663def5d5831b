/*
 * One recording from beginning to end: session daemon, session, command or
 * processes that run already, and
 * the clean-up on every way out. Nothing of it is left behind but the folder.
 */
#ifndef GILTRACE_CAPTURE_H
#define GILTRACE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/attach.h"
#include "record/child.h"
#include "record/folder.h"
#include "record/signals.h"

struct capture_options {
	const struct attach_options *attach; /* NULL: a command is started */
	const char *program;		     /* file to execute, as program_find found it */
	char **command;			     /* its arguments, [0] included, ending in NULL */
	const char *folder;		     /* where to; NULL: a temporary folder */
	bool replace;			     /* an earlier recording there */
	bool only_command;		     /* not the processes that it starts */
	bool silent;			     /* its output goes to /dev/null */
	uint64_t buffer_bytes;		     /* per CPU; 0: chosen */
	bool shared_buffers;		     /* by all processes; see buffers.h */
	struct child_detail detail;	     /* of the command */
};

enum { CAPTURE_WARNINGS = 8 };

struct capture {
	/* Path NULL when nothing was recorded. A temporary one is removed by the caller. */
	struct folder folder;
	/* Id of this recording, in the trace's process events; "" of attached processes. */
	char run[17];
	/* Something was recorded; if not, nothing is left of the recording. */
	bool ran;
	/* Exit status of the command, 128 + n for a signal; also when stopped before it ran. 0 of
	 * attached processes. */
	int status;
	/* A signal asked for an end while the command ran: it was passed on. */
	bool asked_to_end;
	/* What makes the trace doubtful, or was left behind. */
	struct error warnings[CAPTURE_WARNINGS];
	size_t warning_count;
};

/*
 * Runs the command, or attaches to processes, under a session; `signals` have
 * been taken, and stay so. Returns 0 when it ran, whatever came of it, -EINTR
 * (`status` is set) when a signal asked giltrace to end before it was started,
 * -ENOEXEC when it could not be executed, or another -errno.
 * capture_release in any case.
 */
int capture_run(struct capture *capture, const struct capture_options *options,
	const struct signals *signals, struct error *error);

void capture_release(struct capture *capture);

#endif /* GILTRACE_CAPTURE_H */

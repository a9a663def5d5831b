/* The options of top and metrics that say what is looked at, and how often. */
#ifndef GILTRACE_LIVE_OPTIONS_H
#define GILTRACE_LIVE_OPTIONS_H

#include <argp.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "live/viewing.h"

struct live_request {
	struct viewing_options viewing; /* `url`, `delay_ns` and `source` are set here */
	uint64_t iterations;		/* 0: until the end */

	GArray *pids; /* pid_t; NULL: none named */
	struct attach_options attach;
	struct signals signals; /* taken by live_request_take */
	char *program;
};

/*
 * Parses the command line with the options of the command itself, `own` (without
 * children and `args_doc`), and with those here: `own`'s parser gives them
 * `request`, zeroed, as child_inputs[0] and finds `input` in state->input. Returns
 * as options_parse(); live_request_release when true.
 */
bool live_request_parse(struct live_request *request, const struct argp *own, int argc, char **argv,
	void *input, int *status);

/*
 * Finds the command's program, if there is a command, and takes the signals, unless a session of
 * somebody else is looked at. False, after saying why, with the exit status in `*status`.
 * live_request_release in any case.
 */
bool live_request_take(struct live_request *request, int *status);

/* Whether there is a command, whose exit status is to be passed on. */
bool live_request_has_command(const struct live_request *request);

/* The exit status after viewing_run() returned `code`. */
int live_request_status(int code, const struct viewing *viewing);

void live_request_release(struct live_request *request);

#endif /* GILTRACE_LIVE_OPTIONS_H */

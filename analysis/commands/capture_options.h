/* The options that run and record share, and what both do with a recording. */
#ifndef GILTRACE_CAPTURE_OPTIONS_H
#define GILTRACE_CAPTURE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "record/capture.h"

struct capture_request {
	struct capture_options options; /* `program` owned here */
	struct signals signals;		/* taken by capture_request_run */
	bool quiet;
	bool optional; /* whether a command has to be there is for the parent to say */
};

/* To be the child of a command's argp; its input is a struct capture_request, zeroed. */
extern const struct argp capture_argp;

/*
 * Finds the command's program and records it, or records the processes of
 * options.attach. Prints errors and warnings.
 * Returns true when something was recorded, `*status` being the command's exit status; when not,
 * `*status` is giltrace's. Signals stay taken until capture_request_release, which
 * is to follow in any case, as is capture_release.
 */
bool capture_request_run(struct capture_request *request, struct capture *capture, int *status);

void capture_request_release(struct capture_request *request);

#endif /* GILTRACE_CAPTURE_OPTIONS_H */

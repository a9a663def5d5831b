/* The options of record for processes that run already. */
#ifndef GILTRACE_ATTACH_OPTIONS_H
#define GILTRACE_ATTACH_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "commands/capture_options.h"

struct attach_request {
	bool wanted;  /* --attach */
	GArray *pids; /* pid_t; NULL: none named */
	struct attach_options options;
	struct capture_request
		*capture; /* set by the caller; gets options.attach when --attach is complete */
};

/* To be the child of record's argp, before that of the capture options; its input is a struct
 * attach_request. */
extern const struct argp attach_argp;

/* "123", "123,456": adds to `pids`. False when a part of it is no process number. */
bool attach_parse_pids(const char *text, GArray *pids);

/* What the recording folder is to be named after; caller frees with g_strfreev. */
char **attach_command(const struct attach_request *request);

void attach_request_release(struct attach_request *request);

#endif /* GILTRACE_ATTACH_OPTIONS_H */

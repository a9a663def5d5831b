/* A file that is written as a whole or not at all. */
#ifndef GILTRACE_COMMANDS_OUTPUT_H
#define GILTRACE_COMMANDS_OUTPUT_H

#include <stdio.h>

#include "base/error.h"

struct output {
	FILE *stream;
	char *path;
	char *fresh; /* written to first, then renamed; NULL when `path` is a device or pipe */
};

/*
 * Opens `path` for writing to `stream`. What is there stays until
 * output_finish(); a device or pipe is written to at once. Returns 0 or -errno.
 */
int output_open(struct output *output, const char *path, struct error *error);

/* Puts what was written in place and releases the output. Returns 0 or -errno. */
int output_finish(struct output *output, struct error *error);

/* Releases the output; what was there before is still there. */
void output_discard(struct output *output);

#endif /* GILTRACE_COMMANDS_OUTPUT_H */

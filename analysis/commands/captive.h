/* What a command prints while the screen is in use: kept in a file, and shown afterwards. */
#ifndef GILTRACE_COMMANDS_CAPTIVE_H
#define GILTRACE_COMMANDS_CAPTIVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct captive {
	int streams[3]; /* for the command; see record/child.h */
	int null;	/* these two -1: not open */
	int file;
	bool named;  /* by the user, who looks there */
	off_t shown; /* bytes */
};

/*
 * Of the command's standard streams those that are terminals are replaced: input by nothing,
 * output by a file without a name, or `path`, which then gets both kinds of output wherever
 * they go. 0 or -errno; captive_close in any case.
 */
int captive_open(struct captive *captive, const char *path, struct error *error);

/* Prints what has come since. */
void captive_show(struct captive *captive);

void captive_close(struct captive *captive);

#endif /* GILTRACE_COMMANDS_CAPTIVE_H */

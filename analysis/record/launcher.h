/*
 * What a command really starts: followed from the file it names through #!
 * lines, env and pyenv's shims to the executable at the end, without running it.
 */
#ifndef GILTRACE_LAUNCHER_H
#define GILTRACE_LAUNCHER_H

#include "base/error.h"

enum { LAUNCHER_STEPS = 8 };

/* How the following ended. */
enum launcher_end {
	LAUNCHER_EXECUTABLE, /* the last step is an ELF file */
	LAUNCHER_SCRIPT,     /* the last step is a script of another language; what it starts only
				running it shows */
	LAUNCHER_UNKNOWN,    /* the last step is neither, or could not be read */
};

struct launcher {
	char *steps[LAUNCHER_STEPS]; /* files, the command's own first */
	int count;
	enum launcher_end end;
	char *interpreter; /* of LAUNCHER_SCRIPT, else NULL */
};

/* Follows `command` (argv). Returns 0, or as program_find for a step that is not there.
 * launcher_release in any case. */
int launcher_follow(struct launcher *launcher, char *const *command, struct error *error);

void launcher_release(struct launcher *launcher);

#endif /* GILTRACE_LAUNCHER_H */

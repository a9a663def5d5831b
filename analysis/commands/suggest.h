/* giltrace check --suggest: rules that hold for a program as it is. */
#ifndef GILTRACE_COMMANDS_SUGGEST_H
#define GILTRACE_COMMANDS_SUGGEST_H

#include "base/error.h"
#include "commands/capture_options.h"

struct suggest_request {
	struct capture_request *capture; /* with a command; NULL: the paths are looked at */
	const GPtrArray *paths;		 /* const char * */
	unsigned repeat;		 /* 0: chosen */
	const char *file;		 /* NULL: standard output */
};

/*
 * Looks at runs of the command, half of them while other processes keep every CPU
 * busy, or at what was recorded, and writes a configuration with the rules that are
 * stable. 0, or negative errno: -ENODATA when nothing can be said from the runs, or
 * no figure is stable.
 */
int suggest_rules(const struct suggest_request *request, struct error *error);

#endif /* GILTRACE_COMMANDS_SUGGEST_H */

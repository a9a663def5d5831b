/* What giltrace check does once it knows what is wanted: gathers runs, judges and writes. */
#ifndef GILTRACE_COMMANDS_CHECK_WORK_H
#define GILTRACE_COMMANDS_CHECK_WORK_H

#include <stdbool.h>

#include <glib.h>

#include "commands/capture_options.h"
#include "commands/gate_output.h"

/* Without --config. */
#define CHECK_CONFIG "giltrace.toml"

struct check_request {
	struct capture_request capture;
	struct gate_output output;
	GPtrArray *paths; /* const char *: what to judge instead of a command */
	const char *config;
	const char *baseline;
	unsigned repeat; /* 0: not given */
	bool update;
	bool any_machine;
	bool suggest;
	const char *suggest_file; /* NULL: standard output */
};

/*
 * Judges the command, or what is at the paths, and writes what is found; `*status` is what
 * giltrace is to end with. 0, or a negative errno and `error`.
 */
int check_work(struct check_request *request, int *status, struct error *error);

#endif /* GILTRACE_COMMANDS_CHECK_WORK_H */

/* Options of a sub-command: argp without its exits, and with a --help whose output is checked. */
#ifndef GILTRACE_OPTIONS_H
#define GILTRACE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

/*
 * Parses the command line with `argp`, to which --help and --usage are added;
 * `input` is what its parser finds in state->input. Options end at the first
 * argument. Returns true when the command can go on. When not, help was printed
 * to stdout (`*status` 0), or what is wrong to stderr (`*status` = `trouble`).
 */
bool options_parse(
	const struct argp *argp, int argc, char **argv, void *input, int trouble, int *status);

/* The same, but options may stand behind arguments. */
bool options_parse_any(
	const struct argp *argp, int argc, char **argv, void *input, int trouble, int *status);

#endif /* GILTRACE_OPTIONS_H */

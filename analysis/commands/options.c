/* Options of a sub-command; see options.h. */
#include "commands/options.h"

#include <errno.h>
#include <stdio.h>

#include "commands/commands.h"

enum { KEY_USAGE = 0x1000 };

static const struct argp_option help_options[] = {
	{"help", 'h', NULL, 0, "print this help", -1},
	{"usage", KEY_USAGE, NULL, 0, "print a short usage message", -1},
	{0},
};

struct request {
	void *input;
	unsigned help; /* ARGP_HELP_ flags, 0: none asked for */
};

static error_t parse_help(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = request->input;
		return 0;
	case 'h':
		request->help = ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK;
		return ECANCELED;
	case KEY_USAGE:
		request->help = ARGP_HELP_USAGE;
		return ECANCELED;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input,
	int trouble, int *status)
{
	const struct argp_child children[] = {{argp, 0, NULL, 0}, {0}};
	const struct argp whole = {
		.options = help_options, .parser = parse_help, .children = children};
	struct request request = {.input = input};

	if (argp_parse(&whole, argc, argv, flags | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &request) ==
		0)
		return true;
	*status = trouble;
	if (request.help) {
		argp_help(&whole, stdout, request.help, argv[0]);
		*status = STATUS_OK;
	}
	return false;
}

bool options_parse(
	const struct argp *argp, int argc, char **argv, void *input, int trouble, int *status)
{
	return parse(argp, argc, argv, ARGP_IN_ORDER, input, trouble, status);
}

bool options_parse_any(
	const struct argp *argp, int argc, char **argv, void *input, int trouble, int *status)
{
	return parse(argp, argc, argv, 0, input, trouble, status);
}

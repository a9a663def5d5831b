/* giltrace check: judges runs of a program by rules, recorded now or before: its command line. */
#include <errno.h>
#include <string.h>

#include "commands/check_work.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/suggest.h"

enum { REPEAT_MOST = 1000 };

enum {
	KEY_FORMAT = 0x4000,
	KEY_BASELINE,
	KEY_UPDATE,
	KEY_ANY_MACHINE,
	KEY_SUGGEST,
};

static const char doc[] =
	"Runs COMMAND, records who holds Python's GIL and who waits for it, and judges that by "
	"the rules of a configuration; or judges traces and JSON reports that exist."
	"\v"
	"The rules are in giltrace.toml, or where --config says; giltrace-check(1) explains "
	"them.\n\n"
	"Exit status: 0 when all limits are kept; 1 when one is not; 2 when nobody can tell: "
	"COMMAND failed, events were lost, there is no GIL, or the configuration is wrong.";

static const struct argp_option option_list[] = {
	{"config", 'c', "FILE", 0, "rules and settings; giltrace.toml by default", 0},
	{"repeat", 'n', "N", 0, "run COMMAND so many times; the median counts", 0},
	{"baseline", KEY_BASELINE, "FILE", 0,
		"the figures to compare with; giltrace-baseline.json by default", 0},
	{"update-baseline", KEY_UPDATE, NULL, 0, "write the baseline from this", 0},
	{"any-machine", KEY_ANY_MACHINE, NULL, 0, "the baseline may be from another machine", 0},
	{"suggest", KEY_SUGGEST, "FILE", OPTION_ARG_OPTIONAL,
		"propose rules that COMMAND keeps as it is, instead of judging it", 0},
	{"format", KEY_FORMAT, "FORMAT[:FILE]", 0,
		"text, json, junit, markdown, github or gitlab; may be given several times", 0},
	{0},
};

static error_t take_repeat(
	struct check_request *request, const char *text, struct argp_state *state)
{
	char *end;
	guint64 number = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;

	if (number < 1 || number > REPEAT_MOST || *end) {
		argp_error(state, "'%s' is not a number of runs from 1 to %d", text, REPEAT_MOST);
		return EINVAL;
	}
	request->repeat = (unsigned)number;
	return 0;
}

static error_t check_request(const struct check_request *request, struct argp_state *state)
{
	if (!request->capture.options.command && request->paths->len == 0)
		argp_error(state,
			"what is to be judged? a command: %s -- python3 program.py; or "
			"a trace",
			state->name);
	else if (!request->capture.options.command && request->repeat)
		argp_error(state, "traces cannot be repeated; --repeat goes with a command");
	else if (!request->capture.options.command && request->capture.options.folder)
		argp_error(state, "--output says where a command is recorded, and there is none");
	else if (request->suggest && (request->update || request->output.wanted))
		argp_error(
			state, "--suggest judges nothing, so there is nothing to write but rules");
	else
		return 0;
	return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct check_request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->capture;
		return 0;
	case 'c':
		request->config = argument;
		return 0;
	case 'n':
		return take_repeat(request, argument, state);
	case KEY_BASELINE:
		request->baseline = argument;
		return 0;
	case KEY_UPDATE:
		request->update = true;
		return 0;
	case KEY_ANY_MACHINE:
		request->any_machine = true;
		return 0;
	case KEY_SUGGEST:
		request->suggest = true;
		request->suggest_file = argument;
		return 0;
	case KEY_FORMAT:
		return gate_output_add(&request->output, argument, state);
	case ARGP_KEY_ARG:
		if (request->capture.options.command) {
			argp_error(state, "'%s' stands before --: a command or traces, not both",
				argument);
			return EINVAL;
		}
		g_ptr_array_add(request->paths, argument);
		return 0;
	case ARGP_KEY_END:
		return check_request(request, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int propose(struct check_request *request, int *status, struct error *error)
{
	const struct suggest_request wanted = {
		.capture = request->capture.options.command ? &request->capture : NULL,
		.paths = request->paths,
		.repeat = request->repeat,
		.file = request->suggest_file,
	};

	*status = STATUS_OK;
	return suggest_rules(&wanted, error);
}

/* Cuts the command off the arguments, so that options may stand anywhere before it. */
static int split_command(struct check_request *request, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		if (i + 1 < argc)
			request->capture.options.command = argv + i + 1;
		return i;
	}
	return argc;
}

int command_check(int argc, char **argv)
{
	const struct argp_child children[] = {{&capture_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {.options = option_list,
		.parser = parse,
		.args_doc = "-- COMMAND [ARGUMENT...]\nTRACE...",
		.doc = doc,
		.children = children};
	struct check_request request = {.paths = g_ptr_array_new(), .output = {0}};
	struct error error;
	int status = STATUS_TROUBLE;
	int own = split_command(&request, argc, argv);
	int code = 0;

	request.capture.optional = true;
	request.output.to_stderr = request.capture.options.command;
	if (options_parse_any(&argp, own, argv, &request, STATUS_TROUBLE, &status))
		code = request.suggest ? propose(&request, &status, &error)
				       : check_work(&request, &status, &error);
	if (code < 0) {
		error_print(&error);
		status = STATUS_TROUBLE;
	}
	gate_output_release(&request.output);
	g_ptr_array_unref(request.paths);
	return status;
}

/* The options that run and record share; see capture_options.h. */
#include "commands/capture_options.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "commands/commands.h"
#include "record/program.h"

enum {
	KEY_NO_BURST = 0x2000,
	KEY_NO_CHILDREN,
	KEY_NO_SITES,
	KEY_SHARED_BUFFERS,
	KEY_STACK_OVER,
	KEY_STACK_SIGNAL,
	KEY_UNANSWERED_OVER
};

static const uint64_t least_buffer = UINT64_C(256) << 10;
static const uint64_t most_buffer = UINT64_C(16) << 30;

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0, "record into folder DIR", 0},
	{"force", 'f', NULL, 0, "replace an earlier recording in DIR", 0},
	{"buffer-size", 'b', "SIZE", 0, "ring buffer of each CPU, for example 16M", 0},
	{"no-burst", KEY_NO_BURST, NULL, 0,
		"write an event for each hold, not one for many short ones: three times the cost, "
		"twelve times the space",
		0},
	{"no-children", KEY_NO_CHILDREN, NULL, 0, "leave out the processes that COMMAND starts", 0},
	{"no-sites", KEY_NO_SITES, NULL, 0, "leave out the Python lines and stacks", 0},
	{"shared-buffers", KEY_SHARED_BUFFERS, NULL, 0,
		"one ring buffer for all processes: they begin faster, but one that is killed can "
		"cost the others their events",
		0},
	{"stack-over", KEY_STACK_OVER, "TIME", 0,
		"record the stack of a hold or wait from this length on, such as 500us, 10ms; "
		"0: of none",
		0},
	{"stack-signal", KEY_STACK_SIGNAL, "SIGNAL", 0,
		"interrupt such a holder with SIGNAL, such as URG or 23, for its native stack", 0},
	{"unanswered-over", KEY_UNANSWERED_OVER, "TIME", 0,
		"record where the holder is that leaves a drop request unanswered for so long; "
		"0: never",
		0},
	{"quiet", 'q', NULL, 0, "say nothing but errors and warnings", 0},
	{0},
};

/* "262144", "256k", "64M", "1GiB"; 0 when it is none or out of range. */
static uint64_t parse_size(const char *text)
{
	static const char units[] = "kmg";
	const char *unit;
	char *end;
	uint64_t size;
	int shift = 0;

	if (!g_ascii_isdigit(text[0]))
		return 0;
	size = g_ascii_strtoull(text, &end, 10);
	if (*end) {
		unit = strchr(units, g_ascii_tolower(*end));
		if (!unit || (end[1] && g_ascii_strcasecmp(end + 1, "b") &&
				     g_ascii_strcasecmp(end + 1, "ib")))
			return 0;
		shift = 10 * (int)(unit - units + 1);
	}
	if (size > most_buffer >> shift)
		return 0;
	size <<= shift;
	return size < least_buffer ? 0 : size;
}

/* "URG", "SIGURG", "23"; 0 when it is none. */
static int parse_signal(const char *text)
{
	const char *name = g_ascii_strncasecmp(text, "sig", 3) == 0 ? text + 3 : text;
	char *end;
	guint64 number;

	if (g_ascii_isdigit(*text)) {
		number = g_ascii_strtoull(text, &end, 10);
		return *end || number > (guint64)SIGRTMAX ? 0 : (int)number;
	}
	for (int i = 1; i < NSIG; i++)
		if (sigabbrev_np(i) && g_ascii_strcasecmp(sigabbrev_np(i), name) == 0)
			return i;
	return 0;
}

static error_t set_threshold(
	struct child_threshold *threshold, const char *argument, struct argp_state *state)
{
	threshold->given = duration_parse_threshold(argument, &threshold->ns);
	if (threshold->given)
		return 0;
	argp_error(state, "'%s' is no duration; such are 0, 500us, 10ms and 1s", argument);
	return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct capture_request *request = state->input;

	switch (key) {
	case 'o':
		if (!*argument) {
			argp_error(state, "the folder of --output has no name");
			return EINVAL;
		}
		request->options.folder = argument;
		return 0;
	case 'f':
		request->options.replace = true;
		return 0;
	case 'b':
		request->options.buffer_bytes = parse_size(argument);
		if (request->options.buffer_bytes)
			return 0;
		argp_error(state, "'%s' is not a size from 256k to 16G", argument);
		return EINVAL;
	case KEY_SHARED_BUFFERS:
		request->options.shared_buffers = true;
		return 0;
	case KEY_NO_BURST:
		request->options.detail.no_burst = true;
		return 0;
	case KEY_NO_CHILDREN:
		request->options.only_command = true;
		return 0;
	case KEY_NO_SITES:
		request->options.detail.no_sites = true;
		return 0;
	case KEY_STACK_OVER:
		return set_threshold(&request->options.detail.stack_over, argument, state);
	case KEY_STACK_SIGNAL:
		request->options.detail.stack_signal = parse_signal(argument);
		if (request->options.detail.stack_signal)
			return 0;
		argp_error(state, "'%s' is no signal; such are URG and 23", argument);
		return EINVAL;
	case KEY_UNANSWERED_OVER:
		return set_threshold(&request->options.detail.unanswered_over, argument, state);
	case 'q':
		request->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		request->options.command = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (request->options.attach || request->optional)
			return 0;
		argp_error(
			state, "which command? for example: %s -- python3 program.py", state->name);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp capture_argp = {.options = options, .parser = parse};

static int status_of(int code, const struct capture *capture)
{
	switch (code) {
	case -ENOEXEC:
		return STATUS_NOT_EXECUTABLE;
	case -EINTR:
		return capture->status;
	default:
		return STATUS_RECORD_TROUBLE;
	}
}

/* Looked for first: a command that is not there shall not cost a session. */
static bool find_program(struct capture_request *request, int *status)
{
	struct error error;
	char *program;
	int code = program_find(request->options.command[0], &program, &error);

	if (code < 0) {
		error_print(&error);
		*status = code == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
		return false;
	}
	request->options.program = program;
	return true;
}

bool capture_request_run(struct capture_request *request, struct capture *capture, int *status)
{
	struct error error;
	int code;

	memset(capture, 0, sizeof(*capture));
	signals_take(&request->signals);
	if (!request->options.attach && !find_program(request, status))
		return false;
	code = capture_run(capture, &request->options, &request->signals, &error);
	for (size_t i = 0; i < capture->warning_count; i++)
		error_print(&capture->warnings[i]);
	if (code < 0)
		error_print(&error);
	*status = code < 0 ? status_of(code, capture) : capture->status;
	return code == 0;
}

void capture_request_release(struct capture_request *request)
{
	signals_give_back(&request->signals, true);
	g_free((char *)request->options.program);
	request->options.program = NULL;
}

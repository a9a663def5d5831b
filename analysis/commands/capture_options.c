/* The options that run and record share; see capture_options.h. */
#include "commands/capture_options.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "record/program.h"

enum { KEY_NO_CHILDREN = 0x2000 };

static const uint64_t least_buffer = UINT64_C(256) << 10;
static const uint64_t most_buffer = UINT64_C(16) << 30;

static const struct argp_option options[] = {
	{"output", 'o', "DIR", 0, "record into folder DIR", 0},
	{"force", 'f', NULL, 0, "replace an earlier recording in DIR", 0},
	{"buffer-size", 'b', "SIZE", 0, "ring buffer of each CPU, for example 128M", 0},
	{"no-children", KEY_NO_CHILDREN, NULL, 0, "leave out the processes that COMMAND starts", 0},
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
	case KEY_NO_CHILDREN:
		request->options.only_command = true;
		return 0;
	case 'q':
		request->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		request->options.command = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
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

bool capture_request_run(struct capture_request *request, struct capture *capture, int *status)
{
	struct error error;
	char *program;
	int code;

	memset(capture, 0, sizeof(*capture));
	signals_take(&request->signals);
	/* Looked for first: a command that is not there shall not cost a session. */
	code = program_find(request->options.command[0], &program, &error);
	if (code < 0) {
		error_print(&error);
		*status = code == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
		return false;
	}
	request->options.program = program;
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

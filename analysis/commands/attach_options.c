/* The options of record for processes that run already; see attach_options.h. */
#include "commands/attach_options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "record/target.h"

enum { KEY_ATTACH = 0x4000, KEY_PID, KEY_DURATION };

static const struct argp_option option_list[] = {
	{"attach", KEY_ATTACH, NULL, 0,
		"record processes that run already, instead of a COMMAND: all that were started "
		"under libgiltrace.so, and those that start meanwhile",
		1},
	{"pid", KEY_PID, "PID", 0,
		"with --attach: only this process and its descendants; more than once, or "
		"PID,PID,...",
		1},
	{"duration", KEY_DURATION, "TIME", 0,
		"with --attach: for so long, such as 500ms, 10s, 2m, 1h; otherwise until Ctrl-C",
		1},
	{0},
};

bool attach_parse_pids(const char *text, GArray *pids)
{
	for (;;) {
		guint64 number;
		char *end;
		pid_t pid;

		if (!g_ascii_isdigit(*text))
			return false;
		number = g_ascii_strtoull(text, &end, 10);
		if (number == 0 || number > INT_MAX || (*end && *end != ','))
			return false;
		pid = (pid_t)number;
		g_array_append_val(pids, pid);
		if (!*end)
			return true;
		text = end + 1;
	}
}

static error_t parse_pids(
	struct attach_request *request, const char *argument, struct argp_state *state)
{
	if (!request->pids)
		request->pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	if (attach_parse_pids(argument, request->pids))
		return 0;
	argp_error(state, "'%s' is no process number", argument);
	return EINVAL;
}

static void say_waiting(pid_t pid)
{
	fprintf(stderr,
		"giltrace: waiting until process %d has registered with the session daemon\n",
		(int)pid);
}

static void say_begun(const struct attach_options *options, unsigned processes)
{
	const char *end = options->duration_ns ? "" : "; Ctrl-C ends it";

	if (processes == 0)
		fprintf(stderr,
			"giltrace: no process runs under libgiltrace.so yet; recording "
			"those that start%s\n",
			end);
	else
		fprintf(stderr, "giltrace: recording %u process%s%s\n", processes,
			processes == 1 ? "" : "es", end);
}

static bool has_detail(const struct child_detail *detail)
{
	return detail->no_sites || detail->no_burst || detail->stack_signal ||
	       detail->stack_over.given || detail->unanswered_over.given;
}

static error_t check(struct attach_request *request, struct argp_state *state)
{
	struct capture_options *capture = &request->capture->options;

	if (!request->wanted) {
		if (!request->pids && !request->options.duration_ns)
			return 0;
		argp_error(state, "--pid and --duration go with --attach");
		return EINVAL;
	}
	if (capture->only_command && !request->pids) {
		argp_error(state, "--no-children of whom? name the process with --pid");
		return EINVAL;
	}
	if (has_detail(&capture->detail)) {
		argp_error(state, "what runs already has been given its thresholds: set "
				  "GILTRACE_STACK_OVER, GILTRACE_UNANSWERED_OVER, "
				  "GILTRACE_STACK_SIGNAL, GILTRACE_SITES or GILTRACE_BURST "
				  "where it is started");
		return EINVAL;
	}
	if (request->pids) {
		request->options.pids = (const pid_t *)(void *)request->pids->data;
		request->options.pid_count = request->pids->len;
		request->options.descendants = !capture->only_command;
	}
	capture->attach = &request->options;
	if (!request->capture->quiet) {
		request->options.waiting = say_waiting;
		request->options.begun = say_begun;
	}
	return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct attach_request *request = state->input;

	switch (key) {
	case KEY_ATTACH:
		request->wanted = true;
		return 0;
	case KEY_PID:
		return parse_pids(request, argument, state);
	case KEY_DURATION:
		if (duration_parse(argument, &request->options.duration_ns))
			return 0;
		argp_error(state, "'%s' is no duration; such are 500ms, 10s, 2m and 1h", argument);
		return EINVAL;
	case ARGP_KEY_ARG:
		if (!request->wanted)
			return ARGP_ERR_UNKNOWN;
		argp_error(state,
			"either --attach or a command: '%s' would be started, --attach records "
			"what runs already",
			argument);
		return EINVAL;
	case ARGP_KEY_NO_ARGS:
	case ARGP_KEY_END:
		return check(request, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp attach_argp = {.options = option_list, .parser = parse};

char **attach_command(const struct attach_request *request)
{
	static const char *const nothing[] = {"attach", NULL};
	char **command = NULL;

	if (request->pids)
		command = target_command(g_array_index(request->pids, pid_t, 0));
	return command ? command : g_strdupv((char **)nothing);
}

void attach_request_release(struct attach_request *request)
{
	if (request->pids)
		g_array_free(request->pids, TRUE);
	request->pids = NULL;
}

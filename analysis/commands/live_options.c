/* The options of top and metrics; see live_options.h. */
#include "commands/live_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "commands/attach_options.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "decode/live_session.h"
#include "record/program.h"

enum { KEY_NO_CHILDREN = 0x5000 };

static const uint64_t default_delay_ns = UINT64_C(1000000000);
static const uint64_t least_delay_ns = UINT64_C(100000000);

static const struct argp_option option_list[] = {
	{"attach", 'a', "PID", 0,
		"look at process PID, which runs under libgiltrace.so, and its descendants; more "
		"than once, or PID,PID,...",
		1},
	{"no-children", KEY_NO_CHILDREN, NULL, 0,
		"leave out the processes that COMMAND or PID starts", 1},
	{"delay", 'd', "TIME", 0, "from one look to the next, 1s if not given; such as 500ms, 5",
		2},
	{"iterations", 'n', "N", 0, "end after so many looks", 2},
	{0},
};

static error_t set_delay(
	struct live_request *request, const char *argument, struct argp_state *state)
{
	if (duration_parse(argument, &request->viewing.delay_ns) &&
		request->viewing.delay_ns >= least_delay_ns)
		return 0;
	argp_error(state, "'%s' is no delay; such are 100ms, the least, 1s and 5", argument);
	return EINVAL;
}

static error_t set_iterations(
	struct live_request *request, const char *argument, struct argp_state *state)
{
	char *end;

	request->iterations = g_ascii_strtoull(argument, &end, 10);
	if (g_ascii_isdigit(*argument) && !*end && request->iterations > 0)
		return 0;
	argp_error(state, "'%s' is no number of looks", argument);
	return EINVAL;
}

static error_t add_pids(
	struct live_request *request, const char *argument, struct argp_state *state)
{
	if (!request->pids)
		request->pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	if (attach_parse_pids(argument, request->pids))
		return 0;
	argp_error(state, "'%s' is no process number", argument);
	return EINVAL;
}

static error_t set_target(struct live_request *request, struct argp_state *state)
{
	struct live_options *source = &request->viewing.source;
	char **arguments = state->argv + state->next - 1;

	state->next = state->argc;
	if (request->pids) {
		argp_error(state, "either --attach or '%s'", *arguments);
		return EINVAL;
	}
	if (!live_session_is_url(*arguments)) {
		source->command = arguments;
		return 0;
	}
	request->viewing.url = *arguments;
	if (!arguments[1] && !source->only_command)
		return 0;
	argp_error(state, "of the session '%s' all is shown", *arguments);
	return EINVAL;
}

static void say_waiting(pid_t pid)
{
	fprintf(stderr,
		"giltrace: waiting until process %d has registered with the session daemon\n",
		(int)pid);
}

static error_t finish(struct live_request *request, struct argp_state *state)
{
	struct live_options *source = &request->viewing.source;

	if (!request->viewing.delay_ns)
		request->viewing.delay_ns = default_delay_ns;
	if (request->viewing.url || source->command)
		return 0;
	if (source->only_command && !request->pids) {
		argp_error(state, "--no-children of whom? name the process with --attach");
		return EINVAL;
	}
	if (request->pids) {
		request->attach.pids = (const pid_t *)(void *)request->pids->data;
		request->attach.pid_count = request->pids->len;
		request->attach.descendants = !source->only_command;
	}
	request->attach.waiting = say_waiting;
	source->attach = &request->attach;
	return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct live_request *request = state->input;

	switch (key) {
	case 'a':
		return add_pids(request, argument, state);
	case KEY_NO_CHILDREN:
		request->viewing.source.only_command = true;
		return 0;
	case 'd':
		return set_delay(request, argument, state);
	case 'n':
		return set_iterations(request, argument, state);
	case ARGP_KEY_ARG:
		return set_target(request, state);
	case ARGP_KEY_NO_ARGS:
		return 0;
	case ARGP_KEY_SUCCESS:
		return finish(request, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

bool live_request_parse(struct live_request *request, const struct argp *own, int argc, char **argv,
	void *input, int *status)
{
	const struct argp target = {.options = option_list, .parser = parse};
	const struct argp_child children[] = {{&target, 0, NULL, 0}, {0}};
	struct argp argp = *own;

	argp.args_doc =
		"[--attach PID]\n[--] COMMAND [ARGUMENT...]\nnet://HOST/host/TARGET/SESSION";
	argp.children = children;
	if (options_parse(&argp, argc, argv, input, STATUS_RECORD_TROUBLE, status))
		return true;
	if (request->pids)
		g_array_free(request->pids, TRUE);
	return false;
}

bool live_request_has_command(const struct live_request *request)
{
	return request->viewing.source.command;
}

static bool find_program(struct live_request *request, int *status)
{
	struct error error;
	int code = program_find(request->viewing.source.command[0], &request->program, &error);

	if (code < 0) {
		error_print(&error);
		*status = code == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
		return false;
	}
	request->viewing.source.program = request->program;
	return true;
}

/* Nobody is shown any stacks. */
static void leave_out_stacks(struct child_detail *detail)
{
	detail->stack_over.given = true;
	detail->unanswered_over.given = true;
}

bool live_request_take(struct live_request *request, int *status)
{
	if (request->viewing.url)
		return true;
	signals_take(&request->signals);
	leave_out_stacks(&request->viewing.source.detail);
	return !live_request_has_command(request) || find_program(request, status);
}

int live_request_status(int code, const struct viewing *viewing)
{
	if (code == -ENOEXEC)
		return STATUS_NOT_EXECUTABLE;
	if (code == -EINTR && viewing->source.asked_to_end)
		return 128 + viewing->source.asked_to_end;
	if (code < 0)
		return STATUS_RECORD_TROUBLE;
	if (viewing->source.ran && !viewing->source.options->attach)
		return viewing->source.status;
	return viewing->end == VIEWING_BROKEN ? STATUS_RECORD_TROUBLE : STATUS_OK;
}

void live_request_release(struct live_request *request)
{
	if (request->pids)
		g_array_free(request->pids, TRUE);
	if (!request->viewing.url)
		signals_give_back(&request->signals, true);
	g_free(request->program);
	memset(request, 0, sizeof(*request));
}

/* giltrace diff: two sets of runs side by side. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/terminal.h"
#include "check/compare.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/runs.h"
#include "render/diff.h"
#include "render/text.h"

static const char doc[] =
	"Compares recordings, or JSON reports, of a program before and after a change: every "
	"figure, and whether its change is beyond the noise."
	"\v"
	"BEFORE and AFTER are a trace, a saved JSON report, or a folder of several recordings; "
	"with -- between them, each side can be several. It takes 5 runs on both sides to tell a "
	"change from noise.\n\n"
	"Exit status: 0 when there is no more waiting than before; 1 when there is, beyond the "
	"noise; 2 when nobody can tell, as with single runs, or something is wrong.";

static const struct argp_option option_list[] = {
	{"format", 'f', "FORMAT", 0, "text (default) or json", 0},
	{"output", 'o', "FILE", 0, "write to FILE; it appears when it is complete", 0},
	{0},
};

struct request {
	GPtrArray *before; /* const char * */
	GPtrArray *after;
	bool split; /* -- is there: what comes before it is one side */
	bool json;
	const char *output;
};

static error_t take_format(struct request *request, const char *name, struct argp_state *state)
{
	request->json = strcmp(name, "json") == 0;
	if (request->json || strcmp(name, "text") == 0)
		return 0;
	argp_error(state, "'%s' is no format; there are text and json", name);
	return EINVAL;
}

static error_t check_request(const struct request *request, struct argp_state *state)
{
	if (request->split ? request->before->len > 0 && request->after->len > 0
			   : request->before->len == 2)
		return 0;
	argp_error(state, "what is to be compared? %s BEFORE AFTER, or BEFORE... -- AFTER...",
		state->name);
	return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'f':
		return take_format(request, argument, state);
	case 'o':
		request->output = argument;
		return 0;
	case ARGP_KEY_ARG:
		g_ptr_array_add(request->before, argument);
		return 0;
	case ARGP_KEY_END:
		return check_request(request, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int render(const struct comparison *comparison, const struct request *request, FILE *out)
{
	const struct diff_options options = {
		.width = terminal_width(out, TEXT_WIDTH_DEFAULT),
		.color = terminal_color(out),
	};

	return request->json ? diff_render_json(comparison, out, &options)
			     : diff_render_text(comparison, out, &options);
}

static int write_comparison(
	const struct comparison *comparison, const struct request *request, struct error *error)
{
	struct output output;
	int code;

	if (!request->output) {
		/* Whether that succeeded is for main to check. */
		(void)render(comparison, request, stdout);
		return 0;
	}
	code = output_open(&output, request->output, error);
	if (code < 0)
		return code;
	code = render(comparison, request, output.stream);
	if (code == 0)
		return output_finish(&output, error);
	output_discard(&output);
	return error_set(error, code, "cannot write '%s': %s", request->output, strerror(-code));
}

static GPtrArray *read_side(const GPtrArray *paths)
{
	GPtrArray *runs = runs_new();

	for (guint i = 0; i < paths->len; i++)
		runs_add(runs, g_ptr_array_index(paths, i));
	return runs;
}

static int diff(const struct request *request)
{
	static const int statuses[] = {
		[GATE_PASS] = STATUS_OK, [GATE_WORSE] = STATUS_NO, [GATE_UNKNOWN] = STATUS_TROUBLE};
	GPtrArray *before = read_side(request->before), *after = read_side(request->after);
	struct vocabulary vocabulary;
	struct comparison comparison;
	struct error error;
	int code, status;

	known_figures(&vocabulary);
	compare(&comparison, before, after, &vocabulary);
	code = write_comparison(&comparison, request, &error);
	status = statuses[comparison.verdict];
	if (code < 0) {
		error_print(&error);
		status = STATUS_TROUBLE;
	}
	comparison_release(&comparison);
	vocabulary_release(&vocabulary);
	g_ptr_array_unref(before);
	g_ptr_array_unref(after);
	return status;
}

/* What stands behind -- is the other side. */
static int split(struct request *request, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		request->split = true;
		for (int k = i + 1; k < argc; k++)
			g_ptr_array_add(request->after, argv[k]);
		return i;
	}
	return argc;
}

int command_diff(int argc, char **argv)
{
	const struct argp argp = {.options = option_list,
		.parser = parse,
		.args_doc = "BEFORE AFTER\nBEFORE... -- AFTER...",
		.doc = doc};
	struct request request = {.before = g_ptr_array_new(), .after = g_ptr_array_new()};
	int own = split(&request, argc, argv);
	int status;

	if (options_parse_any(&argp, own, argv, &request, STATUS_TROUBLE, &status)) {
		if (!request.split) {
			g_ptr_array_add(request.after, request.before->pdata[1]);
			g_ptr_array_set_size(request.before, 1);
		}
		status = diff(&request);
	}
	g_ptr_array_unref(request.before);
	g_ptr_array_unref(request.after);
	return status;
}

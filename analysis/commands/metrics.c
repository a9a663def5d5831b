/* giltrace metrics: live figures for Prometheus and others. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/live_options.h"
#include "commands/output.h"
#include "live/openmetrics.h"
#include "live/scrape.h"

enum { KEY_LISTEN = 0x6000, PATIENCE_MS = 500 };

static const char doc[] =
	"Writes who holds Python's GIL and who waits for it in OpenMetrics' text format, again and "
	"again: of COMMAND, of processes that run already under libgiltrace.so (all of them, or "
	"those of --attach), or of a live session, net://HOST[:PORT]/host/TARGET/SESSION."
	"\v"
	"Without --output and --listen it writes once, to standard output, and ends. What is not "
	"known has no sample.\n\n"
	"Exit status: COMMAND's own, 128 + N when signal N ended it; 125 when giltrace failed, 126 "
	"when COMMAND cannot be executed, 127 when it is not found. Without COMMAND: 0, or 125.";

static const struct argp_option option_list[] = {
	{"output", 'o', "FILE", 0,
		"write to FILE, replaced as a whole each time, for a textfile collector", 0},
	{"listen", KEY_LISTEN, "[HOST:]PORT", 0,
		"let it be scraped there by HTTP; without HOST only from this machine", 0},
	{0},
};

struct request {
	struct live_request live;
	const char *output;
	const char *listen;
};

struct metrics {
	const struct request *request;
	int listener;  /* -1: there is none */
	GString *text; /* the latest; NULL: none so far */
	uint64_t looks;
	int code; /* why FILE could not be written */
	struct error error;
};

static error_t check(struct request *request, struct argp_state *state)
{
	bool once = !request->output && !request->listen;

	if (once && request->live.viewing.source.command) {
		argp_error(state, "standard output is the command's: --output or --listen?");
		return EINVAL;
	}
	if (once && !request->live.iterations)
		request->live.iterations = 1;
	return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->live;
		return 0;
	case 'o':
		request->output = argument;
		return 0;
	case KEY_LISTEN:
		request->listen = argument;
		return 0;
	case ARGP_KEY_SUCCESS:
		return check(request, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int write_file(struct metrics *metrics)
{
	struct output output;
	int code = output_open(&output, metrics->request->output, &metrics->error);

	if (code < 0)
		return code;
	fwrite(metrics->text->str, 1, metrics->text->len, output.stream);
	return output_finish(&output, &metrics->error);
}

static bool refresh(
	const struct live_figures *figures, const struct viewing_state *state, void *user)
{
	struct metrics *metrics = user;
	const struct request *request = metrics->request;

	if (!metrics->text)
		metrics->text = g_string_new(NULL);
	g_string_truncate(metrics->text, 0);
	openmetrics_write(metrics->text, figures, state);
	if (request->output)
		metrics->code = write_file(metrics);
	return metrics->code == 0 && ++metrics->looks != request->live.iterations;
}

static bool idle(int timeout_ms, void *user)
{
	struct metrics *metrics = user;

	if (metrics->listener >= 0)
		scrape_serve(metrics->listener, timeout_ms, metrics->text);
	else if (timeout_ms)
		g_usleep((gulong)timeout_ms * 1000);
	return true;
}

static void say_end(const struct viewing *viewing)
{
	if (viewing->end == VIEWING_BROKEN)
		error_print(&viewing->reason);
}

static int view(struct metrics *metrics, struct request *request)
{
	struct viewing_options *options = &request->live.viewing;
	struct viewing viewing;
	struct error error;
	int code, status;

	options->refresh = refresh;
	options->idle = idle;
	options->user = metrics;
	options->to_the_end = true;
	code = viewing_run(&viewing, options, &request->live.signals, &error);
	if (code == 0)
		say_end(&viewing);
	else
		error_print(&error);
	if (metrics->code < 0)
		error_print(&metrics->error);
	else if (code == 0 && !request->output && !request->listen && metrics->text)
		fwrite(metrics->text->str, 1, metrics->text->len, stdout);
	if (viewing_close(&viewing, options, &error) < 0)
		error_print(&error);
	while (viewing.source.ran && !options->source.attach &&
		!live_source_over(&viewing.source, PATIENCE_MS))
		continue;
	status = live_request_status(code, &viewing);
	return metrics->code < 0 && status == STATUS_OK ? STATUS_RECORD_TROUBLE : status;
}

static int listen_and_view(struct metrics *metrics, struct request *request)
{
	g_autofree char *where = NULL;
	struct error error;
	int status;

	if (request->listen) {
		metrics->listener = scrape_listen(request->listen, &where, &error);
		if (metrics->listener < 0) {
			error_print(&error);
			return STATUS_RECORD_TROUBLE;
		}
		fprintf(stderr, "giltrace: figures at http://%s/metrics\n", where);
	}
	status = view(metrics, request);
	if (metrics->listener >= 0)
		close(metrics->listener);
	return status;
}

int command_metrics(int argc, char **argv)
{
	const struct argp argp = {.options = option_list, .parser = parse, .doc = doc};
	struct request request = {0};
	struct metrics metrics = {.request = &request, .listener = -1};
	int status;

	if (!live_request_parse(&request.live, &argp, argc, argv, &request, &status))
		return status;
	if (live_request_take(&request.live, &status))
		status = listen_and_view(&metrics, &request);
	if (metrics.text)
		g_string_free(metrics.text, TRUE);
	live_request_release(&request.live);
	return status;
}

/* giltrace report: says who held the GIL and who waited for it. */
#include "commands/report.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/terminal.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/progress.h"
#include "decode/trace.h"
#include "render/json.h"
#include "render/text.h"
#include "stats/stats.h"

/* Damage that is told apart; of the rest only the number is said. */
enum { NOTES_SHOWN = 5 };

static const char doc[] =
	"Reads TRACE and says who held Python's GIL, who waited for it, and why."
	"\v"
	"TRACE is a folder of `giltrace record', or any other that holds a CTF trace of LTTng with "
	"the "
	"events giltrace:*.\n\n"
	"Exit status: 0 when there is a report, whatever it says; 2 when there is none.";

static const struct argp_option option_list[] = {
	{"format", 'f', "FORMAT", 0, "text (default) or json", 0},
	{"output", 'o', "FILE", 0, "write to FILE; it appears when it is complete", 0},
	{0},
};

struct request {
	struct report_options options;
	const char *path;
};

struct work {
	struct stats *stats;
	struct progress progress;
};

static int feed(const struct event *event, void *user)
{
	struct work *work = user;

	stats_feed(work->stats, event);
	return 0;
}

static void show_progress(double share, void *user)
{
	struct work *work = user;

	progress_show(&work->progress, share);
}

static void say_notes(const struct trace_info *info)
{
	for (guint i = 0; i < info->notes->len && i < NOTES_SHOWN; i++)
		fprintf(stderr, "giltrace: %s\n", (const char *)g_ptr_array_index(info->notes, i));
	if (info->notes->len > NOTES_SHOWN)
		fprintf(stderr, "giltrace: and %u more of this kind\n",
			info->notes->len - NOTES_SHOWN);
	if (info->unfinished)
		fprintf(stderr, "giltrace: the recording has not ended: it goes on, or giltrace "
				"was killed\n");
	if (info->unknown_events > 0)
		fprintf(stderr,
			"giltrace: a newer giltrace recorded this: %" PRIu64
			" events that this one does not know, such as %s, are left out\n",
			info->unknown_events, info->unknown_name);
}

static void set_doubt(struct report *report, enum doubt_kind kind, uint64_t count)
{
	report->doubts[kind].present = true;
	report->doubts[kind].count = count;
}

/* Adds what only the reader of the trace knows. */
static void complete_report(struct report *report, const char *path, const struct trace_info *info)
{
	const enum doubt_kind incomplete[] = {
		DOUBT_LOST_EVENTS,
		DOUBT_SEQUENCE_GAP,
		DOUBT_UNFINISHED,
		DOUBT_TRUNCATED,
	};

	report->path = g_strdup(path);
	report->begin_ns = info->begin_ns;
	report->end_ns = info->end_ns;
	report->duration_ns = info->end_ns > info->begin_ns ? info->end_ns - info->begin_ns : 0;
	report->lost_events = info->lost_unknown ? FIGURE_UNKNOWN : info->lost_events;
	if (report->lost_events > 0)
		set_doubt(report, DOUBT_LOST_EVENTS, report->lost_events);
	if (info->truncated)
		set_doubt(report, DOUBT_TRUNCATED, info->notes->len);
	report->complete = !info->unfinished;
	for (size_t i = 0; i < G_N_ELEMENTS(incomplete); i++)
		report->complete = report->complete && !report->doubts[incomplete[i]].present;
}

/* Fills `report`, which the caller releases on 0. */
static int read_report(struct report *report, const char *path, struct error *error)
{
	struct work work;
	const struct trace_handler handler = {feed, show_progress, &work};
	struct trace_info info;
	struct trace *trace;
	int code;

	code = trace_open(&trace, path, error);
	if (code < 0)
		return code;
	work.stats = stats_new(trace_run_id(trace));
	progress_begin(&work.progress, "reading the trace");
	code = trace_read(trace, &handler, &info, error);
	progress_end(&work.progress);
	stats_finish(work.stats, code < 0 ? NULL : report);
	if (code == 0) {
		complete_report(report, path, &info);
		say_notes(&info);
		trace_info_release(&info);
	}
	trace_close(trace);
	return code;
}

static int render(const struct report *report, enum report_format format, FILE *out)
{
	const struct text_options options = {
		.width = terminal_width(out, TEXT_WIDTH_DEFAULT),
		.color = terminal_color(out),
	};

	return format == REPORT_JSON ? render_json(report, out)
				     : render_text(report, out, &options);
}

static int write_report(
	const struct report *report, const struct report_options *options, struct error *error)
{
	struct output output;
	int code;

	if (!options->output) {
		(void)render(report, options->format, stdout);
		return 0;
	}
	code = output_open(&output, options->output, error);
	if (code < 0)
		return code;
	code = render(report, options->format, output.stream);
	if (code == 0)
		return output_finish(&output, error);
	output_discard(&output);
	return error_set(error, code, "cannot write '%s': %s", options->output, strerror(-code));
}

int report_trace(const char *path, const struct report_options *options, struct error *error)
{
	struct report report;
	int code;

	memset(&report, 0, sizeof(report));
	code = read_report(&report, path, error);
	if (code == 0 && options->temporary)
		g_clear_pointer(&report.path, g_free);
	if (code < 0)
		return code;
	code = write_report(&report, options, error);
	report_release(&report);
	return code;
}

error_t report_parse_format(struct argp_state *state, const char *name, enum report_format *format)
{
	if (strcmp(name, "text") == 0) {
		*format = REPORT_TEXT;
	} else if (strcmp(name, "json") == 0) {
		*format = REPORT_JSON;
	} else {
		argp_error(state, "'%s' is no format; there are text and json", name);
		return EINVAL;
	}
	return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'f':
		return report_parse_format(state, argument, &request->options.format);
	case 'o':
		request->options.output = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (request->path) {
			argp_error(state, "one trace at a time: '%s' is one too many", argument);
			return EINVAL;
		}
		request->path = argument;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace? give the folder that 'giltrace record' wrote");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_report(int argc, char **argv)
{
	const struct argp argp = {
		.options = option_list, .parser = parse, .args_doc = "TRACE", .doc = doc};
	struct request request = {0};
	struct error error;
	int status;

	if (!options_parse(&argp, argc, argv, &request, STATUS_TROUBLE, &status))
		return status;
	if (report_trace(request.path, &request.options, &error) == 0)
		return STATUS_OK;
	error_print(&error);
	return STATUS_TROUBLE;
}

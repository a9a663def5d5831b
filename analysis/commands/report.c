/* giltrace report: says who held the GIL and who waited for it. */
#include "commands/report.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/terminal.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/read_report.h"
#include "commands/region_names.h"
#include "page/page.h"
#include "render/json.h"
#include "render/text.h"
#include "stats/stats.h"

enum { KEY_EACH_REGION = 256 };

static const char doc[] =
	"Reads TRACE and says who held Python's GIL, who waited for it, and why."
	"\v"
	"TRACE is a folder of `giltrace record', or any other that holds a CTF trace of LTTng with "
	"the "
	"events giltrace:*; or a live session, net://HOST[:PORT]/host/TARGET/SESSION, which is "
	"read "
	"from now on until it is destroyed, or until Ctrl-C.\n\n"
	"Exit status: 0 when there is a report, whatever it says; 2 when there is none.";

static const struct argp_option option_list[] = {
	{"format", 'f', "FORMAT", 0, "text (default), json, or html: a page for a browser", 0},
	{"output", 'o', "FILE", 0, "write to FILE; it appears when it is complete", 0},
	{"region", 'r', "NAME", 0,
		"report only on what happened while threads were inside of the region NAME, "
		"which the program marked",
		0},
	{"each-region", KEY_EACH_REGION, 0, 0,
		"with the figures of each region in the JSON, from one pass over the trace", 0},
	{0},
};

struct request {
	struct report_options options;
	const char *path;
};

/* `story`: with REPORT_HTML. */
static int render(const struct report *report, const struct story *story, enum report_format format,
	FILE *out)
{
	const struct text_options options = {
		.width = terminal_width(out, TEXT_WIDTH_DEFAULT),
		.color = terminal_color(out),
	};

	switch (format) {
	case REPORT_JSON:
		return render_json(report, out);
	case REPORT_HTML:
		return render_page(report, story, out);
	default:
		return render_text(report, out, &options);
	}
}

static int write_report(const struct report *report, const struct story *story,
	const struct report_options *options, struct error *error)
{
	struct output output;
	int code;

	if (!options->output) {
		(void)render(report, story, options->format, stdout);
		return 0;
	}
	code = output_open(&output, options->output, error);
	if (code < 0)
		return code;
	code = render(report, story, options->format, output.stream);
	if (code == 0)
		return output_finish(&output, error);
	output_discard(&output);
	return error_set(error, code, "cannot write '%s': %s", options->output, strerror(-code));
}

static int report_with(const char *path, const struct report_options *options, struct story *story,
	struct error *error)
{
	const struct model_timeline listener =
		story ? story_listener(story) : (struct model_timeline){0};
	const struct region_choice regions = {
		.every = options->each_region,
		.names = &options->region,
		.count = options->region ? 1 : 0,
	};
	const struct read_options reading = {
		.regions = &regions,
		.timeline = story ? &listener : NULL,
		.every_frame = options->format != REPORT_TEXT,
	};
	struct report report;
	int code;

	memset(&report, 0, sizeof(report));
	code = read_report(&report, path, &reading, error);
	if (code < 0)
		return code;
	if (options->temporary)
		g_clear_pointer(&report.path, g_free);
	if (options->region && !report_has_region(&report, options->region))
		code = region_names_complain(&report, options->region, path, error);
	else if (options->region)
		report_select_region(&report, options->region);
	if (code == 0)
		code = write_report(&report, story, options, error);
	report_release(&report);
	return code;
}

int report_trace(const char *path, const struct report_options *options, struct error *error)
{
	struct story *story;
	int code;

	if (options->format != REPORT_HTML)
		return report_with(path, options, NULL, error);
	if (!options->output && isatty(STDOUT_FILENO)) {
		code = error_set(error, -EINVAL, "a page is for a browser, and this is a terminal");
		error_next(error, "write it to a file: -o report.html");
		return code;
	}
	story = story_new(CELLS_KEPT, MOMENTS_KEPT);
	code = report_with(path, options, story, error);
	story_free(story);
	return code;
}

error_t report_parse_format(struct argp_state *state, const char *name, enum report_format *format)
{
	if (strcmp(name, "text") == 0) {
		*format = REPORT_TEXT;
	} else if (strcmp(name, "json") == 0) {
		*format = REPORT_JSON;
	} else if (strcmp(name, "html") == 0) {
		*format = REPORT_HTML;
	} else {
		argp_error(state, "'%s' is no format; there are text, json and html", name);
		return EINVAL;
	}
	return 0;
}

/* What nobody could see would be asked for in vain. */
static error_t check_regions(struct argp_state *state, const struct report_options *options)
{
	if (options->each_region && options->format != REPORT_JSON)
		argp_error(state, "--each-region is for --format json; the text has one of them "
				  "with --region NAME");
	else if (options->each_region && options->region)
		argp_error(state, "either --region or --each-region");
	else
		return 0;
	return EINVAL;
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
	case 'r':
		request->options.region = argument;
		return 0;
	case KEY_EACH_REGION:
		request->options.each_region = true;
		return 0;
	case ARGP_KEY_SUCCESS:
		return check_regions(state, &request->options);
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

/* giltrace export: a trace in the formats of other tools. */
#include "export/export.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/read_report.h"
#include "commands/region_names.h"

static const char doc[] =
	"Writes TRACE in the format of another tool."
	"\v"
	"Formats:\n"
	"  perfetto  Perfetto's own, for ui.perfetto.dev: a track for each thread with its "
	"holds and waits, and how many threads wait\n"
	"  firefox   the Firefox Profiler's, for profiler.firefox.com: the same as markers, and "
	"how long each line held the GIL as a call tree\n"
	"  folded    folded stacks, for flamegraph.pl and speedscope\n"
	"  csv       tables: processes, gils, threads, sites, holds, waits, drop_requests, "
	"handoffs, regions, blame; each in a file of the new folder that --output names\n"
	"  sqlite    the same tables, and views, as a database\n\n"
	"Exit status: 0 when it is written; 2 when not.";

enum { KEY_TABLE = 0x2000 };

static const struct argp_option option_list[] = {
	{"format", 'f', "FORMAT", 0, "perfetto, firefox, folded, csv or sqlite", 0},
	{"output", 'o', "FILE", 0, "write to FILE; it appears when it is complete", 0},
	{"weight", 'w', "WEIGHT", 0,
		"of folded stacks: held (default), how long the GIL was held; blocked, how long "
		"others waited behind that; waited, how long it was waited for",
		0},
	{"table", KEY_TABLE, "TABLE", 0, "csv: only this one, to FILE or standard output", 0},
	{"region", 'r', "NAME", 0,
		"folded: only what happened while threads were inside of the region NAME, "
		"which the program marked",
		0},
	{0},
};

struct request {
	const struct exporter *exporter;
	const char *path;
	const char *output;
	const char *region;
	const char *table;
	enum export_weight weight;
	bool weighted;
};

/* What is written to, from the begin of the export to its end. */
struct destination {
	struct output output;
	char *folder; /* that was made for it */
	struct export_options options;
};

static int make_folder(struct destination *to, const char *path, struct error *error)
{
	int code;

	if (mkdir(path, 0777) < 0) {
		code = error_set(
			error, -errno, "cannot create the folder '%s': %s", path, strerror(errno));
		if (code == -EEXIST)
			error_next(error, "csv writes a new folder: give another name, or remove "
					  "that one");
		return code;
	}
	to->folder = g_strdup(path);
	to->options.path = to->folder;
	return 0;
}

static int open_destination(
	struct destination *to, const struct request *request, struct error *error)
{
	int code;

	to->options = (struct export_options){
		.stream = stdout,
		.weight = request->weight,
		.table = request->table,
	};
	if (!request->output)
		return 0;
	if (request->exporter->target == EXPORT_FOLDER)
		return make_folder(to, request->output, error);
	code = output_open(&to->output, request->output, error);
	if (code < 0)
		return code;
	to->options.stream = to->output.stream;
	to->options.path = to->output.fresh;
	if (request->exporter->target == EXPORT_FILE && !to->output.fresh) {
		code = error_set(
			error, -EINVAL, "cannot write a database to '%s'", request->output);
		error_next(error, "it has to be a file");
		output_discard(&to->output);
	}
	return code;
}

static int close_destination(struct destination *to, int code, struct error *error)
{
	if (to->output.stream && code == 0)
		code = output_finish(&to->output, error);
	else if (to->output.stream)
		output_discard(&to->output);
	if (to->folder && code < 0)
		(void)rmdir(to->folder);
	g_free(to->folder);
	return code;
}

/* Reads the trace into the exporter. */
static int export_trace(
	const struct request *request, const struct export_options *options, struct error *error)
{
	struct model_timeline timeline = {0};
	const struct region_choice regions = {
		.names = &request->region,
		.count = request->region ? 1 : 0,
	};
	const struct read_options reading = {.regions = &regions, .timeline = &timeline};
	struct error writing;
	struct report report;
	void *state;
	int code, written;

	code = request->exporter->begin(&state, options, &timeline, error);
	if (code < 0)
		return code;
	memset(&report, 0, sizeof(report));
	code = read_report(&report, request->path, &reading, error);
	if (code == 0 && request->region && !report_has_region(&report, request->region))
		code = region_names_complain(&report, request->region, request->path, error);
	if (code == 0 && request->region)
		report_select_region(&report, request->region);
	written = request->exporter->end(state, code == 0 ? &report : NULL, &writing);
	if (code == 0 && written < 0) {
		*error = writing;
		code = written;
	}
	report_release(&report);
	return code;
}

static int run(const struct request *request, struct error *error)
{
	struct destination to = {0};
	int code = open_destination(&to, request, error);

	if (code < 0)
		return code;
	code = export_trace(request, &to.options, error);
	return close_destination(&to, code, error);
}

static error_t parse_weight(struct argp_state *state, const char *name, struct request *request)
{
	static const char *const names[] = {
		[WEIGHT_HELD] = "held", [WEIGHT_BLOCKED] = "blocked", [WEIGHT_WAITED] = "waited"};

	request->weighted = true;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		request->weight = (enum export_weight)i;
		return 0;
	}
	argp_error(state, "'%s' is no weight; there are held, blocked and waited", name);
	return EINVAL;
}

/* What does not go together, and where a format writes to. */
static error_t check(struct argp_state *state, struct request *request)
{
	const char *wrong = NULL;

	if (!request->exporter)
		wrong = "which format? there are perfetto, firefox, folded, csv and sqlite";
	else if (!request->path)
		wrong = "which trace? give the folder that 'giltrace record' wrote";
	else if (request->weighted && strcmp(request->exporter->name, "folded") != 0)
		wrong = "--weight goes with --format=folded";
	else if (request->region && !request->exporter->regional)
		wrong = "--region goes with --format=folded; the other formats have the regions "
			"beside everything else";
	else if (request->table && strcmp(request->exporter->name, "csv") != 0)
		wrong = "--table goes with --format=csv";
	else if (request->exporter->target == EXPORT_FOLDER && !request->table && !request->output)
		wrong = "csv is several files: give a new folder with --output, or one --table";
	else if (request->exporter->target == EXPORT_FILE && !request->output)
		wrong = "a database is a file: give its name with --output";
	else if (request->exporter->binary && !request->output && isatty(STDOUT_FILENO))
		wrong = "this format is not for a terminal: give a file with --output";
	if (!wrong)
		return 0;
	argp_error(state, "%s", wrong);
	return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'f':
		request->exporter = export_find(argument);
		if (request->exporter)
			return 0;
		argp_error(state,
			"'%s' is no format; there are perfetto, firefox, folded, csv and sqlite",
			argument);
		return EINVAL;
	case 'o':
		request->output = argument;
		return 0;
	case 'r':
		request->region = argument;
		return 0;
	case 'w':
		return parse_weight(state, argument, request);
	case KEY_TABLE:
		request->table = argument;
		if (export_has_table(argument))
			return 0;
		argp_error(
			state, "'%s' is no table; 'giltrace export --help' lists them", argument);
		return EINVAL;
	case ARGP_KEY_ARG:
		if (request->path) {
			argp_error(state, "one trace at a time: '%s' is one too many", argument);
			return EINVAL;
		}
		request->path = argument;
		return 0;
	case ARGP_KEY_END:
		return check(state, request);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_export(int argc, char **argv)
{
	const struct argp argp = {
		.options = option_list, .parser = parse, .args_doc = "TRACE", .doc = doc};
	struct request request = {0};
	struct error error;
	int status;

	if (!options_parse(&argp, argc, argv, &request, STATUS_TROUBLE, &status))
		return status;
	request.exporter = export_for(request.exporter, request.table);
	if (run(&request, &error) == 0)
		return STATUS_OK;
	error_print(&error);
	return STATUS_TROUBLE;
}

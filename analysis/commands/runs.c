/* Runs of a program as a gate judges them; see runs.h. */
#include "commands/runs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "check/file.h"
#include "commands/read_report.h"
#include "record/folder.h"
#include "record/program.h"
#include "record/run_folders.h"
#include "render/json_tree.h"
#include "stats/stats.h"

#define REPORT_SCHEMA "giltrace-report/1"

static void free_run(void *run)
{
	run_free(run);
}

GPtrArray *runs_new(void)
{
	return g_ptr_array_new_with_free_func(free_run);
}

static struct run *append(GPtrArray *runs, char *name)
{
	struct run *run = g_new0(struct run, 1);

	run->name = name;
	g_ptr_array_add(runs, run);
	return run;
}

static void set_problem(struct run *run, const struct error *error)
{
	g_free(run->problem);
	run->problem = *error->next ? g_strdup_printf("%s; %s", error->what, error->next)
				    : g_strdup(error->what);
}

static int read_trace(struct run *run, const char *path, bool interruptible)
{
	struct report report;
	struct error error;
	const struct region_choice regions = {.every = true};
	const struct read_options reading = {.regions = &regions, .interruptible = interruptible};
	int code;

	memset(&report, 0, sizeof(report));
	code = read_report(&report, path, &reading, &error);
	if (code < 0) {
		set_problem(run, &error);
		return code;
	}
	run->report = json_report(&report);
	if (!run->status)
		run->status = program_end_status(&report.program_end);
	report_release(&report);
	return 0;
}

static int parse_report(struct run *run, const char *path, const char *text, struct error *error)
{
	json_error_t problem;
	const char *schema;

	run->report = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
	if (!run->report)
		return error_set(error, -EBADMSG, "%s:%d: %s", path, problem.line, problem.text);
	schema = json_string_value(json_object_get(run->report, "schema"));
	if (schema && strcmp(schema, REPORT_SCHEMA) == 0)
		return 0;
	error_set(error, -EBADMSG, "'%s' is no report of schema %s", path, REPORT_SCHEMA);
	error_next(error, "write one: giltrace report --format json TRACE");
	g_clear_pointer(&run->report, json_decref);
	return -EBADMSG;
}

/* Also of a report that an older giltrace wrote, which says nothing of it. */
static int saved_status(const json_t *report)
{
	const json_t *program = json_object_get(json_object_get(report, "trace"), "program");
	const struct program_end end = {
		.exit_status = (int)json_integer_value(json_object_get(program, "exit_status")),
		.signal = (int)json_integer_value(json_object_get(program, "signal")),
	};

	return program_end_status(&end);
}

static void read_saved(struct run *run, const char *path)
{
	struct error error;
	char *text;
	int code = file_text(path, &text, &error);

	if (code == 0) {
		code = parse_report(run, path, text, &error);
		run->status = saved_status(run->report);
		g_free(text);
	}
	if (code < 0)
		set_problem(run, &error);
}

static bool is_recording(const char *folder)
{
	g_autofree char *manifest = g_build_filename(folder, FOLDER_MANIFEST, NULL);

	return g_file_test(manifest, G_FILE_TEST_IS_REGULAR);
}

static int compare_names(const void *a, const void *b)
{
	const char *left = *(const char *const *)a, *right = *(const char *const *)b;

	return strverscmp(left, right);
}

/* Recordings in a folder that is none itself; empty when there are none. */
static GPtrArray *recordings_in(const char *path)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	GDir *folder = is_recording(path) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		char *inside = g_build_filename(path, name, NULL);

		if (is_recording(inside))
			g_ptr_array_add(found, inside);
		else
			g_free(inside);
	}
	if (folder)
		g_dir_close(folder);
	g_ptr_array_sort(found, compare_names);
	return found;
}

static void add_one(GPtrArray *runs, const char *path)
{
	struct run *run = append(runs, g_strdup(path));
	struct stat status;

	if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
		read_saved(run, path);
	else
		read_trace(run, path, false);
}

void runs_add(GPtrArray *runs, const char *path)
{
	GPtrArray *several = recordings_in(path);

	for (guint i = 0; i < several->len; i++)
		add_one(runs, g_ptr_array_index(several, i));
	if (several->len == 0)
		add_one(runs, path);
	g_ptr_array_unref(several);
}

/* One recording; false when giltrace could not record, or was asked to end. */
static bool record_once(GPtrArray *runs, struct capture_request *request, char *name)
{
	struct run *run = append(runs, name);
	struct capture capture;
	int status, code = 0;
	bool ran = capture_request_run(request, &capture, &status);

	if (ran) {
		run->status = status;
		code = read_trace(run, capture.folder.path, true);
		if (!request->options.folder && folder_discard(&capture.folder) < 0)
			fprintf(stderr, "giltrace: cannot remove folder '%s'\n",
				capture.folder.path);
		/* Also one that ended well then did not do all of its work. */
		if (signals_asked_to_end() || (capture.asked_to_end && status == 0))
			code = -EINTR;
		if (code == -EINTR)
			fprintf(stderr, "giltrace: interrupted\n");
	}
	capture_release(&capture);
	capture_request_release(request);
	return ran && code != -EINTR;
}

/* What an earlier check has left where this one's runs are to be kept. */
static bool make_room(const struct capture_request *request, unsigned repeat)
{
	g_autofree char *program = NULL;
	struct error error;

	/* A command that is not there shall not cost the earlier runs; who records it says so. */
	if (!request->options.folder ||
		program_find(request->options.command[0], &program, &error) < 0 ||
		run_folders_prepare(
			request->options.folder, repeat > 1, request->options.replace, &error) == 0)
		return true;
	error_print(&error);
	return false;
}

bool runs_record(GPtrArray *runs, struct capture_request *request, unsigned repeat)
{
	const char *folder = request->options.folder;
	/* Those that there are have been recorded just now. */
	bool recorded = runs->len > 0 || make_room(request, repeat);

	for (unsigned i = 0; recorded && i < repeat; i++) {
		g_autofree char *number = g_strdup_printf("%u", runs->len + 1);
		g_autofree char *own =
			folder && repeat > 1 ? run_folders_name(folder, runs->len + 1) : NULL;
		const struct run *run;

		request->options.folder = own ? own : folder;
		recorded = record_once(
			runs, request, repeat > 1 ? g_strdup_printf("run %s", number) : NULL);
		run = g_ptr_array_index(runs, runs->len - 1);
		if (run->status)
			break;
	}
	request->options.folder = folder;
	return recorded;
}

void known_figures(struct vocabulary *vocabulary)
{
	char nothing[] = "";
	struct thread_report thread = {.name = nothing};
	struct site_report site = {.file = nothing, .function = nothing};
	struct gil_report gil = {
		.threads = &thread, .thread_count = 1, .sites = &site, .site_count = 1};
	struct process_report process = {.command = nothing,
		.executable = nothing,
		.implementation = nothing,
		.version = nothing,
		.gils = &gil,
		.gil_count = 1};
	const struct report report = {.processes = &process, .process_count = 1};
	json_t *json = json_report(&report);

	vocabulary_init(vocabulary, json);
	json_decref(json);
}

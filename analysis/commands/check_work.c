/* What giltrace check does; see check_work.h. */
#include "commands/check_work.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/judge.h"
#include "commands/commands.h"
#include "commands/output.h"
#include "commands/runs.h"
#include "commands/suite_rules.h"
#include "render/json_layout.h"

#define BASELINE_DEFAULT "giltrace-baseline.json"

/* A baseline says how far figures vary, unless told otherwise. */
enum { REPEAT_BASELINE = 5 };

/* What is judged, and what by. */
struct work {
	struct config config;
	struct vocabulary vocabulary;
	struct machine machine;
	struct baseline baseline;
	bool has_baseline;
	char *baseline_path;
	GPtrArray *runs;
};

static void work_release(struct work *work)
{
	config_release(&work->config);
	vocabulary_release(&work->vocabulary);
	machine_release(&work->machine);
	baseline_release(&work->baseline);
	g_free(work->baseline_path);
	g_ptr_array_unref(work->runs);
}

static int load_config(struct work *work, const struct check_request *request, struct error *error)
{
	const char *path = request->config ? request->config : CHECK_CONFIG;

	/* With a command, rules can come from its test suite alone. */
	if (request->config || access(path, F_OK) == 0)
		return config_read(&work->config, path, &work->vocabulary, error);
	if (request->capture.options.command)
		return 0;
	error_set(error, -ENOENT, "there is no '%s' here, and --config names no other", path);
	error_next(error, "giltrace-check(1) explains what to write into it");
	return -ENOENT;
}

static char *default_baseline(const struct check_request *request)
{
	g_autofree char *folder = request->config ? g_path_get_dirname(request->config) : NULL;

	if (!folder || strcmp(folder, ".") == 0)
		return g_strdup(BASELINE_DEFAULT);
	return g_build_filename(folder, BASELINE_DEFAULT, NULL);
}

/* One that nobody named need not be there. */
static int load_baseline(
	struct work *work, const struct check_request *request, struct error *error)
{
	const char *named = request->baseline ? request->baseline : work->config.baseline;

	work->baseline_path = named ? g_strdup(named) : default_baseline(request);
	if (request->update || (!named && access(work->baseline_path, F_OK) < 0))
		return 0;
	work->has_baseline = true;
	return baseline_read(&work->baseline, work->baseline_path, error);
}

static unsigned repeat_of(const struct work *work, const struct check_request *request)
{
	if (request->repeat)
		return request->repeat;
	if (work->config.repeat)
		return work->config.repeat;
	if (request->update)
		return REPEAT_BASELINE;
	return config_is_relative(&work->config) ? BASELINE_RUNS_LEAST : 1;
}

static int check_settings(
	const struct work *work, const struct check_request *request, struct error *error)
{
	size_t runs =
		request->capture.options.command ? repeat_of(work, request) : request->paths->len;

	if (!request->update || runs >= BASELINE_RUNS_LEAST)
		return 0;
	error_set(error, -EINVAL, "a baseline takes at least %d runs, and this is %zu",
		BASELINE_RUNS_LEAST, runs);
	error_next(error, "how far figures vary by themselves is a part of it: --repeat %d",
		REPEAT_BASELINE);
	return -EINVAL;
}

static int record(struct work *work, struct check_request *request, struct error *error)
{
	g_autofree char *rules = NULL;
	int code = suite_rules_offer(&rules, error);

	if (code < 0)
		return code;
	if (runs_record(work->runs, &request->capture, repeat_of(work, request)))
		code = config_read_rules(&work->config, rules, &work->vocabulary, error);
	else
		code = error_set(error, -ECANCELED, "nothing was judged");
	g_unlink(rules);
	return code;
}

static int gather(struct work *work, struct check_request *request, struct error *error)
{
	if (request->capture.options.command) {
		machine_init(&work->machine);
		return record(work, request, error);
	}
	for (guint i = 0; i < request->paths->len; i++)
		runs_add(work->runs, g_ptr_array_index(request->paths, i));
	return 0;
}

static void judge_work(struct judgement *judgement, const struct work *work)
{
	const struct case_of_judgement of = {
		.config = &work->config,
		.runs = work->runs,
		.machine = &work->machine,
		.baseline = work->has_baseline ? &work->baseline : NULL,
	};

	judge(judgement, &of);
}

static int write_baseline(const struct work *work, struct error *error)
{
	struct output output;
	json_t *json;
	int code = output_open(&output, work->baseline_path, error);

	if (code < 0)
		return code;
	json = baseline_to_json(&work->baseline, GILTRACE_VERSION);
	code = json ? json_layout_write(json, output.stream) : -ENOMEM;
	json_decref(json);
	if (code == 0)
		return output_finish(&output, error);
	output_discard(&output);
	return error_set(
		error, code, "cannot write '%s': %s", work->baseline_path, strerror(-code));
}

/* Whether every figure is known: a baseline has all of them or is not written. */
static bool is_known(const struct judgement *judgement)
{
	for (guint i = 0; i < judgement->outcomes->len; i++) {
		const struct outcome *outcome = g_ptr_array_index(judgement->outcomes, i);

		if (outcome->series.count == 0 && !outcome->absent)
			return false;
	}
	return !judgement->refusal;
}

/* Writes the baseline and judges once more, by it. */
static int update(struct work *work, struct judgement *judgement, struct error *error)
{
	int code;

	if (!is_known(judgement))
		return 0;
	baseline_init(&work->baseline);
	judgement_to_baseline(judgement, &work->baseline);
	machine_copy(&work->baseline.machine, &work->machine);
	work->has_baseline = true;
	code = write_baseline(work, error);
	if (code < 0)
		return code;
	fprintf(stderr, "giltrace: wrote %s: %u figures of %u runs\n", work->baseline_path,
		work->baseline.figures->len, work->baseline.runs);
	judgement_release(judgement);
	judge_work(judgement, work);
	return 0;
}

static int status_of(const struct judgement *judgement)
{
	static const int statuses[] = {
		[GATE_PASS] = STATUS_OK, [GATE_WORSE] = STATUS_NO, [GATE_UNKNOWN] = STATUS_TROUBLE};

	return statuses[judgement->verdict];
}

static int judge_and_write(
	struct work *work, const struct check_request *request, int *status, struct error *error)
{
	struct judgement judgement;
	int code = 0;

	judge_work(&judgement, work);
	/* A program that failed may have had no time to write its rules. */
	if (work->config.rules->len == 0 && !judgement.refusal) {
		code = error_set(error, -EINVAL, "there is no rule, so there is nothing to judge");
		error_next(error, "write [[rule]] into " CHECK_CONFIG "; see giltrace-check(1)");
	}
	if (code == 0 && request->update)
		code = update(work, &judgement, error);
	if (code == 0)
		code = gate_output_write(&request->output, &judgement, error);
	*status = status_of(&judgement);
	if (code == 0 && request->update && !work->has_baseline)
		code = error_set(error, -ENODATA, "the baseline was not written");
	judgement_release(&judgement);
	return code;
}

int check_work(struct check_request *request, int *status, struct error *error)
{
	struct work work = {.runs = runs_new()};
	int code;

	config_init(&work.config);
	known_figures(&work.vocabulary);
	code = load_config(&work, request, error);
	if (code == 0)
		code = load_baseline(&work, request, error);
	if (code == 0)
		code = check_settings(&work, request, error);
	work.config.any_machine = work.config.any_machine || request->any_machine;
	if (code == 0)
		code = gather(&work, request, error);
	if (code == 0)
		code = judge_and_write(&work, request, status, error);
	work_release(&work);
	return code;
}

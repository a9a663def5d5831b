/* Two sets of runs side by side; see compare.h. Lines are compared in compare_sites.c. */
#include "check/compare.h"

#include <string.h>

#include "check/change.h"
#include "check/observe.h"
#include "check/rule.h"

const char *const compare_decisive[] = {
	"contention", "load", "wait.p99_ns", "wait.max_ns", "hold.max_ns"};
const size_t compare_decisive_count = G_N_ELEMENTS(compare_decisive);

/* What is said of a GIL in words, or of what might be, is no figure of what was. */
static const char *const left_out[] = {"verdict.", "switch_interval_forecast.", "interval_us"};

const char *change_kind_key(enum change_kind kind)
{
	static const char *const keys[] = {
		[CHANGE_SAME] = "same",
		[CHANGE_NOISE] = "noise",
		[CHANGE_MORE] = "more",
		[CHANGE_LESS] = "less",
		[CHANGE_UNTOLD] = "untold",
		[CHANGE_UNKNOWN] = "unknown",
	};

	return keys[kind];
}

void change_settle(struct change *change)
{
	const struct series *before = &change->before, *after = &change->after;

	series_sort(&change->before);
	series_sort(&change->after);
	change->probability = 1;
	if (!before->count || !after->count) {
		change->kind = CHANGE_UNKNOWN;
		return;
	}
	change->probability = series_probability(before, after);
	if (!series_can_tell(before->count, after->count))
		change->kind = CHANGE_UNTOLD;
	else if (series_least(before) == series_most(after) &&
		 series_most(before) == series_least(after))
		change->kind = CHANGE_SAME;
	else if (change->probability >= SERIES_SIGNIFICANT)
		change->kind = CHANGE_NOISE;
	else if (series_direction(before, after) > 0)
		change->kind = CHANGE_MORE;
	else
		change->kind = CHANGE_LESS;
}

void change_release(struct change *change)
{
	g_free(change->figure);
	series_release(&change->before);
	series_release(&change->after);
}

static void free_change(void *change)
{
	change_release(change);
	g_free(change);
}

static void free_group(void *data)
{
	struct change_group *group = data;

	g_free(group->title);
	g_ptr_array_unref(group->changes);
	g_free(group);
}

static const json_t *report_at(const GPtrArray *runs, guint i)
{
	return ((const struct run *)g_ptr_array_index(runs, i))->report;
}

/* All or nothing: a series that lacks runs is not the same as one that has them. */
static void fill(struct series *series, const GPtrArray *runs, const struct rule *rule)
{
	for (guint i = 0; i < runs->len; i++) {
		struct observation observation;

		observe(&observation, report_at(runs, i), rule, true);
		if (observation.state == OBSERVED || observation.state == OBSERVED_NONE)
			series_add(series, observation.value);
		observation_release(&observation);
	}
	if (series->count < runs->len)
		series_release(series);
}

static bool is_left_out(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
		if (g_str_has_prefix(path, left_out[i]))
			return true;
	return false;
}

/* Of several GILs or threads: sums of what adds up, the largest of the rest. */
static bool adds_up(const struct figure *figure)
{
	return (figure->unit == UNIT_NS || figure->unit == UNIT_COUNT) &&
	       !strstr(figure->text, "max_") && !strstr(figure->text, ".p") &&
	       !strstr(figure->text, "mean");
}

static void add_group(
	struct comparison *comparison, const char *title, struct rule *rule, const GPtrArray *paths)
{
	struct change_group *group = g_new0(struct change_group, 1);

	group->title = g_strdup(title);
	group->thread = rule->thread;
	group->changes = g_ptr_array_new_with_free_func(free_change);
	for (guint i = 0; i < paths->len; i++) {
		struct change *change;

		if (is_left_out(g_ptr_array_index(paths, i)))
			continue;
		figure_init(&rule->figure, g_ptr_array_index(paths, i));
		rule->sum = adds_up(&rule->figure);
		change = g_new0(struct change, 1);
		change->figure = g_strdup(rule->figure.text);
		change->unit = rule->figure.unit;
		fill(&change->before, comparison->before.runs, rule);
		fill(&change->after, comparison->after.runs, rule);
		change_settle(change);
		g_ptr_array_add(group->changes, change);
		figure_release(&rule->figure);
	}
	g_ptr_array_add(comparison->groups, group);
}

/* A pattern that matches only `text`. */
static char *escape(const char *text)
{
	GString *pattern = g_string_new(NULL);

	for (const char *at = text; *at; at++) {
		if (strchr("*?[]\\", *at))
			g_string_append_c(pattern, '\\');
		g_string_append_c(pattern, *at);
	}
	return g_string_free(pattern, FALSE);
}

static void add_name(GPtrArray *names, const json_t *name)
{
	const char *text = json_string_value(name);

	if (text && *text && !g_ptr_array_find_with_equal_func(names, text, g_str_equal, NULL))
		g_ptr_array_add(names, (void *)text);
}

static void collect_threads(GPtrArray *names, const json_t *process)
{
	const json_t *gils = json_object_get(process, "gils"), *gil;
	size_t i;

	json_array_foreach(gils, i, gil)
	{
		const json_t *threads = json_object_get(gil, "threads"), *thread;
		size_t k;

		json_array_foreach(threads, k, thread)
		{
			add_name(names, json_object_get(thread, "name"));
		}
	}
}

/* What there is in a set of runs. Strings belong to the reports. */
struct inventory {
	GPtrArray *commands; /* of processes with a GIL */
	GPtrArray *threads;
	bool single; /* each run has one such process */
};

static void take_stock(struct inventory *inventory, const GPtrArray *runs)
{
	for (guint i = 0; i < runs->len; i++) {
		const json_t *list = json_object_get(report_at(runs, i), "processes"), *process;
		size_t k, found = 0;

		json_array_foreach(list, k, process)
		{
			if (json_array_size(json_object_get(process, "gils")) == 0)
				continue;
			found++;
			add_name(inventory->commands, json_object_get(process, "command"));
			collect_threads(inventory->threads, process);
		}
		inventory->single = inventory->single && found == 1;
	}
}

static void add_groups(struct comparison *comparison, const struct inventory *inventory,
	const struct vocabulary *vocabulary)
{
	struct rule rule = {0};

	if (inventory->single) {
		add_group(comparison, "The GIL", &rule, vocabulary->paths[SCOPE_GIL]);
	} else {
		for (guint i = 0; i < inventory->commands->len; i++) {
			const char *command = g_ptr_array_index(inventory->commands, i);

			rule.process = escape(command);
			add_group(comparison, command, &rule, vocabulary->paths[SCOPE_GIL]);
			g_clear_pointer(&rule.process, g_free);
		}
	}
	rule.scope = SCOPE_THREAD;
	for (guint i = 0; i < MIN(inventory->threads->len, COMPARE_THREADS); i++) {
		const char *name = g_ptr_array_index(inventory->threads, i);

		rule.thread = escape(name);
		add_group(comparison, name, &rule, vocabulary->paths[SCOPE_THREAD]);
		g_clear_pointer(&rule.thread, g_free);
	}
}

static void init_side(struct comparison_side *side, const GPtrArray *runs)
{
	const struct config config = {.rules = NULL};
	const struct case_of_judgement of = {.config = &config, .runs = runs};

	side->runs = runs;
	side->refusal = judge_refusal(&of, &side->interpreter);
}

/* Whether reports can be read at all; figures of doubtful ones are shown. */
static bool has_reports(const GPtrArray *runs)
{
	for (guint i = 0; i < runs->len; i++)
		if (!report_at(runs, i))
			return false;
	return runs->len > 0;
}

static bool is_decisive(const char *figure)
{
	for (size_t i = 0; i < compare_decisive_count; i++)
		if (strcmp(compare_decisive[i], figure) == 0)
			return true;
	return false;
}

static enum gate_verdict verdict_on(const struct comparison *comparison)
{
	enum gate_verdict verdict = GATE_PASS;

	if (comparison->before.refusal || comparison->after.refusal || !comparison->can_tell)
		return GATE_UNKNOWN;
	for (guint i = 0; i < comparison->groups->len; i++) {
		const struct change_group *group = g_ptr_array_index(comparison->groups, i);

		for (guint k = 0; k < group->changes->len && !group->thread; k++) {
			const struct change *change = g_ptr_array_index(group->changes, k);

			if (!is_decisive(change->figure))
				continue;
			if (change->kind == CHANGE_MORE)
				return GATE_WORSE;
			if (change->kind == CHANGE_UNKNOWN)
				verdict = GATE_UNKNOWN;
		}
	}
	return comparison->groups->len ? verdict : GATE_UNKNOWN;
}

void compare(struct comparison *comparison, const GPtrArray *before, const GPtrArray *after,
	const struct vocabulary *vocabulary)
{
	struct inventory inventory = {
		.commands = g_ptr_array_new(), .threads = g_ptr_array_new(), .single = true};

	memset(comparison, 0, sizeof(*comparison));
	init_side(&comparison->before, before);
	init_side(&comparison->after, after);
	comparison->can_tell = series_can_tell(before->len, after->len);
	comparison->groups = g_ptr_array_new_with_free_func(free_group);
	if (has_reports(before) && has_reports(after)) {
		take_stock(&inventory, before);
		take_stock(&inventory, after);
		add_groups(comparison, &inventory, vocabulary);
	}
	compare_sites(comparison);
	comparison->verdict = verdict_on(comparison);
	g_ptr_array_unref(inventory.commands);
	g_ptr_array_unref(inventory.threads);
}

void comparison_release(struct comparison *comparison)
{
	struct comparison_side *sides[] = {&comparison->before, &comparison->after};

	for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
		g_free(sides[i]->interpreter);
		g_free(sides[i]->refusal);
	}
	g_clear_pointer(&comparison->groups, g_ptr_array_unref);
	g_clear_pointer(&comparison->sites, g_ptr_array_unref);
}

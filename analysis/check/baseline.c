/* How figures were when all was well; see baseline.h. */
#include "check/baseline.h"

#include <errno.h>
#include <string.h>

#include "check/file.h"

#define SCHEMA "giltrace-baseline/1"

static void free_figure(void *data)
{
	struct baseline_figure *figure = data;

	g_free(figure->figure);
	g_free(figure->worst);
	series_release(&figure->series);
	g_free(figure);
}

void baseline_init(struct baseline *baseline)
{
	memset(baseline, 0, sizeof(*baseline));
	baseline->figures = g_ptr_array_new_with_free_func(free_figure);
}

void baseline_release(struct baseline *baseline)
{
	machine_release(&baseline->machine);
	g_clear_pointer(&baseline->interpreter, g_free);
	g_clear_pointer(&baseline->figures, g_ptr_array_unref);
}

static const char *worst_of(const struct rule *rule, bool upper)
{
	if (rule->sum)
		return "sum";
	return upper ? "largest" : "smallest";
}

static const struct series *find(
	const struct baseline *baseline, const char *subject, const char *worst)
{
	for (guint i = 0; i < baseline->figures->len; i++) {
		const struct baseline_figure *figure = g_ptr_array_index(baseline->figures, i);

		if (strcmp(figure->figure, subject) == 0 && strcmp(figure->worst, worst) == 0)
			return &figure->series;
	}
	return NULL;
}

const struct series *baseline_find(
	const struct baseline *baseline, const struct rule *rule, bool upper)
{
	g_autofree char *subject = rule_subject(rule);

	return find(baseline, subject, worst_of(rule, upper));
}

static struct baseline_figure *append(
	struct baseline *baseline, const char *subject, const char *worst)
{
	struct baseline_figure *figure = g_new0(struct baseline_figure, 1);

	figure->figure = g_strdup(subject);
	figure->worst = g_strdup(worst);
	g_ptr_array_add(baseline->figures, figure);
	return figure;
}

void baseline_add(
	struct baseline *baseline, const struct rule *rule, bool upper, const struct series *series)
{
	g_autofree char *subject = rule_subject(rule);
	struct baseline_figure *figure;

	if (find(baseline, subject, worst_of(rule, upper)))
		return;
	figure = append(baseline, subject, worst_of(rule, upper));
	for (size_t i = 0; i < series->count; i++)
		series_add(&figure->series, series->values[i]);
}

static int read_figure(struct baseline *baseline, const json_t *json)
{
	const char *subject = json_string_value(json_object_get(json, "figure"));
	const char *worst = json_string_value(json_object_get(json, "worst"));
	const json_t *values = json_object_get(json, "values"), *value;
	struct baseline_figure *figure;
	size_t i;

	if (!subject || !worst || json_array_size(values) == 0)
		return -EBADMSG;
	figure = append(baseline, subject, worst);
	json_array_foreach(values, i, value)
	{
		if (!json_is_number(value))
			return -EBADMSG;
		series_add(&figure->series, json_number_value(value));
	}
	series_sort(&figure->series);
	return 0;
}

static int read_members(struct baseline *baseline, const json_t *root)
{
	const char *interpreter = json_string_value(json_object_get(root, "interpreter"));
	const json_t *figures = json_object_get(root, "figures"), *figure;
	json_int_t runs = json_integer_value(json_object_get(root, "runs"));
	int code = 0;
	size_t i;

	if (!interpreter || !json_is_array(figures) || runs < 1 || runs > 1000000)
		return -EBADMSG;
	baseline->interpreter = g_strdup(interpreter);
	baseline->runs = (unsigned)runs;
	machine_from_json(&baseline->machine, json_object_get(root, "machine"));
	json_array_foreach(figures, i, figure)
	{
		if (code == 0)
			code = read_figure(baseline, figure);
	}
	return code;
}

static int read_root(
	struct baseline *baseline, const json_t *root, const char *path, struct error *error)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	int code;

	if (!schema || !g_str_has_prefix(schema, "giltrace-baseline/"))
		code = error_set(error, -EBADMSG, "'%s' is no baseline", path);
	else if (strcmp(schema, SCHEMA) != 0)
		code = error_set(error, -EBADMSG,
			"the baseline '%s' has the schema %s, and this giltrace knows %s", path,
			schema, SCHEMA);
	else if (read_members(baseline, root) < 0)
		code = error_set(error, -EBADMSG, "the baseline '%s' is damaged", path);
	else
		return 0;
	error_next(error, "write it anew: giltrace check --update-baseline");
	return code;
}

int baseline_read(struct baseline *baseline, const char *path, struct error *error)
{
	json_error_t problem;
	json_t *root;
	char *text;
	int code;

	baseline_init(baseline);
	code = file_text(path, &text, error);
	if (code < 0) {
		if (code == -ENOENT)
			error_next(error, "write it first: giltrace check --update-baseline");
		return code;
	}
	root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
	g_free(text);
	if (!root) {
		error_set(error, -EBADMSG, "%s:%d: %s", path, problem.line, problem.text);
		error_next(error, "write the baseline anew: giltrace check --update-baseline");
		return -EBADMSG;
	}
	code = read_root(baseline, root, path, error);
	json_decref(root);
	return code;
}

/* Whole numbers as such. */
static json_t *number(double value)
{
	json_int_t whole = (json_int_t)value;

	return (double)whole == value ? json_integer(whole) : json_real(value);
}

json_t *baseline_to_json(const struct baseline *baseline, const char *version)
{
	json_t *figures = json_array();

	for (guint i = 0; i < baseline->figures->len; i++) {
		const struct baseline_figure *figure = g_ptr_array_index(baseline->figures, i);
		json_t *values = json_array();

		for (size_t k = 0; k < figure->series.count; k++)
			json_array_append_new(values, number(figure->series.values[k]));
		json_array_append_new(
			figures, json_pack("{s:s, s:s, s:o, s:o}", "figure", figure->figure,
					 "worst", figure->worst, "median",
					 number(series_median(&figure->series)), "values", values));
	}
	return json_pack("{s:s, s:s, s:o, s:s, s:i, s:o}", "schema", SCHEMA, "giltrace", version,
		"machine", machine_to_json(&baseline->machine), "interpreter",
		baseline->interpreter, "runs", (int)baseline->runs, "figures", figures);
}

char *baseline_mismatch(const struct baseline *baseline, const struct machine *machine,
	bool any_machine, const char *interpreter)
{
	g_autofree char *then = NULL, *now = NULL;

	if (strcmp(baseline->interpreter, interpreter) != 0)
		return g_strdup_printf("the baseline is of %s, this is %s",
			*baseline->interpreter ? baseline->interpreter : "no Python",
			*interpreter ? interpreter : "no Python");
	if (any_machine || !machine_differs(&baseline->machine, machine))
		return NULL;
	then = machine_words(&baseline->machine);
	now = machine_words(machine);
	return g_strdup_printf(
		"the baseline is from another machine (%s; this one has %s)", then, now);
}

/* What a gate found, as JSON; see gate.h. */
#include <errno.h>

#include "render/gate.h"
#include "render/gate_words.h"
#include "render/json_build.h"
#include "render/json_layout.h"

static void put_optional(struct builder *b, json_t *object, const char *key, const char *value)
{
	if (value)
		put_string(b, object, key, value);
	else
		put(b, object, key, json_null());
}

static void put_causes(struct builder *b, json_t *object, const struct outcome *outcome)
{
	json_t *causes = put_array(b, object, "causes");

	for (guint i = 0; i < outcome->causes->len; i++) {
		const struct cause *cause = g_ptr_array_index(outcome->causes, i);
		json_t *json = append_object(b, causes);

		put_string(b, json, "file", cause->file);
		put(b, json, "line", json_integer(cause->line));
		put_string(b, json, "function", cause->function);
		put_string(b, json, "text", cause->words);
	}
}

static void put_baseline(struct builder *b, json_t *object, const struct outcome *outcome)
{
	json_t *json = outcome->has_baseline ? json_object() : json_null();

	if (outcome->has_baseline) {
		put(b, json, "median", json_figure(outcome->baseline));
		put(b, json, "least", json_figure(outcome->baseline_least));
		put(b, json, "most", json_figure(outcome->baseline_most));
	}
	put(b, object, "baseline", json);
}

static void put_values(struct builder *b, json_t *object, const struct outcome *outcome)
{
	json_t *values;

	put(b, object, "now",
		outcome->series.count ? json_figure(series_median(&outcome->series)) : json_null());
	values = put_array(b, object, "values");
	for (size_t i = 0; i < outcome->series.count; i++)
		if (json_array_append_new(values, json_figure(outcome->series.values[i])))
			b->failed = true;
}

static void append_outcome(struct builder *b, json_t *array, const struct outcome *outcome)
{
	static const char *const units[] = {[UNIT_NONE] = "text",
		[UNIT_COUNT] = "count",
		[UNIT_NS] = "ns",
		[UNIT_SHARE] = "share",
		[UNIT_NUMBER] = "number"};
	const struct rule *rule = outcome->rule;
	g_autofree char *label = gate_label(outcome);
	json_t *json = append_object(b, array);

	put_string(b, json, "name", label);
	put_string(b, json, "figure", rule->figure.text);
	put_string(b, json, "unit", units[rule->figure.unit]);
	put_optional(b, json, "thread", rule->thread);
	put_optional(b, json, "site", rule->site);
	put_optional(b, json, "region", rule->region);
	put_optional(b, json, "process", rule->process);
	put_string(b, json, "limit_kind", limit_key(outcome->kind));
	put_string(b, json, "verdict", gate_verdict_key(outcome->verdict));
	put_values(b, json, outcome);
	put_baseline(b, json, outcome);
	put(b, json, "limit", outcome->has_limit ? json_figure(outcome->limit) : json_null());
	put_optional(b, json, "reason", outcome->reason);
	put_string(b, json, "where", rule->where);
	put_causes(b, json, outcome);
}

int gate_render_json(
	const struct judgement *judgement, FILE *out, const struct gate_options *options)
{
	g_autofree char *summary = gate_summary(judgement);
	struct builder b = {false};
	json_t *root = json_object(), *outcomes;
	int result;

	(void)options;
	put_string(&b, root, "schema", "giltrace-check/1");
	put_string(&b, root, "verdict", gate_verdict_key(judgement->verdict));
	put_string(&b, root, "summary", summary);
	put_optional(&b, root, "refusal", judgement->refusal);
	put(&b, root, "runs", json_integer((json_int_t)judgement->runs));
	put_string(&b, root, "interpreter", judgement->interpreter);
	outcomes = put_array(&b, root, "outcomes");
	for (guint i = 0; i < judgement->outcomes->len; i++)
		append_outcome(&b, outcomes, g_ptr_array_index(judgement->outcomes, i));
	result = b.failed ? -ENOMEM : json_layout_write(root, out);
	json_decref(root);
	return result;
}

/* Two sets of runs side by side, as JSON; see diff.h. */
#include <errno.h>

#include "render/diff.h"
#include "render/json_build.h"
#include "render/json_layout.h"

static json_t *median(const struct series *series)
{
	return series->count ? json_figure(series_median(series)) : json_null();
}

static void put_values(
	struct builder *b, json_t *object, const char *key, const struct series *series)
{
	json_t *values = put_array(b, object, key);

	for (size_t i = 0; i < series->count; i++)
		if (json_array_append_new(values, json_figure(series->values[i])))
			b->failed = true;
}

static void fill_change(struct builder *b, json_t *json, const struct change *change)
{
	static const char *const units[] = {[UNIT_NONE] = "text",
		[UNIT_COUNT] = "count",
		[UNIT_NS] = "ns",
		[UNIT_SHARE] = "share",
		[UNIT_NUMBER] = "number"};

	put_string(b, json, "figure", change->figure);
	put_string(b, json, "unit", units[change->unit]);
	put(b, json, "before", median(&change->before));
	put(b, json, "after", median(&change->after));
	put_values(b, json, "before_values", &change->before);
	put_values(b, json, "after_values", &change->after);
	put_real(b, json, "probability", change->probability);
	put_string(b, json, "change", change_kind_key(change->kind));
}

static void put_change(
	struct builder *b, json_t *object, const char *key, const struct change *change)
{
	json_t *json = json_object();

	fill_change(b, json, change);
	put(b, object, key, json);
}

static void append_group(struct builder *b, json_t *array, const struct change_group *group)
{
	json_t *json = append_object(b, array), *figures;

	put_string(b, json, "kind", group->thread ? "thread" : "gil");
	put_string(b, json, "title", group->title);
	figures = put_array(b, json, "figures");
	for (guint i = 0; i < group->changes->len; i++)
		fill_change(b, append_object(b, figures), g_ptr_array_index(group->changes, i));
}

static void put_runs(struct builder *b, json_t *object, const char *key, size_t runs,
	const struct comparison_side *side)
{
	put(b, object, key, side->lines_known ? json_integer((json_int_t)runs) : json_null());
}

static void append_site(struct builder *b, json_t *array, const struct site_change *site,
	const struct comparison *comparison)
{
	json_t *json = append_object(b, array);

	put_string(b, json, "file", site->file);
	put(b, json, "line", json_integer(site->line));
	put_string(b, json, "function", site->function);
	put_runs(b, json, "runs_before", site->runs_before, &comparison->before);
	put_runs(b, json, "runs_after", site->runs_after, &comparison->after);
	put_change(b, json, "blocked", &site->blocked);
	put_change(b, json, "held", &site->held);
}

static void put_side(
	struct builder *b, json_t *object, const char *key, const struct comparison_side *side)
{
	json_t *json = json_object();

	put(b, json, "runs", json_integer(side->runs->len));
	put_string(b, json, "interpreter", side->interpreter);
	if (side->refusal)
		put_string(b, json, "refusal", side->refusal);
	else
		put(b, json, "refusal", json_null());
	put(b, object, key, json);
}

int diff_render_json(
	const struct comparison *comparison, FILE *out, const struct diff_options *options)
{
	struct builder b = {false};
	json_t *root = json_object(), *array;
	int result;

	(void)options;
	put_string(&b, root, "schema", "giltrace-diff/1");
	put_string(&b, root, "verdict", gate_verdict_key(comparison->verdict));
	put(&b, root, "can_tell", json_boolean(comparison->can_tell));
	put_side(&b, root, "before", &comparison->before);
	put_side(&b, root, "after", &comparison->after);
	array = put_array(&b, root, "groups");
	for (guint i = 0; i < comparison->groups->len; i++)
		append_group(&b, array, g_ptr_array_index(comparison->groups, i));
	array = put_array(&b, root, "sites");
	for (guint i = 0; i < comparison->sites->len; i++)
		append_site(&b, array, g_ptr_array_index(comparison->sites, i), comparison);
	result = b.failed ? -ENOMEM : json_layout_write(root, out);
	json_decref(root);
	return result;
}

/* Lines of Python in two sets of runs; see compare.h. */
#include <math.h>
#include <string.h>

#include "check/change.h"
#include "check/observe.h"

/* What a line has in one run, over all processes. */
struct amount {
	double blocked;
	double held;
	bool seen;
};

struct line {
	struct site_change *change;
	struct amount *amounts; /* of each run, those before first */
};

struct survey {
	GHashTable *lines; /* char * -> struct line * */
	GPtrArray *changes;
	guint before;
	guint runs;
	bool known_before; /* every line is, with all that it has */
	bool known_after;
};

static void free_site_change(void *data)
{
	struct site_change *change = data;

	g_free(change->file);
	g_free(change->function);
	change_release(&change->blocked);
	change_release(&change->held);
	g_free(change);
}

static void free_line(void *data)
{
	struct line *line = data;

	g_free(line->amounts);
	g_free(line);
}

static json_int_t integer_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Where the repository lies differs from machine to machine, so that the path counts for nothing.
 */
static char *key_of(const json_t *site)
{
	const char *file = json_string_value(json_object_get(site, "file"));
	const char *function = json_string_value(json_object_get(site, "function"));
	g_autofree char *name = file ? g_path_get_basename(file) : NULL;

	if (!file || !function)
		return NULL;
	return g_strdup_printf("%s\n%s\n%" JSON_INTEGER_FORMAT, name, function,
		integer_of(site, "line") - integer_of(site, "first_line"));
}

static struct line *line_of(struct survey *survey, const json_t *site)
{
	g_autofree char *key = key_of(site);
	struct line *line = key ? g_hash_table_lookup(survey->lines, key) : NULL;

	if (line || !key)
		return line;
	line = g_new0(struct line, 1);
	line->amounts = g_new0(struct amount, survey->runs);
	line->change = g_new0(struct site_change, 1);
	line->change->file = g_strdup(json_string_value(json_object_get(site, "file")));
	line->change->function = g_strdup(json_string_value(json_object_get(site, "function")));
	line->change->blocked.figure = g_strdup("blocked_ns");
	line->change->held.figure = g_strdup("held_ns");
	line->change->blocked.unit = line->change->held.unit = UNIT_NS;
	g_ptr_array_add(survey->changes, line->change);
	g_hash_table_insert(survey->lines, g_steal_pointer(&key), line);
	return line;
}

static void take_sites(struct survey *survey, const json_t *gil, guint run)
{
	const json_t *sites = json_object_get(gil, "sites"), *site;
	size_t i;

	json_array_foreach(sites, i, site)
	{
		struct line *line = line_of(survey, site);

		if (!line)
			continue;
		line->change->line = (int)integer_of(site, "line");
		line->amounts[run].seen = true;
		line->amounts[run].blocked += (double)integer_of(site, "blocked_ns");
		line->amounts[run].held += (double)integer_of(site, "held_ns");
	}
}

static void take_run(struct survey *survey, const struct run *run, guint number)
{
	const json_t *processes = json_object_get(run->report, "processes"), *process;
	bool *known = number < survey->before ? &survey->known_before : &survey->known_after;
	size_t i;

	*known = *known && run->report;
	json_array_foreach(processes, i, process)
	{
		const json_t *gils = json_object_get(process, "gils"), *gil;
		size_t k;

		json_array_foreach(gils, k, gil)
		{
			*known = *known && !observe_lacks_lines(process, gil);
			take_sites(survey, gil, number);
		}
	}
}

static void settle_line(void *key, void *value, void *user)
{
	const struct survey *survey = user;
	struct line *line = value;
	struct site_change *change = line->change;

	(void)key;
	for (guint i = 0; i < survey->runs; i++) {
		bool before = i < survey->before;
		const struct amount *amount = &line->amounts[i];

		change->runs_before += before && amount->seen;
		change->runs_after += !before && amount->seen;
		/* All or nothing, as everywhere: a line that is not there may have been left out.
		 */
		if (!(before ? survey->known_before : survey->known_after))
			continue;
		series_add(
			before ? &change->blocked.before : &change->blocked.after, amount->blocked);
		series_add(before ? &change->held.before : &change->held.after, amount->held);
	}
	change_settle(&change->blocked);
	change_settle(&change->held);
}

/* Where one side is not known, the other's amount. */
static double size_of(const struct change *change)
{
	double before = change->before.count ? series_median(&change->before) : 0;
	double after = change->after.count ? series_median(&change->after) : 0;

	return fabs(after - before);
}

/* By what others waited behind it, then by what it held. */
static int compare_sizes(const void *a, const void *b)
{
	const struct site_change *left = *(struct site_change *const *)a;
	const struct site_change *right = *(struct site_change *const *)b;
	double of_left = size_of(&left->blocked), of_right = size_of(&right->blocked);

	if (of_left == of_right) {
		of_left = size_of(&left->held);
		of_right = size_of(&right->held);
	}
	return (of_left < of_right) - (of_left > of_right);
}

void compare_sites(struct comparison *comparison)
{
	const GPtrArray *before = comparison->before.runs, *after = comparison->after.runs;
	struct survey survey = {
		.lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_line),
		.changes = g_ptr_array_new_with_free_func(free_site_change),
		.before = before->len,
		.runs = before->len + after->len,
		.known_before = true,
		.known_after = true,
	};

	for (guint i = 0; i < before->len; i++)
		take_run(&survey, g_ptr_array_index(before, i), i);
	for (guint i = 0; i < after->len; i++)
		take_run(&survey, g_ptr_array_index(after, i), before->len + i);
	g_hash_table_foreach(survey.lines, settle_line, &survey);
	g_hash_table_destroy(survey.lines);
	g_ptr_array_sort(survey.changes, compare_sizes);
	comparison->before.lines_known = survey.known_before;
	comparison->after.lines_known = survey.known_after;
	comparison->sites = survey.changes;
}

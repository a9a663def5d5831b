/* The lines of Python behind a figure; see cause.h. */
#include "check/cause.h"

#include <stdlib.h>
#include <string.h>

#include "base/humane.h"
#include "base/utf8.h"

/* A line with a smaller part of what the first one has explains nothing. */
#define WORTH_NAMING 0.05

struct candidate {
	const json_t *site; /* names the line */
	json_int_t weight;
};

static json_int_t integer_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* What a line has to have much of to explain the figure. */
static const char *weight_of(const struct rule *rule)
{
	const char *top = rule->figure.top;
	bool extreme = strstr(top, "max") || strstr(top, ".p");

	if (rule->scope == SCOPE_SITE)
		return top;
	if (g_str_has_prefix(top, "hold") || g_str_has_prefix(top, "drop_latency"))
		return extreme ? "hold_max_ns" : "held_ns";
	if (g_str_has_prefix(top, "held") || g_str_has_prefix(top, "utilization") ||
		g_str_has_prefix(top, "acquisitions"))
		return "held_ns";
	return "blocked_ns";
}

static void add(GArray *candidates, const json_t *site, json_int_t weight)
{
	const struct candidate candidate = {site, weight};

	if (weight > 0 && json_is_string(json_object_get(site, "file")))
		g_array_append_val(candidates, candidate);
}

static void add_sites(GArray *candidates, const json_t *sites, const char *weight)
{
	const json_t *site;
	size_t i;

	json_array_foreach(sites, i, site)
	{
		add(candidates, site, integer_of(site, weight));
	}
}

/* Where the thread itself held; sites of a thread are numbers into those of the GIL. */
static void add_own(GArray *candidates, const json_t *gil, const json_t *thread, const char *weight)
{
	const json_t *own = json_object_get(thread, "sites"), *entry;
	size_t i;

	json_array_foreach(own, i, entry)
	{
		add(candidates,
			json_array_get(
				json_object_get(gil, "sites"), (size_t)integer_of(entry, "site")),
			integer_of(entry, weight));
	}
}

/* Behind which lines the thread waited. */
static void add_blamed(GArray *candidates, const json_t *gil, const json_t *thread)
{
	const json_t *sites = json_object_get(gil, "sites"), *blame, *row;
	size_t count = json_array_size(sites), i;
	json_int_t *waits = g_new0(json_int_t, count + 1);

	blame = json_object_get(gil, "line_blame");
	json_array_foreach(blame, i, row)
	{
		const json_t *site = json_object_get(row, "holder_site");

		if (integer_of(row, "waiter") == integer_of(thread, "tid") &&
			json_is_integer(site) && (size_t)json_integer_value(site) < count)
			waits[json_integer_value(site)] += integer_of(row, "wait_ns");
	}
	for (i = 0; i < count; i++)
		add(candidates, json_array_get(sites, i), waits[i]);
	g_free(waits);
}

static void collect(
	GArray *candidates, const struct observation *observation, const struct rule *rule)
{
	const json_t *sites = json_object_get(observation->gil, "sites");
	const char *weight = weight_of(rule);

	if (rule->scope == SCOPE_SITE) {
		add(candidates, observation->object, 1);
	} else if (rule->scope == SCOPE_THREAD && strcmp(weight, "blocked_ns") == 0) {
		add_blamed(candidates, observation->gil, observation->object);
	} else if (rule->scope == SCOPE_THREAD) {
		add_own(candidates, observation->gil, observation->object, weight);
	} else {
		add_sites(candidates, sites, weight);
		/* Nobody waited: the line that holds is the one to look at. */
		if (candidates->len == 0)
			add_sites(candidates, sites, "held_ns");
	}
}

static int compare(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	return (left->weight < right->weight) - (left->weight > right->weight);
}

static char *words_of(const json_t *site)
{
	char blocked[HUMANE_SIZE], held[HUMANE_SIZE], most[HUMANE_SIZE];

	return g_strdup_printf("others waited %s behind it; it held %s, at most %s at a time",
		humane_duration(blocked, (uint64_t)integer_of(site, "blocked_ns")),
		humane_duration(held, (uint64_t)integer_of(site, "held_ns")),
		humane_duration(most, (uint64_t)integer_of(site, "hold_max_ns")));
}

static struct cause *name_cause(const json_t *site)
{
	struct cause *cause = g_new0(struct cause, 1);

	cause->file = utf8_clean(json_string_value(json_object_get(site, "file")));
	cause->function = utf8_clean(json_string_value(json_object_get(site, "function")));
	cause->line = (int)integer_of(site, "line");
	cause->words = words_of(site);
	return cause;
}

static void free_cause(void *data)
{
	struct cause *cause = data;

	g_free(cause->file);
	g_free(cause->function);
	g_free(cause->words);
	g_free(cause);
}

GPtrArray *causes_find(const struct observation *observation, const struct rule *rule)
{
	GPtrArray *causes = g_ptr_array_new_with_free_func(free_cause);
	GArray *candidates = g_array_new(FALSE, FALSE, sizeof(struct candidate));

	if (observation->object)
		collect(candidates, observation, rule);
	g_array_sort(candidates, compare);
	for (guint i = 0; i < MIN(candidates->len, CAUSES_SHOWN); i++) {
		const struct candidate *candidate = &g_array_index(candidates, struct candidate, i);
		const struct candidate *first = &g_array_index(candidates, struct candidate, 0);

		if ((double)candidate->weight >= WORTH_NAMING * (double)first->weight)
			g_ptr_array_add(causes, name_cause(candidate->site));
	}
	g_array_free(candidates, TRUE);
	return causes;
}

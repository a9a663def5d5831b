/* What one run says; see observe.h. */
#include "check/observe.h"

#include <fnmatch.h>
#include <string.h>

struct search {
	const struct rule *rule;
	struct observation *best;
	bool upper;
	bool any;
	double sum;
};

static const char *string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string ? string : "";
}

static bool matches(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, 0) == 0;
}

static void set_unknown(struct search *search, const json_t *process, char *reason)
{
	struct observation *best = search->best;

	search->any = true;
	if (best->state == NOT_KNOWN) {
		g_free(reason);
		return;
	}
	best->state = NOT_KNOWN;
	best->reason = reason;
	best->process = process;
}

/* Takes the figure of one object that matches. */
static void take(
	struct search *search, const json_t *process, const json_t *gil, const json_t *object)
{
	struct reading reading = figure_read(&search->rule->figure, object);
	struct observation *best = search->best;
	bool worse = search->upper ? reading.value > best->value : reading.value < best->value;

	if (reading.state == READING_UNKNOWN) {
		set_unknown(search, process,
			g_strdup_printf("%s is not known of process %" JSON_INTEGER_FORMAT,
				search->rule->figure.text,
				json_integer_value(json_object_get(process, "pid"))));
		return;
	}
	if (best->state == NOT_KNOWN)
		return;
	search->sum += reading.value;
	if (search->any && !worse)
		return;
	best->state = reading.state == READING_NONE ? OBSERVED_NONE : OBSERVED;
	best->value = reading.value;
	best->process = process;
	best->gil = gil;
	best->object = object;
	search->any = true;
}

/* "image.py:88", "image.py", "lib/image.py:88" of a file whose path ends so; or the function. */
static bool is_site(const char *pattern, const json_t *site)
{
	const char *file = json_string_value(json_object_get(site, "file")), *slash;
	g_autofree char *place = NULL;
	size_t at = 0;

	if (!file)
		return false;
	if (matches(pattern, string_of(site, "function")))
		return true;
	place = g_strdup_printf("%s:%" JSON_INTEGER_FORMAT, file,
		json_integer_value(json_object_get(site, "line")));
	do {
		if (matches(pattern, file + at) || matches(pattern, place + at))
			return true;
		slash = strchr(file + at, '/');
		at = slash ? (size_t)(slash - file) + 1 : at;
	} while (slash);
	return false;
}

static void search_threads(struct search *search, const json_t *process, const json_t *gil)
{
	const json_t *threads = json_object_get(gil, "threads"), *thread;
	size_t i;

	json_array_foreach(threads, i, thread)
	{
		if (matches(search->rule->thread, string_of(thread, "name")))
			take(search, process, gil, thread);
	}
}

/* The first of `list` in which `key` is `value`; NULL: none. */
static const json_t *find_item(const json_t *list, const char *key, const char *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (strcmp(string_of(item, key), value) == 0)
			return item;
	}
	return NULL;
}

static bool lacks_sites(const json_t *process)
{
	return find_item(json_object_get(process, "unavailable"), "facility", "sites");
}

/* What the lines have together for which no room was left: others, and parts of those that are
 * told of. */
static const json_t *rest_of(const json_t *gil)
{
	return find_item(json_object_get(gil, "sites"), "kind", "rest");
}

bool observe_lacks_lines(const json_t *process, const json_t *gil)
{
	return lacks_sites(process) || rest_of(gil);
}

/* Whether no line of the rest could make the figure of a rule worse than the worst one there is. */
static bool is_harmless(const struct search *search, const json_t *rest)
{
	const struct figure *figure = &search->rule->figure;
	struct reading reading;

	if (!search->upper || figure->bottom)
		return false;
	reading = figure_read(figure, rest);
	if (reading.state == READING_UNKNOWN)
		return false;
	/* Parts of one line add up, its longest does not. */
	return reading.value == 0 || (!search->rule->sum && strstr(figure->text, "max_") &&
					     reading.value <= search->best->value);
}

static void search_sites(struct search *search, const json_t *process, const json_t *gil)
{
	const json_t *sites = json_object_get(gil, "sites"), *site, *rest;
	bool found = false;
	size_t i;

	json_array_foreach(sites, i, site)
	{
		if (!is_site(search->rule->site, site))
			continue;
		found = true;
		take(search, process, gil, site);
	}
	rest = rest_of(gil);
	if (lacks_sites(process) || (rest && !(found && is_harmless(search, rest))))
		set_unknown(search, process,
			g_strdup("lines of Python were not recorded, or not all of them"));
}

static void search_gils(struct search *search, const json_t *process, const json_t *gils)
{
	const json_t *gil;
	size_t i;

	json_array_foreach(gils, i, gil)
	{
		if (strcmp(string_of(gil, "mode"), "enabled") != 0)
			set_unknown(search, process,
				g_strdup_printf("the GIL of '%s' is %s",
					string_of(process, "command"), string_of(gil, "mode")));
		else if (search->rule->scope == SCOPE_THREAD)
			search_threads(search, process, gil);
		else if (search->rule->scope == SCOPE_SITE)
			search_sites(search, process, gil);
		else
			take(search, process, gil, gil);
	}
}

/* Whether it can match more than one name. */
static bool is_pattern(const char *text)
{
	for (; *text; text++) {
		if (strchr("*?[", *text))
			return true;
		if (*text == '\\' && text[1])
			text++;
	}
	return false;
}

static void search_regions(struct search *search, const json_t *process)
{
	const json_t *regions = json_object_get(process, "regions"), *region;
	bool found = false;
	size_t i;

	json_array_foreach(regions, i, region)
	{
		const json_t *gils = json_object_get(region, "gils");

		if (!matches(search->rule->region, string_of(region, "name")))
			continue;
		found = true;
		if (search->rule->whole &&
			json_integer_value(json_object_get(region, "unclosed")) > 0)
			set_unknown(search, process,
				g_strdup_printf("'%s' was not left before its process ended",
					string_of(region, "name")));
		else if (json_array_size(gils) > 0)
			search_gils(search, process, gils);
		else
			set_unknown(search, process,
				g_strdup_printf("the report has no figures of region '%s'",
					string_of(region, "name")));
	}
	if ((!found || is_pattern(search->rule->region)) &&
		json_integer_value(json_object_get(process, "regions_left_out")) > 0)
		set_unknown(
			search, process, g_strdup("there were more regions than are remembered"));
}

/* Of a process without a GIL in the report: whether it could have had one. */
static void look_at_bare_process(struct search *search, const json_t *process)
{
	const char *gil = string_of(process, "gil");

	if (strcmp(gil, "none") == 0)
		return;
	set_unknown(search, process,
		g_strdup_printf(
			strcmp(gil, "disabled") == 0
				? "the GIL of '%s' is disabled, so there is nothing to judge"
				: "no GIL was found in '%s'; giltrace doctor looks for the reason",
			string_of(process, "command")));
}

static void search_process(struct search *search, const json_t *process)
{
	const char *pattern = search->rule->process;

	if (pattern && !matches(pattern, string_of(process, "command")))
		return;
	if (json_array_size(json_object_get(process, "gils")) == 0)
		look_at_bare_process(search, process);
	else if (search->rule->region)
		search_regions(search, process);
	else
		search_gils(search, process, json_object_get(process, "gils"));
}

void observe(
	struct observation *observation, const json_t *report, const struct rule *rule, bool upper)
{
	struct search search = {.rule = rule, .best = observation, .upper = upper};
	const json_t *processes = json_object_get(report, "processes"), *process;
	size_t i;

	memset(observation, 0, sizeof(*observation));
	observation->state = ABSENT;
	if (rule->scope == SCOPE_TRACE) {
		take(&search, NULL, NULL, report);
		return;
	}
	json_array_foreach(processes, i, process)
	{
		search_process(&search, process);
	}
	if (rule->sum && observation->state != NOT_KNOWN)
		observation->value = search.sum;
	if (rule->sum && observation->state == OBSERVED_NONE && search.sum > 0)
		observation->state = OBSERVED;
}

void observation_release(struct observation *observation)
{
	g_free(observation->reason);
	memset(observation, 0, sizeof(*observation));
}

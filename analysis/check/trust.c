/* Whether a report can be relied on, and what ran; see observe.h. */
#include <string.h>

#include "check/observe.h"

/* Doubts under which no figure can be relied on, unless they were accepted. The others concern
 * single figures, which are null then. */
static const char *const grave[] = {"lost_events", "truncated", "overlap", "sequence_gap",
	"impossible", "gil_forgotten", "region_forgotten", "unfinished", "incomplete",
	"no_process"};

static bool is_grave(const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(grave); i++)
		if (strcmp(kind, grave[i]) == 0)
			return true;
	return false;
}

static bool is_accepted(const char *kind, const GPtrArray *accepted)
{
	return accepted &&
	       g_ptr_array_find_with_equal_func((GPtrArray *)accepted, kind, g_str_equal, NULL);
}

char *refusal_of(const json_t *report, const GPtrArray *accepted)
{
	const json_t *doubts = json_object_get(report, "doubts"), *doubt;
	bool complete = json_is_true(json_object_get(json_object_get(report, "trace"), "complete"));
	bool overlooked = false;
	size_t i;

	json_array_foreach(doubts, i, doubt)
	{
		const char *kind = json_string_value(json_object_get(doubt, "kind"));
		const char *text = json_string_value(json_object_get(doubt, "text"));

		if (!kind || !is_grave(kind))
			continue;
		if (!is_accepted(kind, accepted))
			return g_strdup(text ? text : kind);
		overlooked = true;
	}
	return complete || overlooked ? NULL : g_strdup("the recording is not complete");
}

/* "3.13" of "3.13.0". */
static char *feature_version(const char *version)
{
	const char *dot = strchr(version, '.');
	size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;

	return dot ? g_strndup(version, (gsize)(dot - version) + 1 + digits) : g_strdup(version);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *interpreters_of(const json_t *report)
{
	const json_t *processes = json_object_get(report, "processes"), *process;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	char *joined;
	size_t i;

	json_array_foreach(processes, i, process)
	{
		const char *implementation =
			json_string_value(json_object_get(process, "implementation"));
		const char *version = json_string_value(json_object_get(process, "version"));
		g_autofree char *feature = feature_version(version ? version : "");
		char *name;

		if (!implementation || !*implementation)
			continue;
		name = g_strstrip(g_strdup_printf("%s %s", implementation, feature));
		if (g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_free(name);
		else
			g_ptr_array_add(names, name);
	}
	qsort(names->pdata, names->len, sizeof(void *), compare);
	g_ptr_array_add(names, NULL);
	joined = g_strjoinv(", ", (char **)names->pdata);
	g_ptr_array_free(names, TRUE);
	return joined;
}

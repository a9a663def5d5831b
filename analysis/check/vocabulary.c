/* Which figures there are; see figure.h. */
#include <string.h>

#include "base/similar.h"
#include "check/figure.h"

enum { NAMES_SHOWN = 6 };

/* Numbers that say which, or when, and not how much. */
static const char *const no_figures[] = {"id", "tid", "pid", "ppid", "gil", "begin_ns", "end_ns",
	"line", "first_line", "holder", "victim", "site", "unanswered_stack"};

static bool is_figure(const char *key, const json_t *value)
{
	for (size_t i = 0; i < G_N_ELEMENTS(no_figures); i++)
		if (strcmp(key, no_figures[i]) == 0)
			return false;
	return json_is_number(value) || json_is_null(value);
}

static void collect(GPtrArray *paths, const char *lead, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		g_autofree char *path = g_strconcat(lead, key, NULL);

		if (json_is_object(value)) {
			g_autofree char *inner = g_strconcat(path, ".", NULL);

			collect(paths, inner, value);
		} else if (is_figure(key, value)) {
			g_ptr_array_add(paths, g_steal_pointer(&path));
		}
	}
}

static const json_t *first_of(const json_t *object, const char *key)
{
	return json_array_get(json_object_get(object, key), 0);
}

void vocabulary_init(struct vocabulary *vocabulary, const json_t *report)
{
	const json_t *gil = first_of(first_of(report, "processes"), "gils");

	for (int scope = 0; scope < SCOPES; scope++)
		vocabulary->paths[scope] = g_ptr_array_new_with_free_func(g_free);
	collect(vocabulary->paths[SCOPE_GIL], "", gil);
	collect(vocabulary->paths[SCOPE_THREAD], "", first_of(gil, "threads"));
	collect(vocabulary->paths[SCOPE_SITE], "", first_of(gil, "sites"));
	collect(vocabulary->paths[SCOPE_TRACE], "trace.", json_object_get(report, "trace"));
}

void vocabulary_release(struct vocabulary *vocabulary)
{
	for (int scope = 0; scope < SCOPES; scope++)
		g_clear_pointer(&vocabulary->paths[scope], g_ptr_array_unref);
}

static bool has(const struct vocabulary *vocabulary, enum figure_scope scope, const char *path)
{
	return g_ptr_array_find_with_equal_func(vocabulary->paths[scope], path, g_str_equal, NULL);
}

bool vocabulary_knows(const struct vocabulary *vocabulary, enum figure_scope scope,
	const struct figure *figure, const char **missing)
{
	*missing = NULL;
	if (!has(vocabulary, scope, figure->top))
		*missing = figure->top;
	else if (figure->bottom && !has(vocabulary, scope, figure->bottom))
		*missing = figure->bottom;
	return !*missing;
}

static void append(GString *list, const char *path)
{
	g_string_append_printf(list, "%s%s", list->len ? ", " : "", path);
}

char *vocabulary_suggest(
	const struct vocabulary *vocabulary, enum figure_scope scope, const char *path)
{
	const GPtrArray *paths = vocabulary->paths[scope];
	GString *near = g_string_new(NULL), *all = g_string_new(NULL);
	guint found = 0;
	char *text;

	for (guint i = 0; i < paths->len; i++) {
		const char *name = g_ptr_array_index(paths, i), *dot = strrchr(name, '.');

		if (found < NAMES_SHOWN &&
			(similar_names(path, name) || (dot && strcmp(dot + 1, path) == 0))) {
			append(near, name);
			found++;
		}
		if (!dot)
			append(all, name);
	}
	text = near->len
		       ? g_strdup_printf("did you mean %s?", near->str)
		       : g_strdup_printf("there are %s and more; see giltrace-check(1)", all->str);
	g_string_free(all, TRUE);
	g_string_free(near, TRUE);
	return text;
}

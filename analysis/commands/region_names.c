/* What to say when a trace does not have a region; see region_names.h. */
#include "commands/region_names.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "base/similar.h"
#include "base/utf8.h"

enum { NAMES_SHOWN = 8 };

/* Every name once, those with the most time inside first in each process. */
static GPtrArray *names_of(const struct report *report)
{
	GPtrArray *names = g_ptr_array_new();

	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		for (size_t k = 0; k < process->region_count; k++)
			if (process->regions[k].count > 0 &&
				!g_ptr_array_find_with_equal_func(
					names, process->regions[k].name, g_str_equal, NULL))
				g_ptr_array_add(names, process->regions[k].name);
	}
	return names;
}

static void append(GString *list, const char *name)
{
	char *clean = utf8_clean(name);

	g_string_append_printf(list, "%s'%s'", list->len ? ", " : "", clean);
	g_free(clean);
}

int region_names_complain(
	const struct report *report, const char *region, const char *path, struct error *error)
{
	GPtrArray *names = names_of(report);
	GString *meant = g_string_new(NULL), *others = g_string_new(NULL);
	g_autofree char *clean = utf8_clean(region);
	guint shown = 0;

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		bool similar = similar_names(region, name);

		if (shown == NAMES_SHOWN)
			break;
		append(similar ? meant : others, name);
		shown++;
	}
	if (shown < names->len)
		g_string_append_printf(others, " and %u more", names->len - shown);
	error_set(error, -ENOENT, "no region '%s' was marked in '%s'", clean, path);
	if (names->len == 0)
		error_next(error, "the program marked none; it does with giltrace_begin(name) and "
				  "giltrace_end(name), see giltrace(1)");
	else if (meant->len)
		error_next(error, "did you mean %s?%s%s", meant->str,
			others->len ? " There are also " : "", others->str);
	else
		error_next(error, "there are: %s", others->str);
	g_string_free(others, TRUE);
	g_string_free(meant, TRUE);
	g_ptr_array_free(names, TRUE);
	return -ENOENT;
}

/* What lines of Python are called in a report; see site_labels.h. */
#include "tables/site_labels.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

#include "base/utf8.h"

/* The end of `path` that begins one folder before `tail`, which is within it. */
static const char *longer_tail(const char *path, const char *tail)
{
	const char *slash;

	if (tail <= path + 1)
		return path;
	slash = memrchr(path, '/', (size_t)(tail - path) - 1);
	return slash ? slash + 1 : path;
}

static bool ends_with(const char *path, const char *tail)
{
	size_t length = strlen(tail), whole = strlen(path);

	return whole >= length && strcmp(path + whole - length, tail) == 0 &&
	       (whole == length || path[whole - length - 1] == '/');
}

static bool another_ends_with(const struct gil_report *gil, const char *path, const char *tail)
{
	for (size_t i = 0; i < gil->site_count; i++) {
		const struct site_report *site = &gil->sites[i];

		if (site->kind == SITE_LINE && strcmp(site->file, path) != 0 &&
			ends_with(site->file, tail))
			return true;
	}
	return false;
}

static const char *short_path(const struct gil_report *gil, const char *path)
{
	const char *tail = longer_tail(path, path + strlen(path));

	while (tail > path && (!*tail || another_ends_with(gil, path, tail)))
		tail = longer_tail(path, tail);
	return tail;
}

static char *label(const struct gil_report *gil, int index, bool function)
{
	const struct site_report *site = index < 0 ? NULL : &gil->sites[index];
	GString *text = g_string_new(NULL);
	char *clean;

	if (!site)
		return g_string_free(text, FALSE);
	if (site->kind != SITE_LINE) {
		g_string_free(text, TRUE);
		return g_strdup(site->kind == SITE_REST ? "(other lines)" : "(line not known)");
	}
	g_string_append(text, *site->file ? short_path(gil, site->file) : "?");
	if (site->line)
		g_string_append_printf(text, ":%d", site->line);
	else
		g_string_append(text, ":?");
	if (function && *site->function)
		g_string_append_printf(text, " %s", site->function);
	clean = utf8_clean(text->str);
	g_string_free(text, TRUE);
	return clean;
}

char *label_site(const struct gil_report *gil, int site)
{
	return label(gil, site, true);
}

char *label_site_line(const struct gil_report *gil, int site)
{
	return label(gil, site, false);
}

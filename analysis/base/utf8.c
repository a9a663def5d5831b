/* Text from a trace made safe to show, and its width; see utf8.h. */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

#define REPLACEMENT 0xFFFD

char *utf8_valid(const char *bytes)
{
	return g_utf8_make_valid(bytes ? bytes : "", -1);
}

static bool shows_itself(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return false;
	default:
		return g_unichar_isprint(c);
	}
}

char *utf8_clean(const char *bytes)
{
	char *valid = utf8_valid(bytes);
	GString *clean = g_string_new(NULL);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		g_string_append_unichar(clean, shows_itself(c) ? c : REPLACEMENT);
	}
	g_free(valid);
	return g_string_free(clean, FALSE);
}

static size_t char_width(gunichar c)
{
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

size_t utf8_width(const char *text)
{
	size_t width = 0;

	for (; *text; text = g_utf8_next_char(text))
		width += char_width(g_utf8_get_char(text));
	return width;
}

size_t utf8_prefix(const char *text, size_t columns)
{
	const char *at = text;
	size_t width = 0;

	for (; *at; at = g_utf8_next_char(at)) {
		width += char_width(g_utf8_get_char(at));
		if (width > columns)
			break;
	}
	return (size_t)(at - text);
}

char *utf8_fit(const char *text, size_t columns)
{
	const char *mark = columns > 4 ? ".." : "";

	if (utf8_width(text) <= columns)
		return g_strdup(text);
	return g_strdup_printf(
		"%.*s%s", (int)utf8_prefix(text, columns - strlen(mark)), text, mark);
}

char *utf8_fit_path(const char *text, size_t columns)
{
	const char *first = strchr(text, '/'), *slash = first;
	const char *word = first ? first : text;
	char *shorter = NULL, *fitted;
	const char *end;

	while (word > text && word[-1] != ' ')
		word--;
	end = word + strcspn(word, " ");
	while (slash && slash < end && utf8_width(shorter ? shorter : text) > columns) {
		g_free(shorter);
		shorter = g_strdup_printf("%.*s..%s", (int)(word - text), text, slash + 1);
		slash = strchr(slash + 1, '/');
	}
	fitted = utf8_fit(shorter ? shorter : text, columns);
	g_free(shorter);
	return fitted;
}

/* Running text in lines of a given width; see wrap.h. */
#include "render/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static const char *const units[] = {"ns", "us", "ms", "s", "min", "h", "%", "k", "M", "G", "T"};

/* Length without what may follow a unit in a sentence. */
static size_t bare_length(const char *word, size_t length)
{
	while (length > 0 && strchr(".,;:)", word[length - 1]))
		length--;
	return length;
}

static bool is_unit(const char *word, size_t length)
{
	length = bare_length(word, length);
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (strlen(units[i]) == length && strncmp(units[i], word, length) == 0)
			return true;
	return false;
}

/* Length of the piece at `text` that must not be broken: a word, or a figure and its unit. */
static size_t piece_length(const char *text)
{
	size_t length = strcspn(text, " ");
	const char *next = text + length + strspn(text + length, " ");

	if (length > 0 && g_ascii_isdigit(text[length - 1]) && is_unit(next, strcspn(next, " ")))
		return (size_t)(next - text) + strcspn(next, " ");
	return length;
}

static size_t width_of(const char *text, size_t length)
{
	char *copy = g_strndup(text, length);
	size_t width = utf8_width(copy);

	g_free(copy);
	return width;
}

void wrap_text(GString *out, const char *text, int width, const char *first, const char *rest)
{
	size_t limit = (size_t)width, column = utf8_width(first), begin = column;

	g_string_append(out, first);
	text += strspn(text, " ");
	while (*text) {
		size_t length = piece_length(text);
		size_t columns = width_of(text, length);
		bool at_begin = column == begin;

		if (!at_begin && column + 1 + columns > limit) {
			g_string_append_printf(out, "\n%s", rest);
			column = begin = utf8_width(rest);
			at_begin = true;
		}
		if (!at_begin) {
			g_string_append_c(out, ' ');
			column++;
		}
		if (column + columns > limit) {
			length = MIN(length, MAX(utf8_prefix(text, limit - column), 1));
			length = (size_t)(g_utf8_find_next_char(text + length - 1, NULL) - text);
			columns = width_of(text, length);
		}
		g_string_append_len(out, text, (gssize)length);
		column += columns;
		text += length;
		if (*text && *text != ' ') {
			g_string_append_printf(out, "\n%s", rest);
			column = begin = utf8_width(rest);
		}
		text += strspn(text, " ");
	}
	g_string_append_c(out, '\n');
}

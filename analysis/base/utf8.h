/*
 * Text from a trace made safe to show, and its width on a terminal. Widths do
 * not depend on the locale.
 */
#ifndef GILTRACE_UTF8_H
#define GILTRACE_UTF8_H

#include <stddef.h>

/* Each returns a new string; the caller frees it with g_free(). NULL is taken as "". */

/* Valid UTF-8: what is not becomes U+FFFD. Control characters stay. */
char *utf8_valid(const char *bytes);

/*
 * Valid UTF-8 that does nothing but show itself: invalid bytes, control
 * characters (terminal escapes, line breaks) and invisible formatting (writing
 * direction) become U+FFFD.
 */
char *utf8_clean(const char *bytes);

/* At most `columns` wide; what had to be cut ends in "..". `text` must be valid. */
char *utf8_fit(const char *text, size_t columns);

/*
 * The same for a label with a path in it, whose end is what tells it from others: of the first word
 * that has folders as many as needed become "..".
 */
char *utf8_fit_path(const char *text, size_t columns);

/* Bytes of the longest beginning of `text` that is at most `columns` wide. `text` must be valid. */
size_t utf8_prefix(const char *text, size_t columns);

/* Columns that `text` takes on a terminal: wide characters two, combining ones none. Must be valid.
 */
size_t utf8_width(const char *text);

#endif /* GILTRACE_UTF8_H */

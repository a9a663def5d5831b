/* Running text in lines of a given width. */
#ifndef GILTRACE_WRAP_H
#define GILTRACE_WRAP_H

#include <glib.h>

/*
 * Appends `text` (clean UTF-8, words parted by spaces) in lines of at most
 * `width` columns, each ending in \n; `first` stands before the first of them,
 * `rest` before the others. A figure stays on one line with its unit; a word
 * that is wider than a line is broken.
 */
void wrap_text(GString *out, const char *text, int width, const char *first, const char *rest);

#endif /* GILTRACE_WRAP_H */

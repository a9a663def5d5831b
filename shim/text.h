/* The text of a Python str as UTF-8, read from its memory. */
#ifndef GILTRACE_TEXT_H
#define GILTRACE_TEXT_H

#include "frames.h"

/*
 * Copies the str at `text` to `to`, as much as fits without cutting a character;
 * surrogates and NUL become U+FFFD. False, with an empty string, when it is not a
 * str or cannot be read.
 */
bool text_copy(uintptr_t text, memory_read_fn *read, char *to, size_t size);

#endif /* GILTRACE_TEXT_H */

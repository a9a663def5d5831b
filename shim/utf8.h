/* UTF-8 text that must fit somewhere. */
#ifndef GILTRACE_UTF8_H
#define GILTRACE_UTF8_H

#include <stddef.h>

/* Copies as much of `text` as fits into `size` bytes without cutting a character, and a NUL. */
void utf8_copy(char *to, size_t size, const char *text);

#endif /* GILTRACE_UTF8_H */

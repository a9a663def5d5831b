/*
 * CPython 3.12 and newer warn at os.fork() when the process has more than one
 * thread, and with -W error that ends the program. They take the number from
 * /proc/self/stat, where LTTng-UST's threads count, too; but those are safe to
 * fork beside (lttng/recorder.c). So this one reader gets the number without
 * them; everybody else sees the file as it is.
 */
#ifndef GILTRACE_WARNING_H
#define GILTRACE_WARNING_H

#include <stdbool.h>
#include <stdio.h>

/* Whether a program that opens `path` from the code at `caller` is CPython, about to count. */
bool warning_counts(const char *path, const void *caller);

/* The same text with fewer threads, or `stat` itself when that is not possible. */
FILE *warning_without_lttng(FILE *stat);

#endif /* GILTRACE_WARNING_H */

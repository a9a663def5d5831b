/*
 * What went wrong and what to do next. Functions that can fail take a
 * `struct error *`, return negative errno and fill it; it is printed once, at
 * the top (analysis/main.c).
 */
#ifndef GILTRACE_ERROR_H
#define GILTRACE_ERROR_H

struct error {
	char what[1024]; /* "cannot open 'x': No such file or directory" */
	char next[512];  /* the likely cause and the next step; may be "" */
};

/* Formats `what` and returns `code`, so that `return error_set(e, -EIO, …)` reads well. Clears `next`. */
int error_set(struct error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Formats `next`. */
void error_next(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "giltrace: WHAT" and, when there is one, a second line with NEXT, to stderr. */
void error_print(const struct error *error);

#endif /* GILTRACE_ERROR_H */

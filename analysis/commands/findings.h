/* What doctor found, one line each: whether it is in order, and if not, the next step. */
#ifndef GILTRACE_FINDINGS_H
#define GILTRACE_FINDINGS_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

enum finding_kind {
	FINDING_OK,
	FINDING_NOTE,	 /* worth knowing; recording works */
	FINDING_PROBLEM, /* recording does not work, or would record nothing */
};

struct findings {
	GPtrArray *list; /* struct finding */
	int problems;
};

void findings_init(struct findings *findings);
void findings_release(struct findings *findings);

/* Adds a finding about `subject` (a word or two, not copied); `format` says what was found. */
void findings_add(struct findings *findings, enum finding_kind kind, const char *subject,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Gives the last finding a next step. */
void findings_next(struct findings *findings, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints all of them in aligned columns, `width` wide. */
void findings_print(const struct findings *findings, FILE *out, int width, bool color);

#endif /* GILTRACE_FINDINGS_H */

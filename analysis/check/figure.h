/*
 * Figures by name: a path into an object of the JSON report ("wait.p99_ns",
 * "contention"), or the ratio of two of the same object ("wait_ns / span_ns"). What
 * the report has is what can be named; nothing here lists figures.
 */
#ifndef GILTRACE_CHECK_FIGURE_H
#define GILTRACE_CHECK_FIGURE_H

#include <stdbool.h>

#include <glib.h>
#include <jansson.h>

#include "tables/table.h"

/* The objects of a report that have figures. */
enum figure_scope {
	SCOPE_GIL,
	SCOPE_THREAD,
	SCOPE_SITE,
	SCOPE_TRACE, /* paths that begin with "trace." */
	SCOPES,
};

struct figure {
	char *text; /* as a rule has it, spaces made even */
	char *top;
	char *bottom;	/* of a ratio, else NULL */
	enum unit unit; /* COUNT, NS, SHARE or NUMBER */
};

/* Always works; whether there are such figures vocabulary_knows() tells. */
void figure_init(struct figure *figure, const char *text);
void figure_release(struct figure *figure);

enum reading_state {
	READING_KNOWN,
	READING_NONE,	 /* the longest, mean or share of nothing: nothing was there. Value 0 */
	READING_UNKNOWN, /* nobody knows */
};

struct reading {
	enum reading_state state;
	double value;
};

/* The figure in `object`, one of the scope that it is for. */
struct reading figure_read(const struct figure *figure, const json_t *object);

/* All paths of figures, by scope. */
struct vocabulary {
	GPtrArray *paths[SCOPES]; /* char * */
};

/* From a report with one of everything. */
void vocabulary_init(struct vocabulary *vocabulary, const json_t *report);
void vocabulary_release(struct vocabulary *vocabulary);

/* Whether both ends of the figure exist in `scope`; if not, `*missing` is that which does not. */
bool vocabulary_knows(const struct vocabulary *vocabulary, enum figure_scope scope,
	const struct figure *figure, const char **missing);

/* What may be meant by `path`: "did you mean 'wait.p99_ns'?", or some of what there is. The caller
 * frees it. */
char *vocabulary_suggest(
	const struct vocabulary *vocabulary, enum figure_scope scope, const char *path);

#endif /* GILTRACE_CHECK_FIGURE_H */

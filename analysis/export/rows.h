/*
 * A trace as tables: the rows of csv and sqlite, as they come. Numbers in the
 * first column name a row; other tables refer to it by the same name of column.
 * Times are CLOCK_MONOTONIC nanoseconds of the traced machine.
 */
#ifndef GILTRACE_EXPORT_ROWS_H
#define GILTRACE_EXPORT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/timeline.h"
#include "stats/report.h"

enum table {
	TABLE_PROCESSES,
	TABLE_GILS,
	TABLE_THREADS,
	TABLE_SITES,
	TABLE_HOLDS,
	TABLE_WAITS,
	TABLE_DROP_REQUESTS,
	TABLE_HANDOFFS,
	TABLE_REGIONS,
	TABLE_BLAME,
	TABLES,
};

enum { COLUMNS_MAX = 12 };

struct table_column {
	const char *name;
	bool text; /* else an integer */
};

struct table_shape {
	const char *name;
	struct table_column columns[COLUMNS_MAX + 1]; /* ends with a name NULL */
};

extern const struct table_shape rows_tables[TABLES];

struct cell {
	bool known;	  /* false: NULL, nobody knows */
	int64_t number;	  /* of an integer */
	const char *text; /* of a text: valid UTF-8 */
};

struct row_sink {
	/* As many cells as the table has columns; they live until it returns. */
	void (*row)(void *user, enum table table, const struct cell *cells);
	void *user;
};

struct rows;

/*
 * Sets the callbacks of `timeline`, which pass rows on to `sink` (copied). Rows can
 * come before those that they refer to.
 */
struct rows *rows_begin(const struct row_sink *sink, struct model_timeline *timeline);

/* The rows that the report has, then frees `rows`. `report` may be NULL. */
void rows_end(struct rows *rows, const struct report *report);

#endif /* GILTRACE_EXPORT_ROWS_H */

/* The tables of one GIL. Each function fills a new table, to be freed with table_release(). */
#ifndef GILTRACE_GIL_TABLES_H
#define GILTRACE_GIL_TABLES_H

#include "stats/report.h"
#include "tables/table.h"

/* Threads listed one by one before the others are summed in one row. */
#define THREADS_LISTED 15

/* Up to so many threads, blame is a matrix; of more, a list of the largest entries. */
#define BLAME_MATRIX_THREADS 6
#define BLAME_LISTED 12

/* How long each thread held and waited, most first. */
void threads_table(struct table *table, const struct gil_report *gil);

/* Who waited while who held. Without rows when nobody waited. */
void blame_table(struct table *table, const struct gil_report *gil);

/* Lines listed: so many with most harm, and those with most holding and most waiting. */
#define LINES_LISTED 6
#define LINES_LISTED_TOO 3
#define LINE_BLAME_LISTED 8

/*
 * What happened at which line, most harm first, with the text of the line where
 * its file is at hand and was not changed after `since_ns` (source.h). Without
 * rows when no line is known.
 */
void lines_table(struct table *table, const struct gil_report *gil, uint64_t since_ns);

/* Who waited where, while who was where. Without rows when no line is known. */
void line_blame_table(struct table *table, const struct gil_report *gil);

/* The distributions: hold, wait, handoff, drop latency. */
void times_table(struct table *table, const struct gil_report *gil);

#endif /* GILTRACE_GIL_TABLES_H */

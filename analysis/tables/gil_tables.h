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

/* The distributions: hold, wait, handoff, drop latency. */
void times_table(struct table *table, const struct gil_report *gil);

#endif /* GILTRACE_GIL_TABLES_H */

/* The regions that the programs of a report marked. */
#ifndef GILTRACE_REGIONS_TABLE_H
#define GILTRACE_REGIONS_TABLE_H

#include "stats/report.h"
#include "tables/table.h"

/* Rows before the others are only counted. */
#define REGIONS_LISTED 12

/* One row for each region of each process; no row when none was marked. To be freed with
 * table_release(). */
void regions_table(struct table *table, const struct report *report);

#endif /* GILTRACE_REGIONS_TABLE_H */

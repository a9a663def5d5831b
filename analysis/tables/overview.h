/* All GILs of a report with their verdicts, the one with the most waiting first. */
#ifndef GILTRACE_OVERVIEW_H
#define GILTRACE_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/report.h"
#include "tables/table.h"
#include "tables/verdict.h"

struct overview_item {
	const struct process_report *process; /* belongs to the report */
	const struct gil_report *gil;	      /* the same; NULL: none was found in the process */
	struct verdict verdict;
};

struct overview {
	struct overview_item *items;
	size_t count;
};

/* The report must outlive the overview. Cannot fail. */
void overview_init(struct overview *overview, const struct report *report);
void overview_release(struct overview *overview);

/* Whether threads were found to wait, so that the GIL deserves tables of its own. */
bool overview_contended(const struct overview_item *item);

/* One row for each GIL; those beyond OVERVIEW_ROWS are summed in the last. */
#define OVERVIEW_ROWS 30
void overview_table(struct table *table, const struct overview *overview);

#endif /* GILTRACE_OVERVIEW_H */

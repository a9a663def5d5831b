/* The JSON report as values, for what looks figures up in it; see json.h for what it has. */
#ifndef GILTRACE_JSON_TREE_H
#define GILTRACE_JSON_TREE_H

#include <jansson.h>

#include "stats/report.h"

/* A new reference; NULL when memory ran out. */
json_t *json_report(const struct report *report);

#endif /* GILTRACE_JSON_TREE_H */

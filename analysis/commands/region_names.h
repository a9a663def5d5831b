/* What to say when a trace does not have the region that was asked for. */
#ifndef GILTRACE_COMMANDS_REGION_NAMES_H
#define GILTRACE_COMMANDS_REGION_NAMES_H

#include "base/error.h"
#include "stats/report.h"

/* Fills `error` with the regions that there are beside `region`, those that may have been meant
 * first. Returns -ENOENT. */
int region_names_complain(
	const struct report *report, const char *region, const char *path, struct error *error);

#endif /* GILTRACE_COMMANDS_REGION_NAMES_H */

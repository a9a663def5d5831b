/* The lines of Python behind a figure that got worse. */
#ifndef GILTRACE_CHECK_CAUSE_H
#define GILTRACE_CHECK_CAUSE_H

#include <stdint.h>

#include <glib.h>

#include "check/observe.h"

enum { CAUSES_SHOWN = 3 };

struct cause {
	char *file; /* as the program knew it */
	int line;
	char *function;
	char *words; /* "others waited 1.2 s behind it; its longest hold: 40 ms" */
};

/*
 * The lines that the figure of `rule` most likely comes from, at most
 * CAUSES_SHOWN, the one that weighs most first: those that held longest where it
 * is about holds, those that others waited behind where it is about waits. Empty
 * where lines are not known. struct cause *; freed with g_ptr_array_unref().
 */
GPtrArray *causes_find(const struct observation *observation, const struct rule *rule);

#endif /* GILTRACE_CHECK_CAUSE_H */

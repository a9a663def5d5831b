/* The words of a verdict, from its kind and figures. Used by verdict.c alone. */
#ifndef GILTRACE_VERDICT_WORDS_H
#define GILTRACE_VERDICT_WORDS_H

#include "tables/verdict.h"

/* Fills `sentence` and `next`; everything else is set. */
void verdict_words_fill(struct verdict *verdict, const struct report *report,
	const struct process_report *process, const struct gil_report *gil);

#endif /* GILTRACE_VERDICT_WORDS_H */

/*
 * What makes the figures of a report doubtful, in words: said first, with what
 * can still be trusted. Besides the doubts that the model counted, a process
 * whose GIL was not found or is off is one.
 */
#ifndef GILTRACE_DOUBTS_H
#define GILTRACE_DOUBTS_H

#include <stddef.h>
#include <stdint.h>

#include "stats/report.h"

struct doubt_text {
	const char *key; /* stable, for machines: "lost_events" */
	uint64_t count;	 /* of what the sentence speaks of; ns for "unattributed_wait" */
	char *sentence;	 /* clean UTF-8 */
};

struct doubts {
	struct doubt_text *items; /* gravest first */
	size_t count;
};

/* Cannot fail; without doubts `count` is 0. */
void doubts_init(struct doubts *doubts, const struct report *report);
void doubts_release(struct doubts *doubts);

#endif /* GILTRACE_DOUBTS_H */

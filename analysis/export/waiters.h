/*
 * How many threads wait, over time, from waits that come late and out of order:
 * changes are put into the order of time in a window of fixed size.
 */
#ifndef GILTRACE_EXPORT_WAITERS_H
#define GILTRACE_EXPORT_WAITERS_H

#include <glib.h>
#include <stdint.h>

struct waiters {
	GArray *changes; /* a heap, the earliest first; NULL before the first */
	uint64_t at;	 /* of the changes given out last */
	int64_t count;	 /* then */
	void (*tell)(void *user, uint64_t at, int64_t count);
	void *user;
};

/* From `at` on there is one more (1) or one less (-1). */
void waiters_change(struct waiters *waiters, uint64_t at, int change);

/* Tells what is left. */
void waiters_end(struct waiters *waiters);

#endif /* GILTRACE_EXPORT_WAITERS_H */

/*
 * Times of which the holds of a GIL are not known, because events were lost. Where
 * there are too many of them, neighbours become one, with what lies between them.
 */
#ifndef GILTRACE_PAGE_GAPS_H
#define GILTRACE_PAGE_GAPS_H

#include <stdint.h>

#include <glib.h>

/* Of one GIL. */
#define GAPS_KEPT 4096

struct gap {
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct gaps {
	GArray *list;	  /* struct gap, in order of time */
	uint64_t near_ns; /* those that are not further apart are one */
};

void gaps_init(struct gaps *gaps);
void gaps_release(struct gaps *gaps);

/* Not before the one that was added last. */
void gaps_add(struct gaps *gaps, uint64_t begin_ns, uint64_t end_ns);

#endif /* GILTRACE_PAGE_GAPS_H */

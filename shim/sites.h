/*
 * Numbers for positions in Python code, so that an event carries four bytes
 * instead of a name. Constant time, no lock, no allocation: a table of fixed
 * size in which a new position takes the place of an old one, which then gets
 * another number when it comes again.
 *
 * A code object that is freed and whose address is used again is another one:
 * from the first number on, the deallocator of Python's code type is preceded by
 * one of ours that counts.
 */
#ifndef GILTRACE_SITES_H
#define GILTRACE_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "contract.h"
#include "frames.h"

/* What a site number stands for. */
struct site {
	int32_t line, first_line;
	char function[256];
	char file[1024];
};

/*
 * The number of `position`; SITE_UNKNOWN when it has none that this recording has
 * heard of. Its code object must not be freed meanwhile.
 */
uint32_t sites_find(const struct position *position);

/*
 * Of a code object: changes when that has died, and when somebody listens who has
 * been told no numbers yet. As long as it does not, a position in it has its number.
 */
uint64_t sites_stamp(uintptr_t code);

/* Changes whenever the stamp of any code object does: as long as it does not, none has. */
uint64_t sites_moment(void);

/* A new number; never given twice in a process and its forked children. */
uint32_t sites_number(void);

/* From now on sites_find knows `position` by `number`, with luck. */
void sites_remember(const struct position *position, uint32_t number);

/* Reads what `position` is. False when it is no position in a code object after all. */
bool sites_describe(const struct position *position, memory_read_fn *read, struct site *site);

/*
 * Changes whenever somebody listens who has been told nothing yet: another
 * recording, another session, another process.
 */
uint32_t sites_audience(void);

/* Another session or process listens, and has been told nothing yet. */
void sites_forget(void);

#endif /* GILTRACE_SITES_H */

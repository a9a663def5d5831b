/*
 * How many of this process's threads are LTTng-UST's listeners. They are no threads
 * of the program: not for who ends with its last one (last.h), nor for who counts
 * them at fork (warning.h).
 */
#ifndef GILTRACE_LISTENERS_H
#define GILTRACE_LISTENERS_H

#include <stdbool.h>

/* Whether LTTng-UST starts its listeners now: it is loaded, or registers a child anew. */
void listeners_expect(bool expected);

/*
 * A thread that begins in `start` is created, before this process has a GIL. Not by
 * who creates it: another preloaded library's pthread_create may stand in between.
 */
void listeners_see_creation(void *(*start)(void *));

unsigned listeners_count(void);

/* A forked child has none. */
void listeners_after_fork_child(void);

#endif /* GILTRACE_LISTENERS_H */

/*
 * The pages of data stream files that a thread has read. babeltrace2 maps 8 MiB of
 * each file at a time, and all it has read of them counts as memory of this process
 * until it goes on to the next 8 MiB: much, with a file for each CPU of each process.
 * To give them back costs the page fault of those that are read again: the kernel has
 * what they hold.
 */
#ifndef GILTRACE_DECODE_PAGES_H
#define GILTRACE_DECODE_PAGES_H

#include <glib.h>

struct pages {
	GHashTable *files; /* by path, as the kernel names it */
	long faults;	   /* of the thread, when it last gave them back */
};

void pages_init(struct pages *pages);
void pages_release(struct pages *pages);

/* A file that this thread, and no other, maps to read it. */
void pages_add(struct pages *pages, const char *path);

/* To be called now and then by that thread: gives them back when there are many. */
void pages_give_back(struct pages *pages);

#endif /* GILTRACE_DECODE_PAGES_H */

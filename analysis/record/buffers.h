/*
 * How large the ring buffers of a recording are. LTTng keeps one per CPU in
 * /dev/shm for each process that is traced, all of it allocated when it begins; or,
 * shared, one per CPU for all processes of a user.
 *
 * Shared ones can be larger, and a process begins faster. But one that is killed in
 * the middle of an event leaves its buffer in a state in which nothing behind that
 * event is ever read: what all the others still record on that CPU is lost.
 */
#ifndef GILTRACE_BUFFERS_H
#define GILTRACE_BUFFERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct buffers {
	bool shared;
	uint64_t piece_bytes; /* one sub-buffer; a power of two */
	uint64_t pieces;      /* sub-buffers per CPU; a power of two */
	unsigned cpus;	      /* LTTng makes a buffer for every possible CPU */
};

/* Free bytes of the file system of `path` for an ordinary user, UINT64_MAX when not known. */
uint64_t buffers_free_bytes(const char *path);

/*
 * Chooses the size: `wanted` bytes per CPU, 0 for as many as are good (4 MiB a CPU for
 * each process, 64 MiB when they are shared; less where many CPUs or little memory or
 * disk would make that too much). -ENOSPC when /dev/shm cannot hold what was wanted, or
 * not even the least. `disk_free`: bytes free where the trace is written.
 */
int buffers_choose(struct buffers *buffers, bool shared, uint64_t wanted, uint64_t disk_free,
	struct error *error);

/* Bytes of all CPUs together: of one process, or of all when they share them. */
uint64_t buffers_total(const struct buffers *buffers);

/* Bytes that may be in the buffers of all processes. */
uint64_t buffers_at_most(const struct buffers *buffers);

/* Is there no room in /dev/shm for another process? */
bool buffers_exhausted(const struct buffers *buffers);

/* What to write behind --buffer-size= for twice as much; freed with g_free(). */
char *buffers_doubled(const struct buffers *buffers);

#endif /* GILTRACE_BUFFERS_H */

/*
 * How large the ring buffers of a recording are. LTTng keeps one per CPU in
 * /dev/shm for each user whose programs are traced, all of it allocated at once.
 */
#ifndef GILTRACE_BUFFERS_H
#define GILTRACE_BUFFERS_H

#include <stdint.h>

#include "base/error.h"

struct buffers {
	uint64_t piece_bytes; /* one sub-buffer; a power of two */
	uint64_t pieces;      /* sub-buffers per CPU; a power of two */
	unsigned cpus;	      /* LTTng makes a buffer for every possible CPU */
};

/* Free bytes of the file system of `path` for an ordinary user, UINT64_MAX when not known. */
uint64_t buffers_free_bytes(const char *path);

/*
 * Chooses the size: `wanted` bytes per CPU, 0 for as many as are good (64 MiB a
 * CPU, less where many CPUs or little memory or disk would make that too much).
 * -ENOSPC when /dev/shm cannot hold what was wanted, or not even the least.
 * `disk_free`: bytes free where the trace is written.
 */
int buffers_choose(
	struct buffers *buffers, uint64_t wanted, uint64_t disk_free, struct error *error);

/* Bytes of all CPUs together. */
uint64_t buffers_total(const struct buffers *buffers);

#endif /* GILTRACE_BUFFERS_H */

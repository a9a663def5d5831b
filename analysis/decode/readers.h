/*
 * Reads a trace with several threads, where this process may use several CPUs: each
 * decodes a part of the data streams, and the calling thread merges what they have
 * and hands it on, in the order in which one thread alone would. With one CPU that
 * is what the calling thread does.
 */
#ifndef GILTRACE_DECODE_READERS_H
#define GILTRACE_DECODE_READERS_H

#include <glib.h>

#include "base/error.h"
#include "decode/sink.h"

struct readers;

/*
 * Begins. `traces` and errors: see graph_new(). The job must outlive the readers; its
 * functions are called in the thread that calls readers_run(). On 0 the caller frees
 * `*readers` with readers_free().
 */
int readers_new(
	struct readers **readers, GPtrArray *traces, struct sink_job *job, struct error *error);
void readers_free(struct readers *readers);

/* Reads to the end, or until the job fails; returns 0, with the job's results, or negative errno
 * with `error`. */
int readers_run(struct readers *readers, struct error *error);

#endif /* GILTRACE_DECODE_READERS_H */

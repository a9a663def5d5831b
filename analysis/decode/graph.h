/* The babeltrace2 graph that reads a trace: a source.ctf.fs for each trace, and our sink. */
#ifndef GILTRACE_DECODE_GRAPH_H
#define GILTRACE_DECODE_GRAPH_H

#include <glib.h>

#include "base/error.h"
#include "decode/sink.h"

struct graph;

/*
 * Makes the graph. `traces`: GPtrArray *, each the folders (char *) of one trace:
 * LTTng writes a trace that it rotates, or takes several snapshots of, into
 * several. `job->ports` is set; the job must outlive the graph. On 0 the caller
 * frees `*graph` with graph_free(). -ENOENT: babeltrace2 lacks a part; -EIO: it
 * cannot read the trace.
 */
int graph_new(struct graph **graph, GPtrArray *traces, struct sink_job *job, struct error *error);
void graph_free(struct graph *graph);

/* Reads to the end, or until the job fails; returns 0 or negative errno with `error`. */
int graph_run(struct graph *graph, struct error *error);

#endif /* GILTRACE_DECODE_GRAPH_H */

/* The babeltrace2 graph that reads a trace: a source.ctf.fs for each trace, and our sink. */
#ifndef GILTRACE_DECODE_GRAPH_H
#define GILTRACE_DECODE_GRAPH_H

#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <stdbool.h>

#include "base/error.h"
#include "decode/sink.h"

struct graph;

/* The part of a trace that a graph reads: each `of`th data stream from `number` on, or where
 * `whole` each `of`th trace with all that it has. */
struct graph_share {
	unsigned number;
	unsigned of;
	bool whole;
};

/* The class source.ctf.NAME, kept alive by `*plugin`, which the caller releases; NULL with `error`
 * when babeltrace2 lacks it. */
const bt_component_class_source *graph_find_source(
	const char *name, const bt_plugin **plugin, struct error *error);

/*
 * Makes the graph. `traces`: GPtrArray *, each the folders (char *) of one trace:
 * LTTng writes a trace that it rotates, or takes several snapshots of, into
 * several. `share`: NULL for all of it. `job->ports` is set; the job must outlive
 * the graph. On 0 the caller frees `*graph` with graph_free(). -ENOENT: babeltrace2
 * lacks a part; -EIO: it cannot read the trace.
 */
int graph_new(struct graph **graph, GPtrArray *traces, const struct graph_share *share,
	struct sink_job *job, struct error *error);
void graph_free(struct graph *graph);

/* The data streams that it found, whether they are of its share or not, in one text. */
const char *graph_streams(const struct graph *graph);

/*
 * The same of a live session, `url` being "net://HOST[:PORT]/host/TARGET/SESSION":
 * what comes from now on, until the session is destroyed. `job->wait` is set.
 */
int graph_new_live(
	struct graph **graph, const char *url, struct sink_job *job, struct error *error);

/* Ends the graph_run() that hangs in a connection; may be called by a signal handler that
 * interrupts it. */
void graph_interrupt(void);

/* Reads to the end, or until the job fails; returns 0 or negative errno with `error`. */
int graph_run(struct graph *graph, struct error *error);

#endif /* GILTRACE_DECODE_GRAPH_H */

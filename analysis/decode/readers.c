/* Reads a trace with several threads; see readers.h. */
#include "decode/readers.h"

#include <errno.h>
#include <string.h>

#include "decode/conveyor.h"
#include "decode/ends.h"
#include "decode/graph.h"

enum {
	READERS_MOST = 4,  /* each needs some memory of its own */
	TRACES_ENOUGH = 4, /* for each reader, and they are shared out instead of their streams */
	EVENTS_OF_TURN = 4096 /* handed on between two calls of tick() */
};

/*
 * One thread that reads. Its graph is made and freed by the thread that has them
 * all; babeltrace2 leaves its errors with the thread that runs it, which takes
 * them.
 */
struct reader {
	struct graph *graph;
	struct sink_job job;
	struct conveyor *conveyor;
	int code; /* of the run */
	struct error error;
};

struct readers {
	struct sink_job *job;
	struct graph *alone; /* instead of all others, in the calling thread */
	/* Each in memory of its own: they are written to all the time, by different CPUs. */
	struct reader *readers[READERS_MOST];
	const struct conveyor_item *heads[READERS_MOST]; /* their next events; NULL: it is over */
	unsigned count;
	unsigned first; /* the reader whose event came first and last */
	unsigned last;
};

static int put(const struct event *event, void *user)
{
	struct reader *reader = user;

	return conveyor_put(reader->conveyor, event, reader->job.order);
}

static void run_graph(void *user)
{
	struct reader *reader = user;

	reader->code = graph_run(reader->graph, &reader->error);
}

static void reader_free(struct reader *reader)
{
	graph_free(reader->graph);
	g_ptr_array_unref(reader->job.broken);
	g_ptr_array_unref(reader->job.ends);
	g_free(reader);
}

static void release_all(struct readers *readers)
{
	/* No thread is at work any more when the first graph goes. */
	for (unsigned i = 0; i < readers->count; i++)
		conveyor_free(readers->readers[i]->conveyor);
	while (readers->count > 0)
		reader_free(readers->readers[--readers->count]);
}

static int add_reader(struct readers *readers, GPtrArray *traces, const struct graph_share *share,
	struct error *error)
{
	struct reader *reader = g_new0(struct reader, 1);

	readers->readers[readers->count++] = reader;
	reader->job = (struct sink_job){
		.event = put,
		.user = reader,
		.broken = g_ptr_array_new_with_free_func(g_free),
		.ends = g_ptr_array_new_with_free_func(stream_end_free),
	};
	reader->conveyor = conveyor_new();
	return graph_new(&reader->graph, traces, share, &reader->job, error);
}

/* Else a stream could be read twice or by nobody: one that came up between two looks at a trace
 * that is being written. */
static bool have_found_the_same(const struct readers *readers)
{
	const char *streams = graph_streams(readers->readers[0]->graph);

	for (unsigned i = 1; i < readers->count; i++)
		if (strcmp(graph_streams(readers->readers[i]->graph), streams) != 0)
			return false;
	return true;
}

static bool start_all(struct readers *readers)
{
	for (unsigned i = 0; i < readers->count; i++) {
		struct reader *reader = readers->readers[i];

		if (!conveyor_start(reader->conveyor, run_graph, reader))
			return false;
	}
	return true;
}

/* 1: they read; 0: the calling thread has to. */
static int share_out(
	struct readers *readers, GPtrArray *traces, unsigned count, struct error *error)
{
	struct graph_share share = {.of = count, .whole = traces->len >= TRACES_ENOUGH * count};
	int code = 0;

	for (; share.number < count && code == 0; share.number++)
		code = add_reader(readers, traces, &share, error);
	if (code < 0)
		return code;
	return (share.whole || have_found_the_same(readers)) && start_all(readers);
}

int readers_new(
	struct readers **result, GPtrArray *traces, struct sink_job *job, struct error *error)
{
	struct readers *readers = g_new0(struct readers, 1);
	unsigned cpus = g_get_num_processors();
	int code = 0;

	readers->job = job;
	if (cpus > 1)
		code = share_out(readers, traces, MIN(cpus, READERS_MOST), error);
	if (code <= 0)
		release_all(readers);
	if (code == 0)
		code = graph_new(&readers->alone, traces, NULL, job, error);
	if (code < 0) {
		readers_free(readers);
		return code;
	}
	*result = readers;
	return 0;
}

void readers_free(struct readers *readers)
{
	if (!readers)
		return;
	release_all(readers);
	graph_free(readers->alone);
	g_free(readers);
}

/* Where reader `i` stands: at its next event, or at the one that it failed at. */
static void where(const struct readers *readers, unsigned i, uint64_t *time, uint64_t *order)
{
	const struct conveyor_item *head = readers->heads[i];
	const struct sink_job *job = &readers->readers[i]->job;

	*time = head ? head->event.timestamp : job->time;
	*order = head ? head->order : job->order;
}

/* By the same rule as those of one sink. */
static bool earlier(const struct readers *readers, unsigned a, unsigned b)
{
	uint64_t time_a, order_a, time_b, order_b;

	where(readers, a, &time_a, &order_a);
	where(readers, b, &time_b, &order_b);
	return time_a < time_b || (time_a == time_b && order_a < order_b);
}

static bool has_more(const struct readers *readers, unsigned i)
{
	return readers->heads[i] || readers->readers[i]->code < 0;
}

/* The reader that is next; their number when all are over. */
static unsigned earliest(const struct readers *readers)
{
	unsigned first = readers->count;

	for (unsigned i = 0; i < readers->count; i++)
		if (has_more(readers, i) && (first == readers->count || earlier(readers, i, first)))
			first = i;
	return first;
}

static void advance(struct readers *readers, unsigned i)
{
	readers->heads[i] = conveyor_next(readers->readers[i]->conveyor);
}

static int hand_on(struct readers *readers, unsigned i)
{
	struct sink_job *job = readers->job;
	const struct event *event = &readers->heads[i]->event;

	if (job->events++ == 0)
		readers->first = i;
	readers->last = i;
	job->code = job->event(event, job->user);
	if (job->code == 0 && job->events % EVENTS_OF_TURN == 0)
		job->tick(event->timestamp, job->user);
	return job->code;
}

static int merge(struct readers *readers, struct error *error)
{
	unsigned i;
	int code = 0;

	for (i = 0; i < readers->count; i++)
		advance(readers, i);
	while (code == 0 && (i = earliest(readers)) < readers->count) {
		if (!readers->heads[i]) {
			*error = readers->readers[i]->error;
			return readers->readers[i]->code;
		}
		code = hand_on(readers, i);
		advance(readers, i);
	}
	return code;
}

static void move(GPtrArray *to, GPtrArray *from)
{
	g_ptr_array_extend_and_steal(to, g_ptr_array_ref(from));
}

static void conclude(struct readers *readers)
{
	struct sink_job *job = readers->job;

	for (unsigned i = 0; i < readers->count; i++) {
		const struct sink_job *part = &readers->readers[i]->job;

		job->lost_events += part->lost_events;
		job->lost_packets += part->lost_packets;
		job->unknown_events += part->unknown_events;
		if (part->unknown_events > 0)
			sink_name_unknown(job, part->unknown_name);
		move(job->broken, part->broken);
		move(job->ends, part->ends);
	}
	if (job->events > 0) {
		job->begin_ns = readers->readers[readers->first]->job.begin_ns;
		job->end_ns = readers->readers[readers->last]->job.end_ns;
	}
}

int readers_run(struct readers *readers, struct error *error)
{
	int code;

	if (readers->alone)
		return graph_run(readers->alone, error);
	code = merge(readers, error);
	if (code == 0)
		conclude(readers);
	return code;
}

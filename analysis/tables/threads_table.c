/* How long each thread of a GIL held and waited, and how such times are distributed; see
 * gil_tables.h. */
#include "tables/gil_tables.h"

#include <glib.h>

#include "base/humane.h"
#include "tables/figures.h"
#include "tables/labels.h"

/* One that was never inside of the region has no share in it. */
static void add_share_of_life(struct table *table, uint64_t ns, const struct thread_report *t)
{
	if (ns == 0 && t->alive_ns == 0)
		table_add_empty(table);
	else
		table_add_share(table, figure_ratio(ns, t->alive_ns));
}

static void add_figures(struct table *table, const struct thread_report *t)
{
	table_add_duration(table, t->held_ns);
	add_share_of_life(table, t->held_ns, t);
	table_add_duration(table, t->wait_ns);
	add_share_of_life(table, t->wait_ns, t);
	table_add_count(table, t->acquisitions);
	table_add_count(table, t->contended_acquisitions);
	if (t->wait.count == 0)
		table_add_empty(table);
	else
		table_add_duration(table, t->wait.mean_ns);
}

static void add_thread(struct table *table, const struct gil_report *gil, size_t thread)
{
	const struct thread_report *t = &gil->threads[thread];
	char *tid = g_strdup_printf("%d", t->tid);

	table_add_text(table, *t->name			 ? t->name
			      : t->kind == THREAD_NATIVE ? "(native)"
							 : "(no name)");
	table_add_text(table, tid);
	add_figures(table, t);
	if (t->wait.count == 0)
		table_add_empty(table);
	else
		table_add_duration(table, t->wait.max_ns);
	table_add_count(table, t->drop_requests_sent);
	table_add_count(table, t->drop_requests_received);
	g_free(tid);
}

static void add_rest(struct table *table, const struct gil_report *gil, size_t from)
{
	char *label = g_strdup_printf("%zu more", gil->thread_count - from);
	struct thread_report sum = {0};
	uint64_t longest = 0;

	for (size_t i = from; i < gil->thread_count; i++) {
		const struct thread_report *t = &gil->threads[i];

		sum.held_ns = figure_sum(sum.held_ns, t->held_ns);
		sum.wait_ns = figure_sum(sum.wait_ns, t->wait_ns);
		sum.alive_ns = figure_sum(sum.alive_ns, t->alive_ns);
		sum.acquisitions = figure_sum(sum.acquisitions, t->acquisitions);
		sum.contended_acquisitions =
			figure_sum(sum.contended_acquisitions, t->contended_acquisitions);
		sum.drop_requests_sent = figure_sum(sum.drop_requests_sent, t->drop_requests_sent);
		sum.drop_requests_received =
			figure_sum(sum.drop_requests_received, t->drop_requests_received);
		sum.wait.count = figure_sum(sum.wait.count, t->wait.count);
		if (t->wait.count > 0)
			longest = MAX(longest, t->wait.max_ns);
	}
	sum.wait.mean_ns = figure_mean(sum.wait_ns, sum.wait.count);
	table_add_text(table, label);
	table_add_empty(table);
	add_figures(table, &sum);
	if (sum.wait.count == 0)
		table_add_empty(table);
	else
		table_add_duration(table, longest);
	table_add_count(table, sum.drop_requests_sent);
	table_add_count(table, sum.drop_requests_received);
	g_free(label);
}

void threads_table(struct table *table, const struct gil_report *gil)
{
	/* A row that sums one other would be no shorter than that one. */
	size_t rows = gil->thread_count <= THREADS_LISTED + 1 ? gil->thread_count : THREADS_LISTED;

	table_init(table, "threads", "Threads",
		"held, waited: in all, and the share of the thread's life\n"
		"takes: times it took the GIL; waits: times it had to wait for that\n");
	table_add_column(table, "name", "thread", UNIT_NONE);
	table_add_column(table, "tid", "tid", UNIT_NONE);
	table_add_column(table, "held_ns", "held", UNIT_NS);
	table_add_column(table, "held_share", "share", UNIT_SHARE);
	table_add_column(table, "wait_ns", "waited", UNIT_NS);
	table_add_column(table, "wait_share", "share", UNIT_SHARE);
	table_add_column(table, "acquisitions", "takes", UNIT_COUNT);
	table_add_column(table, "contended_acquisitions", "waits", UNIT_COUNT);
	table_add_column(table, "wait_mean_ns", "mean", UNIT_NS);
	table_add_optional_column(table, "wait_max_ns", "longest", UNIT_NS);
	table_add_optional_column(table, "drop_requests_sent", "drops sent", UNIT_COUNT);
	table_add_optional_column(table, "drop_requests_received", "drops got", UNIT_COUNT);
	for (size_t i = 0; i < rows; i++)
		add_thread(table, gil, i);
	if (rows < gil->thread_count)
		add_rest(table, gil, rows);
}

static void add_distribution(
	struct table *table, const char *name, const struct distribution *distribution)
{
	table_add_text(table, name);
	table_add_count(table, distribution->count);
	if (distribution->count == 0) {
		for (int i = 0; i < 6; i++)
			table_add_empty(table);
		return;
	}
	table_add_duration(table, distribution->total_ns);
	table_add_duration(table, distribution->mean_ns);
	table_add_duration(table, distribution->p50_ns);
	table_add_duration(table, distribution->p90_ns);
	table_add_duration(table, distribution->p99_ns);
	table_add_duration(table, distribution->max_ns);
}

static char *times_note(const struct gil_report *gil)
{
	char interval[HUMANE_SIZE], requests[HUMANE_SIZE], forced[HUMANE_SIZE];

	if (gil->kind == INTERPRETER_PYPY)
		return g_strdup("handoff: from a release for the sake of waiters until one of them "
				"has the GIL\n"
				"other handoffs and all holds cannot be seen\n");
	return g_strdup_printf(
		"handoff: the GIL is free while a thread waits\n"
		"drop latency: from a waiter's request for the GIL until it is given up\n"
		"switch interval %s; %s drop request%s, %s release%s answered one\n",
		humane_duration(
			interval, gil->interval_us ? figure_interval_ns(gil) : FIGURE_UNKNOWN),
		humane_count(requests, gil->drop_requests), gil->drop_requests == 1 ? "" : "s",
		humane_count(forced, gil->forced_releases), gil->forced_releases == 1 ? "" : "s");
}

void times_table(struct table *table, const struct gil_report *gil)
{
	char *note = times_note(gil);

	table_init(table, "times", "Times", note);
	g_free(note);
	table_add_column(table, "what", "", UNIT_NONE);
	table_add_column(table, "count", "count", UNIT_COUNT);
	table_add_column(table, "total_ns", "total", UNIT_NS);
	table_add_column(table, "mean_ns", "mean", UNIT_NS);
	table_add_column(table, "p50_ns", "p50", UNIT_NS);
	table_add_column(table, "p90_ns", "p90", UNIT_NS);
	table_add_column(table, "p99_ns", "p99", UNIT_NS);
	table_add_column(table, "max_ns", "max", UNIT_NS);
	add_distribution(table, "hold", &gil->hold);
	add_distribution(table, "wait", &gil->wait);
	add_distribution(table, "handoff", &gil->handoff);
	if (gil->kind != INTERPRETER_PYPY)
		add_distribution(table, "drop latency", &gil->drop_latency);
}

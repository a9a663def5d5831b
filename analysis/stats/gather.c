/* The figures of one GIL, from what was counted; see gather.h. */
#include "stats/gather.h"

#include <math.h>
#include <stdlib.h>

struct gil_stats *gather_new(void)
{
	struct gil_stats *stats = g_new0(struct gil_stats, 1);

	stats->threads = g_ptr_array_new();
	return stats;
}

void gather_free(struct gil_stats *stats)
{
	for (guint i = 0; i < stats->threads->len; i++) {
		struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		histogram_release(&thread->hold);
		histogram_release(&thread->wait);
		histogram_release(&thread->wait_turn);
		tally_release(&thread->blame);
		g_free(thread);
	}
	g_ptr_array_free(stats->threads, TRUE);
	histogram_release(&stats->handoff);
	histogram_release(&stats->drop_latency);
	g_free(stats);
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : NAN;
}

static int by_weight(const void *a, const void *b)
{
	const struct thread_stats *left = *(struct thread_stats *const *)a;
	const struct thread_stats *right = *(struct thread_stats *const *)b;
	uint64_t left_ns = tally_plus(left->hold.total_ns, left->wait.total_ns);
	uint64_t right_ns = tally_plus(right->hold.total_ns, right->wait.total_ns);

	if (left_ns != right_ns)
		return left_ns < right_ns ? 1 : -1;
	return left->thread->index < right->thread->index ? -1 : 1;
}

static int by_wait(const void *a, const void *b)
{
	const struct blame_report *left = a, *right = b;

	if (left->wait_ns != right->wait_ns)
		return left->wait_ns < right->wait_ns ? 1 : -1;
	if (left->waiter != right->waiter)
		return left->waiter < right->waiter ? -1 : 1;
	return left->holder < right->holder ? -1 : 1;
}

static void gather_thread(const struct thread_stats *stats, struct thread_report *report)
{
	report->tid = stats->thread->tid;
	report->name = g_strdup(stats->thread->name);
	report->kind = stats->thread->kind;
	report->acquisitions = stats->acquisitions;
	report->contended_acquisitions = stats->contended_acquisitions;
	report->held_ns = stats->hold.total_ns;
	report->wait_ns = stats->wait.total_ns;
	report->alive_ns = stats->thread->alive_ns;
	report->drop_requests_sent = stats->drop_requests_sent;
	report->drop_requests_received = stats->drop_requests_received;
	histogram_read(&stats->hold, &report->hold);
	histogram_read(&stats->wait, &report->wait);
	histogram_read(&stats->wait_turn, &report->wait_turn);
}

static int blamed(uint32_t holder, const int *place)
{
	if (holder == MODEL_HANDOFF)
		return BLAME_HANDOFF;
	return holder == MODEL_UNKNOWN ? BLAME_UNKNOWN : place[holder];
}

/* `place`: where in the report the thread with a given index stands. */
static void gather_blame(const struct gil_stats *stats, const int *place, struct gil_report *report)
{
	size_t count = 0;

	for (guint i = 0; i < stats->threads->len; i++)
		count += ((struct thread_stats *)g_ptr_array_index(stats->threads, i))->blame.used;
	report->blame = g_new0(struct blame_report, count);
	for (guint i = 0; i < stats->threads->len; i++) {
		const struct thread_stats *thread = g_ptr_array_index(stats->threads, i);
		int waiter = place[thread->thread->index];

		for (uint32_t j = 0; thread->blame.entries && j <= thread->blame.mask; j++) {
			const struct tally_entry *entry = &thread->blame.entries[j];

			if (!entry->tag)
				continue;
			report->blame[report->blame_count++] = (struct blame_report){
				waiter, blamed(entry->tag - 1, place), entry->sum};
		}
	}
	if (report->blame_count)
		qsort(report->blame, report->blame_count, sizeof(*report->blame), by_wait);
}

static void gather_sums(const struct gil_stats *stats, struct gil_report *report)
{
	struct histogram hold = {0}, wait = {0};

	for (guint i = 0; i < stats->threads->len; i++) {
		const struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		report->acquisitions += thread->acquisitions;
		report->contended_acquisitions += thread->contended_acquisitions;
		histogram_merge(&hold, &thread->hold);
		histogram_merge(&wait, &thread->wait);
	}
	report->held_ns = hold.total_ns;
	report->wait_ns = wait.total_ns;
	report->handoff_ns = stats->handoff.total_ns;
	report->drop_requests = stats->drop_requests;
	report->forced_releases = stats->forced_releases;
	histogram_read(&hold, &report->hold);
	histogram_read(&wait, &report->wait);
	histogram_read(&stats->handoff, &report->handoff);
	histogram_read(&stats->drop_latency, &report->drop_latency);
	histogram_release(&hold);
	histogram_release(&wait);
}

void gather_gil(struct gil_stats *stats, const struct model_gil *gil, struct gil_report *report)
{
	guint count = stats->threads->len;
	int *place = g_new0(int, count);

	*report = (struct gil_report){
		.id = gil->id,
		.kind = gil->kind,
		.interval_us = gil->interval_us,
		.span_ns = gil->end_ns - gil->begin_ns,
		.threads = g_new0(struct thread_report, count),
		.thread_count = count,
	};
	gather_sums(stats, report);
	report->utilization = share(report->held_ns, report->span_ns);
	report->contention = share(gil->contended_ns, report->span_ns);
	report->load = share(report->wait_ns, report->span_ns);
	if (count)
		qsort(stats->threads->pdata, count, sizeof(gpointer), by_weight);
	for (guint i = 0; i < count; i++) {
		const struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		place[thread->thread->index] = (int)i;
		gather_thread(thread, &report->threads[i]);
	}
	gather_blame(stats, place, report);
	g_free(place);
	gather_free(stats);
}

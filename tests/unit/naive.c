/* Every figure of a report, worked out plainly; see naive.h. */
#include "naive.h"

#include <math.h>

#include "trace.h"

struct span {
	uint64_t begin;
	uint64_t end;
};

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static int by_begin(const void *a, const void *b)
{
	return by_value(&((const struct span *)a)->begin, &((const struct span *)b)->begin);
}

static void compare_quantile(const GArray *values, unsigned percent, uint64_t figure)
{
	uint64_t exact = g_array_index(values, uint64_t, (values->len * percent + 99) / 100 - 1);

	assert_true(figure >= exact);
	assert_true(figure - exact <= exact / 128);
}

/* Frees `values`. */
static void compare_distribution(GArray *values, const struct distribution *figures)
{
	uint64_t total = 0;

	g_array_sort(values, by_value);
	for (guint i = 0; i < values->len; i++)
		total += g_array_index(values, uint64_t, i);
	assert_true(figures->count == values->len);
	assert_true(figures->total_ns == total);
	if (values->len) {
		assert_true(figures->mean_ns == total / values->len);
		assert_true(figures->max_ns == g_array_index(values, uint64_t, values->len - 1));
		compare_quantile(values, 50, figures->p50_ns);
		compare_quantile(values, 90, figures->p90_ns);
		compare_quantile(values, 95, figures->p95_ns);
		compare_quantile(values, 99, figures->p99_ns);
	}
	g_array_free(values, TRUE);
}

static GArray *new_values(void)
{
	return g_array_new(FALSE, FALSE, sizeof(uint64_t));
}

static uint64_t wait_length(const struct simulated_wait *wait)
{
	return wait->end - wait->begin + wait->yield_end - wait->yield_begin;
}

/* `thread` -1: all. */
static GArray *hold_lengths(const struct simulation *simulation, int thread)
{
	GArray *values = new_values();

	for (guint i = 0; i < simulation->holds->len; i++) {
		const struct simulated_hold *hold =
			&g_array_index(simulation->holds, struct simulated_hold, i);
		uint64_t length = hold->end - hold->begin;

		if (thread < 0 || hold->thread == thread)
			g_array_append_val(values, length);
	}
	return values;
}

static GArray *wait_lengths(const struct simulation *simulation, int thread, bool turns)
{
	GArray *values = new_values();

	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);
		uint64_t length = wait_length(wait);

		if ((thread < 0 || wait->thread == thread) && (!turns || wait->turn))
			g_array_append_val(values, length);
	}
	return values;
}

static uint64_t contended(const struct simulation *simulation, int thread)
{
	uint64_t count = 0;

	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);

		count += wait->ended && (thread < 0 || wait->thread == thread);
	}
	return count;
}

/* The length of the union of all waits. */
static uint64_t covered(const struct simulation *simulation)
{
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	uint64_t length = 0, until = 0;

	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);
		struct span waited = {wait->begin, wait->end};
		struct span yielded = {wait->yield_begin, wait->yield_end};

		g_array_append_val(spans, waited);
		g_array_append_val(spans, yielded);
	}
	g_array_sort(spans, by_begin);
	for (guint i = 0; i < spans->len; i++) {
		const struct span *span = &g_array_index(spans, struct span, i);

		if (span->end > until) {
			length += span->end - MAX(span->begin, until);
			until = span->end;
		}
	}
	g_array_free(spans, TRUE);
	return length;
}

static void compare_handoffs(const struct simulation *simulation, const struct gil_report *gil)
{
	GArray *handoffs = new_values(), *latencies = new_values();

	for (guint i = 0; i < simulation->holds->len; i++) {
		const struct simulated_hold *hold =
			&g_array_index(simulation->holds, struct simulated_hold, i);
		const struct simulated_hold *previous = i ? hold - 1 : NULL;
		uint64_t length;

		if (hold->requested_ns)
			g_array_append_val(latencies, hold->requested_ns);
		if (!previous)
			continue;
		length = hold->begin -
			 (previous->waiters ? previous->end : MAX(previous->end, hold->since));
		if (previous->waiters || hold->since < hold->begin)
			g_array_append_val(handoffs, length);
	}
	assert_true(gil->forced_releases == latencies->len);
	compare_distribution(handoffs, &gil->handoff);
	compare_distribution(latencies, &gil->drop_latency);
}

static uint64_t overlap(const struct simulated_hold *hold, uint64_t begin, uint64_t end)
{
	begin = MAX(begin, hold->begin);
	end = MIN(end, hold->end);
	return begin < end ? end - begin : 0;
}

/* The last column is the handoff. */
static void blame_span(const struct simulation *simulation, int threads, uint64_t begin,
	uint64_t end, uint64_t *row)
{
	uint64_t left = end - begin;
	guint low = 0, high = simulation->holds->len;

	/* The first hold that ends after `begin`. */
	while (low < high) {
		guint middle = (low + high) / 2;

		if (g_array_index(simulation->holds, struct simulated_hold, middle).end <= begin)
			low = middle + 1;
		else
			high = middle;
	}
	for (guint i = low; i < simulation->holds->len; i++) {
		const struct simulated_hold *hold =
			&g_array_index(simulation->holds, struct simulated_hold, i);

		if (hold->begin >= end)
			break;
		row[hold->thread] += overlap(hold, begin, end);
		left -= overlap(hold, begin, end);
	}
	row[threads] += left;
}

static void compare_blame(
	const struct simulation *simulation, int threads, const struct gil_report *gil)
{
	uint64_t *matrix = g_new0(uint64_t, (gsize)threads * (gsize)(threads + 1));

	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);
		uint64_t *row = &matrix[wait->thread * (threads + 1)];

		blame_span(simulation, threads, wait->begin, wait->end, row);
		blame_span(simulation, threads, wait->yield_begin, wait->yield_end, row);
	}
	for (size_t i = 0; i < gil->blame_count; i++) {
		const struct blame_report *blame = &gil->blame[i];
		int waiter = gil->threads[blame->waiter].tid - SIMULATED_PID;
		int holder = threads;

		assert_true(blame->holder >= BLAME_HANDOFF);
		if (blame->holder >= 0)
			holder = gil->threads[blame->holder].tid - SIMULATED_PID;
		assert_true(blame->wait_ns == matrix[waiter * (threads + 1) + holder]);
		matrix[waiter * (threads + 1) + holder] = 0;
	}
	for (int i = 0; i < threads * (threads + 1); i++)
		assert_true(matrix[i] == 0);
	g_free(matrix);
}

static void compare_requests(const struct simulation *simulation, const struct gil_report *gil)
{
	assert_true(gil->drop_requests == simulation->requests->len);
	for (size_t i = 0; i < gil->thread_count; i++) {
		int thread = gil->threads[i].tid - SIMULATED_PID;
		uint64_t sent = 0, received = 0;

		for (guint j = 0; j < simulation->requests->len; j++) {
			const struct simulated_request *request =
				&g_array_index(simulation->requests, struct simulated_request, j);

			sent += request->thread == thread;
			received += request->holder == thread;
		}
		assert_true(gil->threads[i].drop_requests_sent == sent);
		assert_true(gil->threads[i].drop_requests_received == received);
	}
}

static void compare_threads(const struct simulation *simulation, const struct gil_report *gil)
{
	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *report = &gil->threads[i];
		int thread = report->tid - SIMULATED_PID;
		uint64_t until = simulation->exited_at[thread];

		assert_true(report->acquisitions == report->hold.count);
		assert_true(report->contended_acquisitions == contended(simulation, thread));
		assert_true(report->held_ns == report->hold.total_ns);
		assert_true(report->wait_ns == report->wait.total_ns);
		assert_true(
			report->alive_ns == (until ? until : simulation->end) - SIMULATED_BEGIN);
		compare_distribution(hold_lengths(simulation, thread), &report->hold);
		compare_distribution(wait_lengths(simulation, thread, false), &report->wait);
		compare_distribution(wait_lengths(simulation, thread, true), &report->wait_turn);
	}
}

static void compare_ratio(double ratio, uint64_t part, uint64_t whole)
{
	assert_true(fabs(ratio - (double)part / (double)whole) < 1e-12);
}

void naive_compare(const struct simulation *simulation, int threads, const struct gil_report *gil)
{
	uint64_t span = simulation->end - SIMULATED_BEGIN;

	assert_true(gil->span_ns == span);
	assert_true(gil->acquisitions == simulation->holds->len);
	assert_true(gil->contended_acquisitions == contended(simulation, -1));
	assert_true(gil->held_ns == gil->hold.total_ns);
	assert_true(gil->wait_ns == gil->wait.total_ns);
	assert_true(gil->handoff_ns == gil->handoff.total_ns);
	compare_ratio(gil->utilization, gil->held_ns, span);
	compare_ratio(gil->contention, covered(simulation), span);
	compare_ratio(gil->load, gil->wait_ns, span);
	compare_distribution(hold_lengths(simulation, -1), &gil->hold);
	compare_distribution(wait_lengths(simulation, -1, false), &gil->wait);
	compare_handoffs(simulation, gil);
	compare_requests(simulation, gil);
	compare_threads(simulation, gil);
	compare_blame(simulation, threads, gil);
}

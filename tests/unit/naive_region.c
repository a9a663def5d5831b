/* The figures of a region, worked out plainly; see naive_region.h. */
#include "naive_region.h"

#include "trace.h"

/* What is compared, and with the stays of which region. */
struct world {
	const struct simulation *simulation;
	const GArray *stays;
};

static const struct simulated_stay *stay_at(const struct world *world, guint index)
{
	return &g_array_index(world->stays, struct simulated_stay, index);
}

static int by_begin(const void *a, const void *b)
{
	const struct simulated_stay *left = a, *right = b;

	return (left->begin > right->begin) - (left->begin < right->begin);
}

static uint64_t overlap(uint64_t begin, uint64_t end, uint64_t from, uint64_t to)
{
	begin = MAX(begin, from);
	end = MIN(end, to);
	return begin < end ? end - begin : 0;
}

/* How much of it the thread was inside. */
static uint64_t inside(const struct world *world, int thread, uint64_t begin, uint64_t end)
{
	uint64_t sum = 0;

	for (guint i = 0; i < world->stays->len; i++) {
		const struct simulated_stay *stay = stay_at(world, i);

		if (stay->thread == thread || stay->thread < 0)
			sum += overlap(begin, end, stay->begin, stay->end);
	}
	return sum;
}

/* A thread marks nothing while it waits; another one can for all. */
static uint64_t inside_wait(const struct world *world, int thread, uint64_t begin, uint64_t end)
{
	uint64_t ns = inside(world, thread, begin, end);

	assert_true(ns == 0 || ns == end - begin || world->stays == world->simulation->all_stays);
	return ns;
}

/* Time in which some thread was inside. */
static uint64_t span(const struct world *world)
{
	GArray *sorted = g_array_new(FALSE, FALSE, sizeof(struct simulated_stay));
	uint64_t length = 0, until = 0;

	g_array_append_vals(sorted, world->stays->data, world->stays->len);
	g_array_sort(sorted, by_begin);
	for (guint i = 0; i < sorted->len; i++) {
		const struct simulated_stay *stay =
			&g_array_index(sorted, struct simulated_stay, i);

		if (stay->end > until) {
			length += stay->end - MAX(stay->begin, until);
			until = stay->end;
		}
	}
	g_array_free(sorted, TRUE);
	return length;
}

/*
 * All threads were inside while they existed: at least from the first to the last of
 * their holds, as the begins of these threads are not told.
 */
static void compare_alive(const struct world *world, const struct thread_report *report, int thread)
{
	const GArray *holds = world->simulation->holds;
	uint64_t from = UINT64_MAX, to = world->simulation->exited_at[thread];
	uint64_t most = inside(world, thread, 0, to ? to : UINT64_MAX);

	for (guint i = 0; i < holds->len; i++) {
		const struct simulated_hold *hold = &g_array_index(holds, struct simulated_hold, i);

		if (hold->thread != thread)
			continue;
		from = MIN(from, hold->begin);
		to = MAX(to, hold->end);
	}
	assert_true(report->alive_ns <= most);
	if (world->stays == world->simulation->stays)
		assert_true(report->alive_ns == most);
	else
		assert_true(report->alive_ns >= inside(world, thread, from, to));
}

static void compare_thread(
	const struct world *world, const struct thread_report *report, int thread)
{
	const struct simulation *simulation = world->simulation;
	uint64_t held = 0, longest = 0, holds = 0, all = 0, waited = 0, waits = 0, ended = 0;

	for (guint i = 0; i < simulation->holds->len; i++) {
		const struct simulated_hold *hold =
			&g_array_index(simulation->holds, struct simulated_hold, i);
		uint64_t ns = inside(world, thread, hold->begin, hold->end);

		if (hold->thread != thread)
			continue;
		held += ns;
		longest = MAX(longest, ns);
		holds += ns > 0;
		all++;
	}
	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);
		uint64_t ns;

		if (wait->thread != thread)
			continue;
		ns = inside_wait(world, thread, wait->begin, wait->end) +
		     inside_wait(world, thread, wait->yield_begin, wait->yield_end);
		waited += ns;
		waits += ns > 0;
		ended += ns > 0 && wait->ended;
	}
	assert_true(report->held_ns == held);
	assert_true(report->hold.count == holds);
	assert_true(report->acquisitions == holds);
	assert_true(!holds || report->hold.max_ns == longest);
	assert_true(report->all_acquisitions == all);
	assert_true(report->wait_ns == waited);
	assert_true(report->wait.count == waits);
	assert_true(report->contended_acquisitions == ended);
	compare_alive(world, report, thread);
}

/* Adds to `row` who held in that part of a wait which was inside; its last column: nobody. */
static void blame_span(const struct world *world, const struct simulated_wait *wait, int threads,
	uint64_t begin, uint64_t end, uint64_t *row)
{
	const GArray *holds = world->simulation->holds;

	for (guint i = 0; i < world->stays->len; i++) {
		const struct simulated_stay *stay = stay_at(world, i);
		uint64_t from = MAX(begin, stay->begin), to = MIN(end, stay->end);

		if ((stay->thread != wait->thread && stay->thread >= 0) || from >= to)
			continue;
		row[threads] += to - from;
		for (guint k = 0; k < holds->len; k++) {
			const struct simulated_hold *hold =
				&g_array_index(holds, struct simulated_hold, k);
			uint64_t ns = overlap(from, to, hold->begin, hold->end);

			row[hold->thread] += ns;
			row[threads] -= ns;
		}
	}
}

static void compare_blame(const struct world *world, int threads, const struct gil_report *gil)
{
	const struct simulation *simulation = world->simulation;
	uint64_t *matrix = g_new0(uint64_t, (gsize)threads * (gsize)(threads + 1));

	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);
		uint64_t *row = &matrix[wait->thread * (threads + 1)];

		blame_span(world, wait, threads, wait->begin, wait->end, row);
		blame_span(world, wait, threads, wait->yield_begin, wait->yield_end, row);
	}
	for (size_t i = 0; i < gil->blame_count; i++) {
		const struct blame_report *blame = &gil->blame[i];
		int waiter = gil->threads[blame->waiter].tid - SIMULATED_PID;
		int holder = blame->holder < 0 ? threads
					       : gil->threads[blame->holder].tid - SIMULATED_PID;

		assert_true(blame->wait_ns == matrix[waiter * (threads + 1) + holder]);
		matrix[waiter * (threads + 1) + holder] = 0;
	}
	for (int i = 0; i < threads * (threads + 1); i++)
		assert_true(matrix[i] == 0);
	g_free(matrix);
}

void naive_region_compare(const struct simulation *simulation, const GArray *stays, int threads,
	const struct gil_report *gil)
{
	const struct world world = {simulation, stays};

	assert_true(gil->span_ns == span(&world));
	for (size_t i = 0; i < gil->thread_count; i++)
		compare_thread(&world, &gil->threads[i], gil->threads[i].tid - SIMULATED_PID);
	compare_blame(&world, threads, gil);
}

void naive_region_compare_entry(const GArray *stays, const struct region_report *region)
{
	uint64_t total = 0;

	for (guint i = 0; i < stays->len; i++) {
		const struct simulated_stay *stay = &g_array_index(stays, struct simulated_stay, i);

		total += stay->end - stay->begin;
	}
	assert_true(region->count == stays->len);
	assert_true(region->total_ns == total);
	assert_true(region->unmatched == 0);
}

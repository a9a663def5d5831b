/* What a timeline was told, against what happened; see naive_times.h. */
#include "naive_times.h"

#include <string.h>

#include "trace.h"

static const struct simulated_hold *hold_at(const struct simulation *simulation, guint index)
{
	return &g_array_index(simulation->holds, struct simulated_hold, index);
}

static void compare_holds(const struct simulation *simulation, const struct watched_gil *gil)
{
	assert_int_equal(gil->holds->len, simulation->holds->len);
	for (guint i = 0; i < gil->holds->len; i++) {
		const struct watched_hold *told =
			&g_array_index(gil->holds, struct watched_hold, i);
		const struct simulated_hold *hold = hold_at(simulation, i);

		assert_int_equal(told->hold.number, i + 1);
		assert_int_equal(told->tid, SIMULATED_PID + hold->thread);
		assert_true(told->hold.begin_ns == hold->begin);
		assert_true(told->hold.end_ns == hold->end);
		assert_true(told->hold.requested_ns == hold->requested_ns);
		assert_int_equal(told->hold.waiters, hold->waiters);
		assert_int_equal(told->site, hold->site);
	}
}

static int by_end(const void *a, const void *b)
{
	const struct simulated_wait *left = a, *right = b;

	if (left->end != right->end)
		return left->end < right->end ? -1 : 1;
	return left->thread - right->thread;
}

static int by_told_end(const void *a, const void *b)
{
	const struct watched_wait *left = a, *right = b;

	if (left->wait.end_ns != right->wait.end_ns)
		return left->wait.end_ns < right->wait.end_ns ? -1 : 1;
	return left->tid - right->tid;
}

/* The hold whose number the wait has, and who held before. */
static void compare_hold_of(const struct simulation *simulation, const struct watched_wait *told)
{
	const struct simulated_hold *before;
	guint index = (guint)told->wait.number - 1;
	int32_t behind = BLAME_HANDOFF;

	assert_true(hold_at(simulation, index)->begin == told->wait.end_ns);
	assert_int_equal(SIMULATED_PID + hold_at(simulation, index)->thread, told->tid);
	if (index == 0)
		return;
	before = hold_at(simulation, index - 1);
	if (before->end > told->wait.begin_ns)
		behind = SIMULATED_PID + before->thread;
	assert_int_equal(told->behind, behind);
}

static bool is_within(const struct watched_piece *piece, uint64_t begin, uint64_t end)
{
	return begin <= piece->begin_ns && piece->end_ns <= end;
}

/* In each piece it was held by the thread that is told; that they add up the watch has compared. */
static void compare_pieces(const struct simulation *simulation, const struct watched_gil *gil,
	const struct watched_wait *told)
{
	const struct timeline_wait *wait = &told->wait;

	for (guint i = told->pieces; i < told->pieces + told->piece_count; i++) {
		const struct watched_piece *piece =
			&g_array_index(gil->pieces, struct watched_piece, i);
		guint low = 0, high = simulation->holds->len - 1;

		if (piece->begin_ns == EVENT_UNKNOWN)
			continue;
		assert_true(is_within(piece, wait->begin_ns, wait->end_ns) ||
			    is_within(piece, wait->yield_begin_ns,
				    wait->yield_begin_ns + wait->yield_ns));
		while (low < high) { /* the first hold that ends behind its begin */
			guint middle = (low + high) / 2;

			if (hold_at(simulation, middle)->end <= piece->begin_ns)
				low = middle + 1;
			else
				high = middle;
		}
		assert_true(is_within(
			piece, hold_at(simulation, low)->begin, hold_at(simulation, low)->end));
		assert_int_equal(piece->holder, SIMULATED_PID + hold_at(simulation, low)->thread);
	}
}

static void compare_waits(const struct simulation *simulation, const struct watched_gil *gil)
{
	GArray *waits = g_array_copy(simulation->waits), *told = g_array_copy(gil->waits);

	g_array_sort(waits, by_end);
	g_array_sort(told, by_told_end);
	assert_int_equal(told->len, waits->len);
	for (guint i = 0; i < told->len; i++) {
		const struct watched_wait *one = &g_array_index(told, struct watched_wait, i);
		const struct simulated_wait *wait = &g_array_index(waits, struct simulated_wait, i);

		assert_int_equal(one->tid, SIMULATED_PID + wait->thread);
		assert_true(one->wait.begin_ns == wait->begin);
		assert_true(one->wait.end_ns == wait->end);
		assert_true(one->wait.yield_ns == wait->yield_end - wait->yield_begin);
		if (one->wait.yield_ns)
			assert_true(one->wait.yield_begin_ns == wait->yield_begin);
		assert_int_equal(one->site, wait->site);
		assert_int_equal(one->wait.number > 0, wait->ended);
		if (one->wait.number)
			compare_hold_of(simulation, one);
		compare_pieces(simulation, gil, one);
	}
	g_array_free(waits, TRUE);
	g_array_free(told, TRUE);
}

/* Drop requests, and waits that were announced: at once, as their events come. */
static void compare_events(const struct simulation *simulation, const struct watched_gil *gil)
{
	guint requests = 0, begun = 0;

	for (guint i = 0; i < simulation->events->len; i++) {
		const struct event *event = &g_array_index(simulation->events, struct event, i);
		const struct watched_request *told;

		if (event->kind == EVENT_WAIT) {
			assert_true(begun < gil->begun->len);
			told = &g_array_index(gil->begun, struct watched_request, begun++);
		} else if (event->kind == EVENT_DROP_REQUEST) {
			assert_true(requests < gil->requests->len);
			told = &g_array_index(gil->requests, struct watched_request, requests++);
			assert_int_equal(told->receiver, event->drop_request.holder);
		} else {
			continue;
		}
		assert_int_equal(told->sender, event->tid);
		assert_true(told->at_ns == event->at);
	}
	assert_int_equal(requests, gil->requests->len);
	assert_int_equal(begun, gil->begun->len);
}

static void compare_stays(const struct simulation *simulation, const struct watch *watch)
{
	guint count = 0;

	for (guint i = 0; i < watch->stays->len; i++) {
		const struct watched_stay *told =
			&g_array_index(watch->stays, struct watched_stay, i);
		bool found = false;

		if (strcmp(told->name, SIMULATED_REGION) != 0)
			continue;
		for (guint j = 0; j < simulation->stays->len; j++) {
			const struct simulated_stay *stay =
				&g_array_index(simulation->stays, struct simulated_stay, j);

			found = found ||
				(told->tid == SIMULATED_PID + stay->thread &&
					told->begin_ns == stay->begin && told->end_ns == stay->end);
		}
		assert_true(found);
		count++;
	}
	assert_int_equal(count, simulation->stays->len);
}

void naive_times_compare(const struct simulation *simulation, const struct watch *watch)
{
	const struct watched_gil *gil;

	assert_int_equal(watch->gils->len, 1);
	gil = g_ptr_array_index(watch->gils, 0);
	compare_holds(simulation, gil);
	compare_waits(simulation, gil);
	compare_events(simulation, gil);
	compare_stays(simulation, watch);
}

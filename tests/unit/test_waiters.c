/* How many threads wait: changes that come out of order are told in order, and so are their counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "export/waiters.h"

struct told {
	uint64_t at;
	int64_t count;
};

struct span {
	uint64_t begin;
	uint64_t end;
};

static void on_count(void *user, uint64_t at, int64_t count)
{
	const struct told told = {at, count};

	g_array_append_val((GArray *)user, told);
}

static int by_at(const void *a, const void *b)
{
	const struct told *left = a, *right = b;

	return (left->at > right->at) - (left->at < right->at);
}

/* The plain way: all changes sorted, those of one time together, and what changes nothing left out.
 */
static GArray *expected(const GArray *spans)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct told));
	GArray *counts = g_array_new(FALSE, FALSE, sizeof(struct told));
	int64_t count = 0, before;

	for (guint i = 0; i < spans->len; i++) {
		const struct span *span = &g_array_index(spans, struct span, i);
		const struct told begin = {span->begin, 1}, end = {span->end, -1};

		g_array_append_val(changes, begin);
		g_array_append_val(changes, end);
	}
	g_array_sort(changes, by_at);
	for (guint i = 0; i < changes->len;) {
		struct told now = g_array_index(changes, struct told, i);

		before = count;
		for (; i < changes->len && g_array_index(changes, struct told, i).at == now.at; i++)
			count += g_array_index(changes, struct told, i).count;
		now.count = count;
		if (count != before)
			g_array_append_val(counts, now);
	}
	g_array_free(changes, TRUE);
	return counts;
}

/* Waits of threads that are told when they end; a long one is announced at its begin. */
static void run(uint32_t seed, unsigned count)
{
	GRand *rand = g_rand_new_with_seed(seed);
	GArray *told = g_array_new(FALSE, FALSE, sizeof(struct told));
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	struct waiters waiters = {.tell = on_count, .user = told};
	const struct span whole = {5, UINT64_C(1) << 40};
	GArray *wanted;
	uint64_t at = 1000;

	waiters_change(&waiters, whole.begin, 1);
	g_array_append_val(spans, whole);
	for (unsigned i = 0; i < count; i++) {
		struct span span;

		at += (uint64_t)g_rand_int_range(rand, 0, 20);
		span.end = at;
		span.begin = at - (uint64_t)g_rand_int_range(rand, 0, 900);
		g_array_append_val(spans, span);
		waiters_change(&waiters, span.begin, 1);
		waiters_change(&waiters, span.end, -1);
	}
	waiters_change(&waiters, whole.end, -1);
	waiters_end(&waiters);
	wanted = expected(spans);
	assert_int_equal(told->len, wanted->len);
	for (guint i = 0; i < told->len; i++) {
		assert_true(g_array_index(told, struct told, i).at ==
			    g_array_index(wanted, struct told, i).at);
		assert_true(g_array_index(told, struct told, i).count ==
			    g_array_index(wanted, struct told, i).count);
	}
	g_array_free(wanted, TRUE);
	g_array_free(spans, TRUE);
	g_array_free(told, TRUE);
	g_rand_free(rand);
}

static void test_counts(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 50; seed++)
		run(seed, seed * 7);
}

/* More than the window holds at once. */
static void test_beyond_the_window(void **state)
{
	(void)state;
	run(99, 200000);
}

/* What comes too late is counted from then on: nothing told is taken back. */
static void test_too_late(void **state)
{
	GArray *told = g_array_new(FALSE, FALSE, sizeof(struct told));
	struct waiters waiters = {.tell = on_count, .user = told};
	uint64_t at = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++)
		waiters_change(&waiters, 1000 + i, i % 2 ? -1 : 1);
	waiters_change(&waiters, 1, 1);
	waiters_end(&waiters);
	for (guint i = 0; i < told->len; i++) {
		const struct told *one = &g_array_index(told, struct told, i);

		assert_true(one->at >= at);
		assert_true(one->count >= 0);
		at = one->at;
	}
	assert_int_equal(g_array_index(told, struct told, told->len - 1).count, 1);
	g_array_free(told, TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_beyond_the_window),
		cmocka_unit_test(test_too_late),
	};

	return cmocka_run_group_tests_name("waiters", tests, NULL, NULL);
}

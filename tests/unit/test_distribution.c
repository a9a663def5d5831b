/* The histogram: bucket edges, exact sums, quantiles within their bound. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "stats/histogram.h"

static void test_edges(void **state)
{
	(void)state;
	for (uint64_t ns = 0; ns < 256; ns++) {
		assert_int_equal(histogram_bucket(ns), ns);
		assert_int_equal(histogram_upper_edge((uint32_t)ns), ns);
	}
	assert_int_equal(histogram_bucket(256), histogram_bucket(257));
	assert_int_equal(histogram_upper_edge(histogram_bucket(256)), 257);
	assert_int_equal(histogram_upper_edge(histogram_bucket(5000000)), 5013503);
	assert_true(histogram_upper_edge(histogram_bucket(UINT64_MAX)) == UINT64_MAX);
}

/* Each bucket begins where the one before ends, and is at most 1/128 of its values wide. */
static void test_buckets_are_adjacent_and_narrow(void **state)
{
	uint32_t last = histogram_bucket(UINT64_MAX);

	(void)state;
	for (uint32_t bucket = 1; bucket <= last; bucket++) {
		uint64_t low = histogram_upper_edge(bucket - 1) + 1;
		uint64_t high = histogram_upper_edge(bucket);

		assert_int_equal(histogram_bucket(low), bucket);
		assert_int_equal(histogram_bucket(high), bucket);
		assert_true(high - low <= low / 128);
	}
}

static void test_empty(void **state)
{
	struct histogram histogram = {0};
	struct distribution figures;

	(void)state;
	histogram_read(&histogram, &figures);
	assert_int_equal(figures.count, 0);
	assert_int_equal(figures.total_ns, 0);
	assert_true(figures.mean_ns == FIGURE_UNKNOWN);
	assert_true(figures.p50_ns == FIGURE_UNKNOWN);
	assert_true(figures.p99_ns == FIGURE_UNKNOWN);
	assert_true(figures.max_ns == FIGURE_UNKNOWN);
}

static void test_quantiles(void **state)
{
	struct histogram histogram = {0};
	struct distribution figures;

	(void)state;
	for (uint64_t ns = 100; ns >= 1; ns--)
		histogram_add(&histogram, ns);
	histogram_read(&histogram, &figures);
	assert_int_equal(figures.count, 100);
	assert_int_equal(figures.total_ns, 5050);
	assert_int_equal(figures.mean_ns, 50);
	assert_int_equal(figures.p50_ns, 50);
	assert_int_equal(figures.p90_ns, 90);
	assert_int_equal(figures.p95_ns, 95);
	assert_int_equal(figures.p99_ns, 99);
	assert_int_equal(figures.max_ns, 100);
	histogram_release(&histogram);
}

/* The upper edge of the last bucket would be more than was ever seen. */
static void test_quantile_is_at_most_max(void **state)
{
	struct histogram histogram = {0};
	struct distribution figures;

	(void)state;
	histogram_add(&histogram, 5000000);
	histogram_add(&histogram, 5000001);
	histogram_read(&histogram, &figures);
	assert_int_equal(figures.p50_ns, 5000001);
	assert_int_equal(figures.p99_ns, 5000001);
	assert_int_equal(figures.max_ns, 5000001);
	histogram_release(&histogram);
}

static void test_merge(void **state)
{
	struct histogram left = {0}, right = {0};
	struct distribution figures;

	(void)state;
	histogram_add(&left, 10);
	histogram_add(&left, 1000);
	histogram_add(&right, 10);
	histogram_add(&right, 20);
	histogram_merge(&left, &right);
	histogram_read(&left, &figures);
	assert_int_equal(figures.count, 4);
	assert_int_equal(figures.total_ns, 1040);
	assert_int_equal(figures.p50_ns, 10);
	assert_int_equal(figures.max_ns, 1000);
	histogram_release(&left);
	histogram_release(&right);
}

static void test_total_does_not_wrap(void **state)
{
	struct histogram histogram = {0};

	(void)state;
	histogram_add(&histogram, UINT64_MAX - 1);
	histogram_add(&histogram, UINT64_MAX - 1);
	assert_true(histogram.total_ns == UINT64_MAX);
	histogram_release(&histogram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_buckets_are_adjacent_and_narrow),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_quantile_is_at_most_max),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_total_does_not_wrap),
	};

	return cmocka_run_group_tests_name("distribution", tests, NULL, NULL);
}

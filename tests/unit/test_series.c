/* Repetitions of a figure: medians, and the test whether two series differ by more than chance,
 * against published tables and every split counted one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "check/series.h"

static struct series series_of(const double *values, size_t count)
{
	struct series series = {0};

	for (size_t i = 0; i < count; i++)
		series_add(&series, values[i]);
	series_sort(&series);
	return series;
}

static void test_median(void **state)
{
	const double values[4] = {9, 1, 5, 7};
	struct series odd = series_of(values, 3), even = series_of(values, 4);

	(void)state;
	assert_true(series_median(&odd) == 5);
	assert_true(series_median(&even) == 6);
	assert_true(series_least(&even) == 1 && series_most(&even) == 9);
	series_release(&odd);
	series_release(&even);
}

static double probability(const double *a, size_t n, const double *b, size_t m)
{
	struct series first = series_of(a, n), second = series_of(b, m);
	double p = series_probability(&first, &second);

	assert_true(p == series_probability(&second, &first));
	series_release(&first);
	series_release(&second);
	return p;
}

/* As R's wilcox.test(exact = TRUE) has them. */
static void test_known(void **state)
{
	const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10};
	const double mixed[] = {3.5, 4.5, 6, 7, 8}, equal[] = {7, 7, 7, 7, 7};

	(void)state;
	assert_true(fabs(probability(low, 5, high, 5) - 2.0 / 252) < 1e-12);
	assert_true(fabs(probability(low, 4, high, 4) - 2.0 / 70) < 1e-12);
	assert_true(fabs(probability(low, 5, mixed, 5) - 0.055555555555555552) < 1e-9);
	assert_true(probability(equal, 5, equal, 5) == 1);
	assert_true(fabs(probability(low, 1, high, 1) - 1) < 1e-12);
}

/* Twice the sum of the mean ranks of the values that `chosen` has bits for. */
static int rank_sum(const double *values, int count, unsigned chosen)
{
	int sum = 0;

	for (int i = 0; i < count; i++) {
		int below = 0, same = 0;

		for (int k = 0; k < count; k++) {
			below += values[k] < values[i];
			same += values[k] == values[i];
		}
		if (chosen >> i & 1)
			sum += 2 * below + same + 1;
	}
	return sum;
}

static double counted(const double *values, int n, int count)
{
	unsigned own = (1U << n) - 1, all = 0, far = 0;
	int mean = n * (count + 1), distance = abs(rank_sum(values, count, own) - mean);

	for (unsigned chosen = 0; chosen < 1U << count; chosen++) {
		if (__builtin_popcount(chosen) != n)
			continue;
		all++;
		far += abs(rank_sum(values, count, chosen) - mean) >= distance;
	}
	return (double)far / all;
}

/* Random series with many equal values, against all splits counted. */
static void test_against_enumeration(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (int round = 0; round < 200; round++) {
		double values[11] = {0};
		int count = 4 + rand_r(&seed) % 8, n = 1 + rand_r(&seed) % (count - 1);

		for (int i = 0; i < count; i++)
			values[i] = rand_r(&seed) % 6 + (i < n ? 0 : round % 4);
		assert_true(
			fabs(counted(values, n, count) - probability(values, (size_t)n, values + n,
								 (size_t)(count - n))) < 1e-9);
	}
}

/* Where the exact test ends, the approximation goes on from nearly the same. */
static void test_approximation(void **state)
{
	double a[41] = {0}, b[41] = {0};

	(void)state;
	for (int i = 0; i < 40; i++) {
		a[i] = i;
		b[i] = i + 2.5;
	}
	assert_true(fabs(probability(a, 20, b, 20) - probability(a, 21, b, 21)) < 0.03);
	assert_true(probability(a, 40, b, 40) > 0.05);
	for (int i = 0; i < 40; i++)
		b[i] = i + 30;
	assert_true(probability(a, 40, b, 40) < 1e-6);
	assert_true(probability(a, 40, a, 40) == 1);
}

/* By ranks, as the probability is: equal medians can differ. */
static void test_direction(void **state)
{
	double zeros[20] = {0}, some[20] = {0};
	struct series low, high;

	(void)state;
	for (int i = 11; i < 20; i++)
		some[i] = 0.6;
	low = series_of(zeros, 20);
	high = series_of(some, 20);
	assert_true(series_median(&low) == series_median(&high));
	assert_int_equal(series_direction(&low, &high), 1);
	assert_int_equal(series_direction(&high, &low), -1);
	assert_int_equal(series_direction(&high, &high), 0);
	series_release(&low);
	series_release(&high);
}

static void test_sizes(void **state)
{
	static const struct {
		size_t a, b;
		bool can;
	} cases[] = {{0, 9, false}, {1, 1, false}, {1, 100, false}, {4, 4, false}, {4, 5, false},
		{4, 6, true}, {5, 5, true}, {3, 8, false}, {3, 9, true}, {2, 18, false},
		{2, 19, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(series_can_tell(cases[i].a, cases[i].b), cases[i].can);
		assert_int_equal(series_can_tell(cases[i].b, cases[i].a), cases[i].can);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_against_enumeration),
		cmocka_unit_test(test_approximation),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

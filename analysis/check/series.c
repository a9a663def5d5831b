/* The values of one figure over repetitions; see series.h. */
#include "check/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

void series_add(struct series *series, double value)
{
	series->values = g_renew(double, series->values, series->count + 1);
	series->values[series->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

void series_sort(struct series *series)
{
	if (series->count > 1)
		qsort(series->values, series->count, sizeof(double), compare);
}

void series_release(struct series *series)
{
	g_free(series->values);
	memset(series, 0, sizeof(*series));
}

double series_median(const struct series *series)
{
	size_t middle = series->count / 2;

	if (series->count % 2)
		return series->values[middle];
	return (series->values[middle - 1] + series->values[middle]) / 2;
}

double series_least(const struct series *series)
{
	return series->values[0];
}

double series_most(const struct series *series)
{
	return series->values[series->count - 1];
}

/*
 * Doubled ranks of all values in their order, so that the mean ranks of equal ones
 * are whole, and the doubled rank sum of `a`. `ties`: sum of t^3 - t over groups of equal values.
 */
struct ranking {
	size_t *doubled;
	size_t count;
	size_t sum;
	double ties;
};

static void rank(struct ranking *ranking, const struct series *a, const struct series *b)
{
	size_t i = 0, k = 0, at = 0;

	ranking->count = a->count + b->count;
	ranking->doubled = g_new(size_t, ranking->count);
	ranking->sum = 0;
	ranking->ties = 0;
	while (at < ranking->count) {
		double value = k >= b->count || (i < a->count && a->values[i] <= b->values[k])
				       ? a->values[i]
				       : b->values[k];
		size_t first = at, of_a = 0, size;

		for (; i < a->count && a->values[i] == value; i++, at++)
			of_a++;
		for (; k < b->count && b->values[k] == value; k++)
			at++;
		size = at - first;
		for (size_t n = first; n < at; n++)
			ranking->doubled[n] = 2 * first + size + 1;
		ranking->sum += of_a * (2 * first + size + 1);
		ranking->ties += pow((double)size, 3) - (double)size;
	}
}

/* Part of all choices of `chosen` ranks whose sum is at least as far from the mean as that of the
 * ranking. */
static double exact(const struct ranking *ranking, size_t chosen)
{
	size_t most = ranking->count * (ranking->count + 1); /* the sum of all doubled ranks */
	size_t width = most + 1;
	double *ways = g_new0(double, (chosen + 1) * width);
	double mean = (double)most * (double)chosen / (double)ranking->count;
	double distance = fabs((double)ranking->sum - mean), all = 0, far = 0;

	ways[0] = 1;
	for (size_t n = 0; n < ranking->count; n++)
		for (size_t c = MIN(chosen, n + 1); c > 0; c--)
			for (size_t sum = ranking->doubled[n]; sum <= most; sum++)
				ways[c * width + sum] +=
					ways[(c - 1) * width + sum - ranking->doubled[n]];
	for (size_t sum = 0; sum <= most; sum++) {
		all += ways[chosen * width + sum];
		if (fabs((double)sum - mean) >= distance - 1e-6)
			far += ways[chosen * width + sum];
	}
	g_free(ways);
	return far / all;
}

static double approximate(const struct ranking *ranking, double a, double b)
{
	double n = a + b, mean = a * (n + 1) / 2;
	double variance = a * b / 12 * (n + 1 - ranking->ties / (n * (n - 1)));
	double distance = fabs((double)ranking->sum / 2 - mean) - 0.5;

	if (variance <= 0 || distance <= 0)
		return 1;
	return erfc(distance / sqrt(2 * variance));
}

double series_probability(const struct series *a, const struct series *b)
{
	struct ranking ranking;
	double probability;

	if (!a->count || !b->count)
		return 1;
	rank(&ranking, a, b);
	if (ranking.count <= SERIES_EXACT)
		probability = exact(&ranking, a->count);
	else
		probability = approximate(&ranking, (double)a->count, (double)b->count);
	g_free(ranking.doubled);
	return probability;
}

int series_direction(const struct series *a, const struct series *b)
{
	struct ranking ranking;
	size_t mean; /* of the doubled rank sum of `a` */

	rank(&ranking, a, b);
	mean = a->count * (ranking.count + 1);
	g_free(ranking.doubled);
	return (ranking.sum < mean) - (ranking.sum > mean);
}

bool series_can_tell(size_t a, size_t b)
{
	double splits = 1; /* of a + b values into groups of these sizes; two of them are extreme */

	for (size_t i = 1; i <= a; i++)
		splits = splits * (double)(b + i) / (double)i;
	return a > 0 && b > 0 && 2 / splits < SERIES_SIGNIFICANT;
}

/* The values of one figure over the repetitions of a program. */
#ifndef GILTRACE_CHECK_SERIES_H
#define GILTRACE_CHECK_SERIES_H

#include <stdbool.h>
#include <stddef.h>

struct series {
	double *values; /* smallest first, after series_sort() */
	size_t count;
};

void series_add(struct series *series, double value);
void series_sort(struct series *series);
void series_release(struct series *series);

/* Of a sorted one that is not empty; of an even number the mean of the two in the middle. */
double series_median(const struct series *series);
double series_least(const struct series *series);
double series_most(const struct series *series);

/*
 * Whether two sorted series differ by more than chance: the exact two-sided
 * Mann-Whitney test, that is, the probability that a random split of all values
 * into two groups of these sizes has rank sums as far apart, equal values having
 * their mean rank. No assumption on how values are distributed. Above
 * SERIES_EXACT values in all, the normal approximation with correction for ties.
 */
double series_probability(const struct series *a, const struct series *b);

/* Which way that difference is, which medians need not show: 1 where `b` has the larger values by
 * rank, -1 where `a` has, 0 neither. Both sorted.
 */
int series_direction(const struct series *a, const struct series *b);

enum { SERIES_EXACT = 40 };

/* A difference that chance makes less often than this is beyond the noise. */
#define SERIES_SIGNIFICANT 0.01

/* Whether series of these sizes could ever be beyond it, however far apart: it takes 5 and 5, 4 and
 * 6, 3 and 9, or 2 and 19.
 */
bool series_can_tell(size_t a, size_t b);

#endif /* GILTRACE_CHECK_SERIES_H */

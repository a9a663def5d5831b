/*
 * Arithmetic on figures of which some are unknown (stats/report.h): what is
 * made of an unknown figure is unknown.
 */
#ifndef GILTRACE_FIGURES_H
#define GILTRACE_FIGURES_H

#include <stdint.h>

#include "stats/report.h"

/* CPython's default switch interval. */
#define FIGURE_INTERVAL_NS 5000000

/* The switch interval of `gil`, CPython's default where the trace does not tell. */
uint64_t figure_interval_ns(const struct gil_report *gil);

/* Parts of a whole; NaN when either is unknown or the whole is 0. */
double figure_ratio(uint64_t part, uint64_t whole);

/* FIGURE_UNKNOWN when either is. */
uint64_t figure_sum(uint64_t a, uint64_t b);

/* total / count; FIGURE_UNKNOWN when either is, or nothing was counted. */
uint64_t figure_mean(uint64_t total, uint64_t count);

#endif /* GILTRACE_FIGURES_H */

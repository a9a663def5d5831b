/*
 * Live figures in OpenMetrics' text format, for Prometheus and others. A figure that is not
 * known has no sample.
 */
#ifndef GILTRACE_LIVE_OPENMETRICS_H
#define GILTRACE_LIVE_OPENMETRICS_H

#include <glib.h>

#include "live/figures.h"
#include "live/viewing.h"

#define OPENMETRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Appends a whole exposition. */
void openmetrics_write(
	GString *out, const struct live_figures *figures, const struct viewing_state *state);

#endif /* GILTRACE_LIVE_OPENMETRICS_H */

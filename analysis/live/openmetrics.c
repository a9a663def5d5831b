/* Live figures in OpenMetrics' text format; see openmetrics.h. */
#include "live/openmetrics.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "stats/report.h"

/* What one sample is about; what is not its concern is NULL. */
struct subject {
	const struct live_process *process;
	const struct live_gil *gil;
	const struct live_thread *thread;
};

struct family {
	const char *name;
	const char *type;
	const char *unit; /* "" without */
	const char *help;
	double (*value)(const struct subject *subject); /* NaN: not known */
	bool whole;					/* a number of things */
};

static double seconds(uint64_t ns)
{
	return ns == FIGURE_UNKNOWN ? NAN : (double)ns / 1e9;
}

static double thread_held(const struct subject *of)
{
	return seconds(of->thread->held_ns);
}

static double thread_waited(const struct subject *of)
{
	return seconds(of->thread->wait_ns);
}

static double thread_acquisitions(const struct subject *of)
{
	return of->thread->held_ns == FIGURE_UNKNOWN ? NAN : (double)of->thread->acquisitions;
}

static double thread_waits(const struct subject *of)
{
	return (double)of->thread->waits;
}

static double thread_longest(const struct subject *of)
{
	return seconds(of->thread->longest_ever_ns);
}

static double thread_held_ratio(const struct subject *of)
{
	return of->thread->held;
}

static double thread_waited_ratio(const struct subject *of)
{
	return of->thread->waited;
}

static double thread_holding(const struct subject *of)
{
	const struct live_gil *gil = of->gil;

	if (of->thread->state == LIVE_UNKNOWN || (!gil->holder && gil->unknown_ns))
		return NAN;
	return of->thread->state == LIVE_HOLDS;
}

static double thread_waiting(const struct subject *of)
{
	return of->thread->state == LIVE_WAITS ? (double)of->thread->since_ns / 1e9 : 0;
}

static double gil_held(const struct subject *of)
{
	return seconds(of->gil->held_ns);
}

static double gil_waited(const struct subject *of)
{
	return seconds(of->gil->wait_ns);
}

static double gil_acquisitions(const struct subject *of)
{
	return of->gil->held_ns == FIGURE_UNKNOWN ? NAN : (double)of->gil->acquisitions;
}

static double gil_waits(const struct subject *of)
{
	return (double)of->gil->waits;
}

static double gil_requests(const struct subject *of)
{
	return (double)of->gil->drop_requests;
}

static double gil_held_ratio(const struct subject *of)
{
	return of->gil->held;
}

static double gil_load(const struct subject *of)
{
	return of->gil->load;
}

static double gil_window(const struct subject *of)
{
	return of->gil->window_ns ? seconds(of->gil->window_ns) : NAN;
}

static const struct family gil_families[] = {
	{"giltrace_gil_hold_seconds", "counter", "seconds", "Time in which the GIL was held.",
		gil_held, false},
	{"giltrace_gil_wait_seconds", "counter", "seconds",
		"Time that threads waited for the GIL, together.", gil_waited, false},
	{"giltrace_gil_acquisitions", "counter", "", "Times that the GIL was taken.",
		gil_acquisitions, true},
	{"giltrace_gil_waits", "counter", "", "Acquisitions that had to wait.", gil_waits, true},
	{"giltrace_gil_drop_requests", "counter", "",
		"Requests of waiters that the holder give the GIL up.", gil_requests, true},
	{"giltrace_gil_held_ratio", "gauge", "ratio",
		"Share of the latest window in which the GIL was held.", gil_held_ratio, false},
	{"giltrace_gil_load", "gauge", "",
		"Threads that waited for the GIL on average, in the latest window.", gil_load,
		false},
	{"giltrace_gil_window_seconds", "gauge", "seconds",
		"Length of the latest window, which ends at the last moment of which all is known.",
		gil_window, false},
};

static const struct family thread_families[] = {
	{"giltrace_hold_seconds", "counter", "seconds", "Time in which the thread had the GIL.",
		thread_held, false},
	{"giltrace_wait_seconds", "counter", "seconds",
		"Time in which the thread waited for the GIL.", thread_waited, false},
	{"giltrace_acquisitions", "counter", "", "Times that the thread took the GIL.",
		thread_acquisitions, true},
	{"giltrace_waits", "counter", "", "Times that the thread had to wait for that.",
		thread_waits, true},
	{"giltrace_longest_wait_seconds", "gauge", "seconds",
		"The longest wait of the thread since figures are kept.", thread_longest, false},
	{"giltrace_held_ratio", "gauge", "ratio",
		"Share of the latest window in which the thread had the GIL.", thread_held_ratio,
		false},
	{"giltrace_waited_ratio", "gauge", "ratio",
		"Share of the latest window in which the thread waited for the GIL.",
		thread_waited_ratio, false},
	{"giltrace_holding", "gauge", "", "1: the thread has the GIL now.", thread_holding, true},
	{"giltrace_waiting_seconds", "gauge", "seconds",
		"For how long the thread has been waiting for the GIL now, 0: it is not.",
		thread_waiting, false},
};

/* Clean text has no control characters. */
static void add_label(GString *out, const char *name, const char *value)
{
	g_autofree char *clean = utf8_clean(value);

	g_string_append_printf(out, "%s=\"", name);
	for (const char *c = clean; *c; c++) {
		if (*c == '\\' || *c == '"')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

static void add_labels(GString *out, const struct subject *of)
{
	g_string_append_printf(out, "pid=\"%d\"", of->process->pid);
	if (of->gil)
		g_string_append_printf(out, ",gil=\"%u\"", of->gil->index);
	if (of->thread) {
		g_string_append_printf(out, ",tid=\"%d\",", of->thread->tid);
		add_label(out, "thread", of->thread->name);
	}
}

static void add_head(
	GString *out, const char *name, const char *type, const char *unit, const char *help)
{
	g_string_append_printf(out, "# TYPE %s %s\n", name, type);
	if (*unit)
		g_string_append_printf(out, "# UNIT %s %s\n", name, unit);
	g_string_append_printf(out, "# HELP %s %s\n", name, help);
}

static const char *suffix_of(const char *type)
{
	return strcmp(type, "counter") == 0 ? "_total" : "";
}

static void add_sample(GString *out, const struct family *family, const struct subject *of)
{
	double value = family->value(of);
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (isnan(value))
		return;
	g_string_append_printf(out, "%s%s{", family->name, suffix_of(family->type));
	add_labels(out, of);
	g_ascii_formatd(text, sizeof(text), family->whole ? "%.0f" : "%.9f", value);
	g_string_append_printf(out, "} %s\n", text);
}

static void add_threads(GString *out, const struct family *family, struct subject of)
{
	for (guint i = 0; i < of.gil->threads->len; i++) {
		of.thread = g_ptr_array_index(of.gil->threads, i);
		add_sample(out, family, &of);
	}
}

static void add_family(
	GString *out, const struct family *family, const struct live_figures *figures, bool threads)
{
	struct subject of = {0};

	add_head(out, family->name, family->type, family->unit, family->help);
	for (guint i = 0; i < figures->processes->len; i++) {
		of.process = g_ptr_array_index(figures->processes, i);
		for (guint j = 0; j < of.process->gils->len; j++) {
			of.gil = g_ptr_array_index(of.process->gils, j);
			if (threads)
				add_threads(out, family, of);
			else
				add_sample(out, family, &of);
		}
	}
}

static const char *mode_of(const struct live_process *process)
{
	switch (process->gil_mode) {
	case GIL_ENABLED:
		return "enabled";
	case GIL_DISABLED:
		return "disabled";
	case GIL_NONE:
		return "none";
	default:
		return "unknown";
	}
}

static void add_processes(GString *out, const struct live_figures *figures)
{
	add_head(out, "giltrace_process", "info", "", "A traced process.");
	for (guint i = 0; i < figures->processes->len; i++) {
		const struct live_process *process = g_ptr_array_index(figures->processes, i);

		g_string_append_printf(out, "giltrace_process_info{pid=\"%d\",", process->pid);
		add_label(out, "command", process->command);
		g_string_append_c(out, ',');
		add_label(out, "interpreter", process->interpreter);
		g_string_append_c(out, ',');
		add_label(out, "gil_mode", mode_of(process));
		g_string_append(out, "} 1\n");
	}
}

static void add_reading(
	GString *out, const struct live_figures *figures, const struct viewing_state *state)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	add_head(out, "giltrace_up", "gauge", "",
		"1: these figures go on; 0: they are the last ones.");
	g_string_append_printf(out, "giltrace_up %d\n", !state->last);
	add_head(out, "giltrace_lost_events", "counter", "",
		"Events that found LTTng's buffers full; none: nobody knows how many.");
	if (!state->lost_unknown)
		g_string_append_printf(
			out, "giltrace_lost_events_total %" PRIu64 "\n", state->lost_events);
	add_head(out, "giltrace_missing_events", "counter", "",
		"Events that should be there by the numbers of the others.");
	g_string_append_printf(
		out, "giltrace_missing_events_total %" PRIu64 "\n", figures->missing_events);
	add_head(out, "giltrace_restarts", "counter", "",
		"Times that the connection broke off, and the figures began anew.");
	g_string_append_printf(out, "giltrace_restarts_total %u\n", state->restarts);
	add_head(out, "giltrace_silence_seconds", "gauge", "seconds",
		"For how long nothing has come from LTTng.");
	g_ascii_formatd(text, sizeof(text), "%.3f", state->stalled_s);
	g_string_append_printf(out, "giltrace_silence_seconds %s\n", text);
}

void openmetrics_write(
	GString *out, const struct live_figures *figures, const struct viewing_state *state)
{
	add_reading(out, figures, state);
	add_processes(out, figures);
	for (size_t i = 0; i < G_N_ELEMENTS(gil_families); i++)
		add_family(out, &gil_families[i], figures, false);
	for (size_t i = 0; i < G_N_ELEMENTS(thread_families); i++)
		add_family(out, &thread_families[i], figures, true);
	g_string_append(out, "# EOF\n");
}

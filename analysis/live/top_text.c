/* Live figures as text; see top_text.h. */
#include "live/top_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/humane.h"
#include "base/utf8.h"
#include "render/style.h"
#include "render/text_table.h"
#include "render/wrap.h"
#include "stats/report.h"
#include "tables/table.h"

/* Nothing has come for so long: more than the pause between two packets of LTTng's. */
static const double stalled_s = 2.5;

/* From this width on there is room for thread numbers. */
enum { WIDTH_TIDS = 96 };

static char *label_of(const struct live_thread *thread)
{
	return *thread->name ? utf8_clean(thread->name) : g_strdup_printf("tid %d", thread->tid);
}

static double activity(const struct live_thread *thread)
{
	return (isnan(thread->held) ? 0 : thread->held) +
	       (isnan(thread->waited) ? 0 : thread->waited);
}

static gint busier(gconstpointer a, gconstpointer b)
{
	const struct live_thread *one = *(struct live_thread *const *)a;
	const struct live_thread *other = *(struct live_thread *const *)b;
	double difference = activity(other) - activity(one);

	if (difference != 0)
		return difference > 0 ? 1 : -1;
	return one->tid < other->tid ? -1 : one->tid > other->tid;
}

static const char *word_of(enum live_state state)
{
	switch (state) {
	case LIVE_HOLDS:
		return "holds";
	case LIVE_WAITS:
		return "waits";
	case LIVE_UNKNOWN:
		return "?";
	case LIVE_AWAY:
		break;
	}
	return "";
}

static void add_columns(struct table *table, bool tids)
{
	table_add_column(table, "thread", "thread", UNIT_NONE);
	if (tids)
		table_add_column(table, "tid", "tid", UNIT_NONE);
	table_add_column(table, "held", "held", UNIT_SHARE);
	table_add_column(table, "waited", "waited", UNIT_SHARE);
	table_add_column(table, "now", "now", UNIT_NONE);
	table_add_column(table, "longest_wait_ns", "longest", UNIT_NS);
	table_add_optional_column(table, "line", "line", UNIT_NONE);
}

static void add_row(struct table *table, const struct live_thread *thread, bool tids)
{
	g_autofree char *label = label_of(thread);
	g_autofree char *tid = g_strdup_printf("%d", thread->tid);

	table_add_text(table, label);
	if (tids)
		table_add_text(table, tid);
	table_add_share(table, thread->held);
	table_add_share(table, thread->waited);
	table_add_text(table, word_of(thread->state));
	if (thread->longest_wait_ns)
		table_add_duration(table, thread->longest_wait_ns);
	else if (isnan(thread->waited))
		table_add_unknown(table);
	else
		table_add_empty(table);
	table_add_text(table, thread->line);
}

static char *title_of(const struct live_process *process, const struct live_gil *gil, int width)
{
	g_autofree char *command = utf8_clean(process->command);
	const char *slash = memrchr(command, '/', strcspn(command, " "));
	g_autofree char *interpreter = utf8_clean(process->interpreter);
	g_autofree char *tail =
		g_strdup_printf(" (pid %d)%s%s%s", process->pid, *interpreter ? ", " : "",
			interpreter, gil->kind == INTERPRETER_SUB ? ", subinterpreter" : "");
	size_t room = (size_t)width > strlen(tail) + 8 ? (size_t)width - strlen(tail) : 8;
	g_autofree char *head = utf8_fit(slash ? slash + 1 : *command ? command : "?", room);

	return g_strconcat(head, tail, NULL);
}

static void say_now(GString *note, const struct live_gil *gil)
{
	char text[HUMANE_SIZE];

	if (gil->holder) {
		g_autofree char *label = label_of(gil->holder);

		g_string_append_printf(note, "; %s has it for %s", label,
			humane_duration(text, gil->holder->since_ns));
	} else if (gil->unknown_ns) {
		g_string_append_printf(note,
			"; nobody has waited for %s: it is free, or one thread holds it",
			humane_duration(text, gil->unknown_ns));
	}
}

static char *note_of(const struct live_gil *gil)
{
	GString *note = g_string_new(NULL);
	char held[HUMANE_SIZE], load[HUMANE_SIZE], requests[HUMANE_SIZE], window[HUMANE_SIZE];

	if (gil->kind == INTERPRETER_PYPY)
		g_string_append_printf(note, "GIL of PyPy, whose holds nobody can know; load %s",
			humane_number(load, gil->load));
	else if (gil->lost)
		g_string_append(note, "GIL: events were lost, nobody knows");
	else if (!gil->window_ns)
		g_string_append(note, "GIL: not known");
	else
		g_string_append_printf(note, "GIL held %s of %s, load %s, drop requests %s/s",
			humane_share(held, gil->held), humane_duration(window, gil->window_ns),
			humane_number(load, gil->load), humane_number(requests, gil->requests));
	say_now(note, gil);
	return g_string_free(note, FALSE);
}

static void add_gil(GString *out, const struct live_process *process, struct live_gil *gil,
	const struct top_text_options *options)
{
	g_autofree char *title = title_of(process, gil, options->width);
	g_autofree char *note = note_of(gil);
	bool tids = options->width >= WIDTH_TIDS;
	struct table table;
	guint shown = gil->threads->len;

	if (options->threads)
		shown = MIN(shown, (guint)options->threads);
	g_ptr_array_sort(gil->threads, busier);
	table_init(&table, "threads", title, note);
	add_columns(&table, tids);
	for (guint i = 0; i < shown; i++)
		add_row(&table, g_ptr_array_index(gil->threads, i), tids);
	text_table_draw(out, &table, options->width, options->color);
	if (shown < gil->threads->len)
		g_string_append_printf(out, "and %u more threads\n", gil->threads->len - shown);
	table_release(&table);
}

static void add_process(
	GString *out, const struct live_process *process, const struct top_text_options *options)
{
	for (guint i = 0; i < process->gils->len; i++) {
		g_string_append_c(out, '\n');
		add_gil(out, process, g_ptr_array_index(process->gils, i), options);
	}
	if (process->gils->len == 0 &&
		(process->gil_mode == GIL_DISABLED || process->gil_mode == GIL_NONE))
		g_string_append_printf(out, "\npid %d: %s\n", process->pid,
			process->gil_mode == GIL_NONE ? "no GIL" : "the GIL is switched off");
}

static void warn(GString *out, const struct top_text_options *options, const char *text)
{
	g_string_append(out, STYLE_YELLOW(options->color));
	wrap_text(out, text, options->width, "", "  ");
	g_string_truncate(out, out->len - 1);
	g_string_append_printf(out, "%s\n", STYLE_PLAIN(options->color));
}

static void add_doubts(GString *out, const struct live_figures *figures,
	const struct viewing_state *state, const struct top_text_options *options)
{
	g_autofree char *lost = g_strdup_printf("lost %" PRIu64 " events%s: the buffers were full",
		state->lost_events, state->lost_unknown ? " and more" : "");
	g_autofree char *missing =
		g_strdup_printf("%" PRIu64 " events are missing, by the numbers of the others",
			figures->missing_events);
	g_autofree char *restarts = g_strdup_printf(
		"the connection broke off (%u), the figures began anew", state->restarts);
	g_autofree char *stalled = g_strdup_printf("nothing has come for %.0f s", state->stalled_s);

	if (state->lost_events || state->lost_unknown)
		warn(out, options, lost);
	else if (figures->missing_events)
		warn(out, options, missing);
	if (state->restarts)
		warn(out, options, restarts);
	if (state->stalled_s > stalled_s && !state->last)
		warn(out, options, stalled);
}

void top_text(GString *out, const struct live_figures *figures, const struct viewing_state *state,
	const struct top_text_options *options)
{
	gsize begin = out->len;

	add_doubts(out, figures, state, options);
	for (guint i = 0; i < figures->processes->len; i++)
		add_process(out, g_ptr_array_index(figures->processes, i), options);
	if (out->len == begin)
		g_string_append(out, "\nno GIL so far\n");
}

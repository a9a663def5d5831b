/* Two sets of runs side by side, as text; see diff.h. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "render/diff.h"
#include "render/gate_words.h"
#include "render/style.h"
#include "render/text_table.h"
#include "render/wrap.h"
#include "render/write_text.h"

enum { LINES_SHOWN = 15, THREAD_ROWS_SHOWN = 24 };

/* Of a thread, what is worth a row. */
static const char *const thread_figures[] = {"wait_ns", "wait.max_ns", "held_ns", "hold.max_ns",
	"acquisitions", "contended_acquisitions", "drop_requests_received"};

static const char *kind_words(enum change_kind kind)
{
	static const char *const words[] = {
		[CHANGE_SAME] = "same",
		[CHANGE_NOISE] = "noise",
		[CHANGE_MORE] = "MORE",
		[CHANGE_LESS] = "LESS",
		[CHANGE_UNTOLD] = "?",
		[CHANGE_UNKNOWN] = "not known",
	};

	return words[kind];
}

static char *value_of(const struct change *change, const struct series *series)
{
	return series->count ? gate_value(change->unit, series_median(series)) : g_strdup("?");
}

/* "+12 %", "x 3.4", "+5 ms" from nothing. */
static char *difference(const struct change *change)
{
	double before, after;
	g_autofree char *value = NULL;

	if (!change->before.count || !change->after.count)
		return g_strdup("");
	before = series_median(&change->before);
	after = series_median(&change->after);
	if (before == after)
		return g_strdup("0");
	if (before == 0) {
		value = gate_value(change->unit, after);
		return g_strdup_printf("+%s", value);
	}
	if (after >= 2 * before) {
		value = gate_value(UNIT_NUMBER, after / before);
		return g_strdup_printf("x %s", value);
	}
	if (fabs(after / before - 1) < 0.005)
		return g_strdup("<1 %");
	return g_strdup_printf("%+.0f %%", 100 * (after / before - 1));
}

static void add_cell(struct table *table, char *text)
{
	table_add_text(table, text);
	g_free(text);
}

static void add_change(struct table *table, const struct change *change)
{
	add_cell(table, value_of(change, &change->before));
	add_cell(table, value_of(change, &change->after));
	add_cell(table, difference(change));
	table_add_text(table, kind_words(change->kind));
}

static void add_change_columns(struct table *table)
{
	table_add_column(table, "before", "before", UNIT_NUMBER);
	table_add_column(table, "after", "after", UNIT_NUMBER);
	table_add_column(table, "difference", "difference", UNIT_NUMBER);
	table_add_column(table, "change", "change", UNIT_NONE);
}

static bool has_some(const struct series *series)
{
	return series->count && series_most(series) > 0;
}

/* Nothing on both sides, or not known on both. */
static bool is_empty(const struct change *change)
{
	return (!change->before.count && !change->after.count) ||
	       (change->before.count && change->after.count && !has_some(&change->before) &&
		       !has_some(&change->after));
}

/* Nothing on either side that is known. */
static bool is_nothing(const struct change *change)
{
	return !has_some(&change->before) && !has_some(&change->after);
}

static void draw(GString *out, struct table *table, const struct diff_options *options, int width)
{
	if (table_rows(table) > 0) {
		text_table_draw(out, table, width, options->color);
		g_string_append_c(out, '\n');
	}
	table_release(table);
}

static void draw_gil(GString *out, const struct change_group *group,
	const struct diff_options *options, int width)
{
	g_autofree char *title = utf8_clean(group->title);
	struct table table;

	table_init(
		&table, "gil", title, "Without figures that are 0 or not known before and after.");
	table_add_column(&table, "figure", "figure", UNIT_NONE);
	add_change_columns(&table);
	for (guint i = 0; i < group->changes->len; i++) {
		const struct change *change = g_ptr_array_index(group->changes, i);

		if (is_empty(change))
			continue;
		table_add_text(&table, change->figure);
		add_change(&table, change);
	}
	draw(out, &table, options, width);
}

/* Of a thread, only what is beyond the noise, or could be. */
static bool is_thread_row(const struct change *change)
{
	bool shown = false;

	for (size_t i = 0; i < G_N_ELEMENTS(thread_figures); i++)
		shown = shown || strcmp(change->figure, thread_figures[i]) == 0;
	return shown && !is_empty(change) && change->kind != CHANGE_SAME &&
	       change->kind != CHANGE_NOISE;
}

static void draw_threads(GString *out, const struct comparison *comparison,
	const struct diff_options *options, int width)
{
	struct table table;

	table_init(&table, "threads", "Threads",
		comparison->can_tell
			? "Those of one name together; only what changed beyond the noise."
			: "Those of one name together.");
	table_add_column(&table, "thread", "thread", UNIT_NONE);
	table_add_column(&table, "figure", "figure", UNIT_NONE);
	add_change_columns(&table);
	for (guint i = 0; i < comparison->groups->len; i++) {
		const struct change_group *group = g_ptr_array_index(comparison->groups, i);

		for (guint k = 0; group->thread && k < group->changes->len; k++) {
			const struct change *change = g_ptr_array_index(group->changes, k);

			if (!is_thread_row(change) || table_rows(&table) >= THREAD_ROWS_SHOWN)
				continue;
			table_add_text(&table, group->title);
			table_add_text(&table, change->figure);
			add_change(&table, change);
		}
	}
	draw(out, &table, options, width);
}

/* What became of a line: of what others waited behind it, or of its holds. */
static const char *fate_of(const struct site_change *site, const struct comparison *comparison)
{
	if (site->blocked.kind == CHANGE_UNKNOWN)
		return kind_words(CHANGE_UNKNOWN);
	if (site->runs_before == 0 && site->runs_after == comparison->after.runs->len)
		return "appeared";
	if (site->runs_after == 0 && site->runs_before == comparison->before.runs->len)
		return "vanished";
	if (site->blocked.kind == CHANGE_MORE || site->held.kind == CHANGE_MORE)
		return "grew";
	if (site->blocked.kind == CHANGE_LESS || site->held.kind == CHANGE_LESS)
		return "shrank";
	return site->blocked.kind == CHANGE_UNTOLD ? "?" : "noise";
}

static const char *note_on_lines(const struct comparison *comparison)
{
	if (comparison->before.lines_known && comparison->after.lines_known)
		return "blocked: how long others waited behind it, before and after; largest "
		       "changes first.";
	return "blocked: how long others waited behind it, before and after; ?: lines were not "
	       "recorded there, or not all of them.";
}

static void draw_lines(GString *out, const struct comparison *comparison,
	const struct diff_options *options, int width)
{
	struct table table;

	table_init(&table, "lines", "Lines", note_on_lines(comparison));
	table_add_column(&table, "line", "line", UNIT_NONE);
	table_add_column(&table, "blocked_before", "blocked", UNIT_NUMBER);
	table_add_column(&table, "blocked_after", "after", UNIT_NUMBER);
	table_add_column(&table, "held_before", "held", UNIT_NUMBER);
	table_add_column(&table, "held_after", "after", UNIT_NUMBER);
	table_add_column(&table, "change", "change", UNIT_NONE);
	for (guint i = 0; i < comparison->sites->len && table_rows(&table) < LINES_SHOWN; i++) {
		const struct site_change *site = g_ptr_array_index(comparison->sites, i);
		g_autofree char *name = g_path_get_basename(site->file);
		const char *fate = fate_of(site, comparison);

		if (strcmp(fate, "noise") == 0 || ((site->blocked.kind == CHANGE_UNTOLD ||
							   site->blocked.kind == CHANGE_UNKNOWN) &&
							  is_nothing(&site->blocked)))
			continue;
		add_cell(&table, g_strdup_printf("%s:%d %s", name, site->line, site->function));
		add_cell(&table, value_of(&site->blocked, &site->blocked.before));
		add_cell(&table, value_of(&site->blocked, &site->blocked.after));
		add_cell(&table, value_of(&site->held, &site->held.before));
		add_cell(&table, value_of(&site->held, &site->held.after));
		table_add_text(&table, fate);
	}
	draw(out, &table, options, width);
}

static void put_side(GString *out, const char *name, const struct comparison_side *side, int width)
{
	g_autofree char *text = g_strdup_printf("%s: %u run%s%s%s%s%s", name, side->runs->len,
		side->runs->len == 1 ? "" : "s", *side->interpreter ? ", " : "", side->interpreter,
		side->refusal ? "; mind: " : "", side->refusal ? side->refusal : "");
	g_autofree char *clean = utf8_clean(text);

	wrap_text(out, clean, width, "", "  ");
}

static char *summary_of(const struct comparison *comparison)
{
	if (comparison->before.refusal || comparison->after.refusal)
		return g_strdup("Cannot tell: see above");
	if (!comparison->can_tell)
		return g_strdup_printf(
			"Cannot tell a change from noise with %u and %u runs: it takes 5 and 5, 4 "
			"and 6, or 3 and 9",
			comparison->before.runs->len, comparison->after.runs->len);
	if (comparison->verdict == GATE_WORSE)
		return g_strdup("Worse: there is more waiting, beyond the noise");
	if (comparison->verdict == GATE_UNKNOWN)
		return g_strdup("Cannot tell: not all figures are known");
	return g_strdup("No more waiting than before, as far as the noise lets anybody tell");
}

int diff_render_text(
	const struct comparison *comparison, FILE *out, const struct diff_options *options)
{
	int width = MAX(options->width, TEXT_TABLE_WIDTH_LEAST);
	g_autofree char *summary = summary_of(comparison);
	GString *text = g_string_new(NULL);

	put_side(text, "before", &comparison->before, width);
	put_side(text, "after ", &comparison->after, width);
	g_string_append_c(text, '\n');
	for (guint i = 0; i < comparison->groups->len; i++) {
		const struct change_group *group = g_ptr_array_index(comparison->groups, i);

		if (!group->thread)
			draw_gil(text, group, options, width);
	}
	draw_threads(text, comparison, options, width);
	draw_lines(text, comparison, options, width);
	wrap_text(text, summary, width, "", "  ");
	return write_text(text, out);
}

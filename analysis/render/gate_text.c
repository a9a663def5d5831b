/* What a gate found, as text; see gate.h. */
#include <string.h>

#include "base/utf8.h"
#include "render/gate.h"
#include "render/gate_words.h"
#include "render/style.h"
#include "render/text_table.h"
#include "render/wrap.h"
#include "render/write_text.h"

/* Remarks of a table stand four columns in; a longer name than this becomes one. */
enum { REMARK_INDENT = 4, NAME_WIDTH = 30 };

static void add_remark(struct table *table, const char *text, int width)
{
	GString *wrapped = g_string_new(NULL);
	g_autofree char *clean = utf8_clean(text);
	g_auto(GStrv) lines = NULL;

	wrap_text(wrapped, clean, width - REMARK_INDENT, "", "  ");
	lines = g_strsplit(wrapped->str, "\n", -1);
	for (char **line = lines; *line; line++)
		if (**line)
			table_add_remark(table, *line);
	g_string_free(wrapped, TRUE);
}

static void add_cell(struct table *table, char *text)
{
	table_add_text(table, text);
	g_free(text);
}

static void add_row(struct table *table, const struct judgement *judgement,
	const struct outcome *outcome, bool names_apart, int width)
{
	g_autofree char *label = gate_label(outcome);
	bool apart = names_apart && outcome->rule->name;

	table_add_text(table, apart ? outcome->rule->figure.text : label);
	add_cell(table, gate_baseline(outcome));
	add_cell(table, gate_now(outcome));
	if (judgement->runs > 1)
		add_cell(table, gate_range(outcome));
	add_cell(table, gate_limit(outcome));
	table_add_text(table, gate_verdict_words(outcome->verdict));
	if (apart)
		add_remark(table, label, width);
	/* One reason for all is said once. */
	if (outcome->verdict == GATE_UNKNOWN && !judgement->refusal)
		add_remark(table, outcome->reason, width);
	for (guint i = 0; i < outcome->causes->len; i++) {
		g_autofree char *cause = gate_cause(g_ptr_array_index(outcome->causes, i));

		add_remark(table, cause, width);
	}
	if (outcome->verdict == GATE_WORSE && outcome->causes->len == 0) {
		g_autofree char *place = g_strdup_printf(
			"no line explains it; the limit is at %s", outcome->rule->where);

		add_remark(table, place, width);
	}
}

/* Whether some name, such as that of a test, is too long to stand in the table. */
static bool has_long_name(const struct judgement *judgement)
{
	for (guint i = 0; i < judgement->outcomes->len; i++) {
		g_autofree char *label = gate_label(g_ptr_array_index(judgement->outcomes, i));

		if (g_utf8_strlen(label, -1) > NAME_WIDTH)
			return true;
	}
	return false;
}

static void add_columns(struct table *table, const struct judgement *judgement)
{
	static const struct {
		const char *key;
		const char *title;
		enum unit unit;
		bool optional;
	} columns[] = {
		{"figure", "figure", UNIT_NONE, false},
		{"baseline", "baseline", UNIT_NUMBER, false},
		{"now", "now", UNIT_NUMBER, false},
		{"range", "from .. to", UNIT_NUMBER, true},
		{"limit", "limit", UNIT_NUMBER, false},
		{"verdict", "verdict", UNIT_NONE, false},
	};
	g_autofree char *runs = gate_runs(judgement);
	g_autofree char *note = g_strdup_printf(
		"%s%s.", runs, judgement->runs > 1 ? "; of their figures the median counts" : "");

	table_init(table, "gate", "Gate", note);
	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
		if (columns[i].optional && judgement->runs < 2)
			continue;
		if (columns[i].optional)
			table_add_optional_column(
				table, columns[i].key, columns[i].title, columns[i].unit);
		else
			table_add_column(table, columns[i].key, columns[i].title, columns[i].unit);
	}
}

static const char *style_of(enum gate_verdict verdict, bool color)
{
	switch (verdict) {
	case GATE_PASS:
		return STYLE_GREEN(color);
	case GATE_WORSE:
		return STYLE_RED(color);
	default:
		return STYLE_YELLOW(color);
	}
}

int gate_render_text(
	const struct judgement *judgement, FILE *out, const struct gate_options *options)
{
	int width = MAX(options->width, TEXT_TABLE_WIDTH_LEAST);
	g_autofree char *summary = gate_summary(judgement);
	bool names_apart = has_long_name(judgement);
	GString *text = g_string_new(NULL);
	struct table table;

	if (judgement->outcomes->len) {
		add_columns(&table, judgement);
		for (guint i = 0; i < judgement->outcomes->len; i++)
			add_row(&table, judgement, g_ptr_array_index(judgement->outcomes, i),
				names_apart, width);
		text_table_draw(text, &table, width, options->color);
		table_release(&table);
		g_string_append_c(text, '\n');
	}
	g_string_append(text, style_of(judgement->verdict, options->color));
	wrap_text(text, summary, width, "", "  ");
	g_string_truncate(text, text->len - 1);
	g_string_append_printf(text, "%s\n", STYLE_PLAIN(options->color));
	return write_text(text, out);
}

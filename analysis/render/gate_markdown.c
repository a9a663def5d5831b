/* What a gate found, for the summary of a pull request; see gate.h. */
#include <string.h>

#include "base/utf8.h"
#include "render/gate.h"
#include "render/gate_words.h"
#include "render/write_text.h"

/* Text that shows itself in a cell of a table, whatever is in it. */
static void put_text(GString *out, const char *text)
{
	g_autofree char *clean = utf8_clean(text);

	for (const char *at = clean; *at; at++) {
		if (*at == '<')
			g_string_append(out, "&lt;");
		else if (*at == '&')
			g_string_append(out, "&amp;");
		else {
			if (strchr("\\`*_{}[]()#+!|~>@$", *at))
				g_string_append_c(out, '\\');
			g_string_append_c(out, *at);
		}
	}
}

static void put_cell(GString *out, char *text)
{
	g_string_append_c(out, ' ');
	put_text(out, *text ? text : "-");
	g_string_append(out, " |");
	g_free(text);
}

static void put_row(GString *out, const struct outcome *outcome)
{
	static const char *const marks[] = {[GATE_PASS] = ":white_check_mark: ok",
		[GATE_WORSE] = ":x: **worse**",
		[GATE_UNKNOWN] = ":grey_question: unknown"};

	g_string_append_c(out, '|');
	put_cell(out, gate_label(outcome));
	put_cell(out, gate_baseline(outcome));
	put_cell(out, gate_now(outcome));
	put_cell(out, gate_range(outcome));
	put_cell(out, gate_limit(outcome));
	g_string_append_printf(out, " %s |\n", marks[outcome->verdict]);
}

/* What is behind it: the reason, or the lines. */
static void put_details(GString *out, const struct outcome *outcome, const char *root)
{
	g_autofree char *label = gate_label(outcome);
	g_autofree char *sentence = gate_sentence(outcome);

	g_string_append(out, "- **");
	put_text(out, label);
	g_string_append(out, "**: ");
	put_text(out, sentence);
	g_string_append_c(out, '\n');
	for (guint i = 0; i < outcome->causes->len; i++) {
		const struct cause *cause = g_ptr_array_index(outcome->causes, i);
		g_autofree char *file = gate_relative(root, cause->file);
		g_autofree char *place =
			g_strdup_printf("%s:%d %s", file, cause->line, cause->function);

		g_string_append(out, "  - **");
		put_text(out, place);
		g_string_append(out, "**: ");
		put_text(out, cause->words);
		g_string_append_c(out, '\n');
	}
}

int gate_render_markdown(
	const struct judgement *judgement, FILE *out, const struct gate_options *options)
{
	static const char *const heads[] = {[GATE_PASS] = ":white_check_mark:",
		[GATE_WORSE] = ":x:",
		[GATE_UNKNOWN] = ":grey_question:"};
	g_autofree char *summary = gate_summary(judgement);
	g_autofree char *runs = gate_runs(judgement);
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "### %s GIL: ", heads[judgement->verdict]);
	put_text(text, summary);
	g_string_append(text, "\n\n");
	if (judgement->outcomes->len)
		g_string_append(text, "| figure | baseline | now | runs | limit | verdict |\n"
				      "|---|---:|---:|---:|---:|---|\n");
	for (guint i = 0; i < judgement->outcomes->len; i++)
		put_row(text, g_ptr_array_index(judgement->outcomes, i));
	g_string_append_c(text, '\n');
	for (guint i = 0; i < judgement->outcomes->len && !judgement->refusal; i++) {
		const struct outcome *outcome = g_ptr_array_index(judgement->outcomes, i);

		if (outcome->verdict != GATE_PASS)
			put_details(text, outcome, options->root);
	}
	/* Else it would go on with the last of the list. */
	if (!g_str_has_suffix(text->str, "\n\n"))
		g_string_append_c(text, '\n');
	put_text(text, runs);
	g_string_append(text, "\n\n");
	return write_text(text, out);
}

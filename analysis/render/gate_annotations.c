/* What a gate found, as annotations of GitHub and GitLab; see gate.h. */
#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "render/gate.h"
#include "render/gate_words.h"
#include "render/json_build.h"
#include "render/json_layout.h"
#include "render/write_text.h"

/* As workflow commands want it; in properties, more is escaped than in the message. */
static void put_escaped(GString *out, const char *text, bool property)
{
	for (const char *at = text; *at; at++) {
		if (strchr("%\r\n", *at) || (property && strchr(":,", *at)))
			g_string_append_printf(out, "%%%02X", (unsigned)*at);
		else
			g_string_append_c(out, *at);
	}
}

/* The sentence, and a line for each line of Python. */
static char *message_of(const struct outcome *outcome)
{
	g_autofree char *sentence = gate_sentence(outcome);
	GString *message = g_string_new(sentence);

	for (guint i = 0; i < outcome->causes->len; i++) {
		g_autofree char *cause = gate_cause(g_ptr_array_index(outcome->causes, i));

		g_string_append_printf(message, "\n%s", cause);
	}
	return g_string_free(message, FALSE);
}

static void put_annotation(GString *out, const struct outcome *outcome, const char *root)
{
	struct gate_place place = gate_place(outcome, root);
	g_autofree char *message = message_of(outcome), *label = gate_label(outcome);
	g_autofree char *title = g_strconcat("GIL: ", label, NULL);

	g_string_append(out, "::error file=");
	put_escaped(out, place.file, true);
	g_string_append_printf(out, ",line=%d,title=", place.line);
	put_escaped(out, title, true);
	g_string_append(out, "::");
	put_escaped(out, message, false);
	g_string_append_c(out, '\n');
	g_free(place.file);
}

int gate_render_github(
	const struct judgement *judgement, FILE *out, const struct gate_options *options)
{
	GString *text = g_string_new(NULL);

	if (judgement->refusal) {
		g_autofree char *summary = gate_summary(judgement);

		g_string_append(text, "::error title=GIL::");
		put_escaped(text, summary, false);
		g_string_append_c(text, '\n');
	}
	for (guint i = 0; i < judgement->outcomes->len && !judgement->refusal; i++) {
		const struct outcome *outcome = g_ptr_array_index(judgement->outcomes, i);

		if (outcome->verdict != GATE_PASS)
			put_annotation(text, outcome, options->root);
	}
	return write_text(text, out);
}

/* The same for the same finding in every pipeline, so that GitLab can tell what is new. */
static char *fingerprint_of(const struct outcome *outcome, const struct gate_place *place)
{
	g_autofree char *subject = rule_subject(outcome->rule);
	g_autofree char *text = g_strdup_printf("%s\n%s\n%s\n%s", subject,
		outcome->rule->name ? outcome->rule->name : "", limit_key(outcome->kind),
		place->file);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static void append_issue(struct builder *b, json_t *array, const struct outcome *outcome,
	const struct gate_options *options)
{
	struct gate_place place = gate_place(outcome, options->root);
	g_autofree char *fingerprint = fingerprint_of(outcome, &place);
	g_autofree char *sentence = gate_sentence(outcome);
	json_t *json = append_object(b, array), *location = json_object(), *lines = json_object();

	put_string(b, json, "description", sentence);
	put_string(b, json, "check_name", outcome->rule->figure.text);
	put_string(b, json, "fingerprint", fingerprint);
	put_string(b, json, "severity", outcome->verdict == GATE_WORSE ? "major" : "minor");
	put_string(b, location, "path", place.file);
	put(b, lines, "begin", json_integer(place.line));
	put(b, location, "lines", lines);
	put(b, json, "location", location);
	g_free(place.file);
}

int gate_render_gitlab(
	const struct judgement *judgement, FILE *out, const struct gate_options *options)
{
	struct builder b = {false};
	json_t *root = json_array();
	int result;

	for (guint i = 0; i < judgement->outcomes->len; i++) {
		const struct outcome *outcome = g_ptr_array_index(judgement->outcomes, i);

		if (outcome->verdict != GATE_PASS)
			append_issue(&b, root, outcome, options);
	}
	result = b.failed ? -ENOMEM : json_layout_write(root, out);
	json_decref(root);
	return result;
}

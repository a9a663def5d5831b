/* What a gate found, as JUnit's XML; see gate.h. Attributes and their order are those that the
 * schemas of both Jenkins and Ant's JUnit task take. */
#include <time.h>

#include "base/utf8.h"
#include "render/gate.h"
#include "render/gate_words.h"
#include "render/write_text.h"

/* Clean text has no control characters, so that this is all that XML needs. */
static void put_attribute(GString *out, const char *name, const char *value)
{
	g_autofree char *clean = utf8_clean(value);
	g_autofree char *escaped = g_markup_escape_text(clean, -1);

	g_string_append_printf(out, " %s=\"%s\"", name, escaped);
}

static void put_text(GString *out, const char *text)
{
	g_autofree char *clean = utf8_clean(text);
	g_autofree char *escaped = g_markup_escape_text(clean, -1);

	g_string_append_printf(out, "%s\n", escaped);
}

/* <failure> or <error>, with the lines that explain it. */
static void put_trouble(GString *out, const struct outcome *outcome)
{
	bool worse = outcome->verdict == GATE_WORSE;
	const char *tag = worse ? "failure" : "error";
	g_autofree char *sentence = gate_sentence(outcome);

	g_string_append_printf(out, "      <%s", tag);
	put_attribute(out, "message", sentence);
	put_attribute(out, "type", worse ? "giltrace.worse" : "giltrace.unknown");
	g_string_append(out, ">");
	put_text(out, sentence);
	for (guint i = 0; i < outcome->causes->len; i++) {
		const struct cause *cause = g_ptr_array_index(outcome->causes, i);
		g_autofree char *line = g_strdup_printf(
			"%s:%d: %s: %s", cause->file, cause->line, cause->function, cause->words);

		put_text(out, line);
	}
	g_string_append_printf(out, "</%s>\n", tag);
}

static void put_case(GString *out, const struct outcome *outcome)
{
	g_autofree char *label = gate_label(outcome);
	g_autofree char *name = g_strdup_printf("%s (%s)", label, limit_key(outcome->kind));

	g_string_append(out, "    <testcase");
	put_attribute(out, "name", name);
	put_attribute(out, "classname", "giltrace.check");
	put_attribute(out, "time", "0");
	if (outcome->verdict == GATE_PASS) {
		g_string_append(out, "/>\n");
		return;
	}
	g_string_append(out, ">\n");
	put_trouble(out, outcome);
	g_string_append(out, "    </testcase>\n");
}

static void put_now(GString *out)
{
	time_t now = time(NULL);
	char text[32];
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	put_attribute(out, "timestamp", text);
}

int gate_render_junit(
	const struct judgement *judgement, FILE *out, const struct gate_options *options)
{
	g_autofree char *summary = gate_summary(judgement);
	GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");

	(void)options;
	g_string_append(xml, "  <testsuite name=\"giltrace check\" id=\"0\" package=\"giltrace\"");
	g_string_append_printf(xml,
		" tests=\"%u\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"0\"",
		judgement->outcomes->len, gate_count(judgement, GATE_WORSE),
		gate_count(judgement, GATE_UNKNOWN));
	put_now(xml);
	g_string_append(xml, " hostname=\"localhost\">\n    <properties/>\n");
	for (guint i = 0; i < judgement->outcomes->len; i++)
		put_case(xml, g_ptr_array_index(judgement->outcomes, i));
	g_string_append(xml, "    <system-out>");
	put_text(xml, summary);
	g_string_append(xml, "</system-out>\n    <system-err/>\n  </testsuite>\n</testsuites>\n");
	return write_text(xml, out);
}

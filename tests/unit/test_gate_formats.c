/* The findings of a gate in every format, with names that would break each of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "render/gate.h"
#include "render/gate_words.h"

#define HOSTILE "a|b <c> & \"d\" `e`\n*f*, g: 50% \033[31m \xff ]]> \\"

static char hostile[] = HOSTILE;
static char where[] = "giltrace.toml:12";
static char contention[] = "contention";
static char reason[] = "it is " HOSTILE;
static char file[] = "/src/x, y:z\n.py";
static char words[] = "others waited";

struct made {
	struct rule rule;
	struct cause cause;
	double values[3];
	struct outcome outcomes[3];
	struct judgement judgement;
};

/* One outcome of each sort; nothing of it is allocated but the arrays. */
static void make(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->rule.figure.text = contention;
	made->rule.figure.top = contention;
	made->rule.figure.unit = UNIT_SHARE;
	made->rule.name = hostile;
	made->rule.where = where;
	made->rule.limits[LIMIT_MAX] = (struct limit){true, 0.2, 0};
	made->cause = (struct cause){file, 7, hostile, words};
	made->values[0] = 0.1;
	made->values[1] = 0.5;
	made->values[2] = 0.6;
	made->judgement.outcomes = g_ptr_array_new();
	made->judgement.interpreter = hostile;
	made->judgement.runs = 3;
	made->judgement.verdict = GATE_WORSE;
	for (size_t i = 0; i < G_N_ELEMENTS(made->outcomes); i++) {
		struct outcome *outcome = &made->outcomes[i];

		outcome->rule = &made->rule;
		outcome->verdict = (enum gate_verdict)i;
		outcome->causes = g_ptr_array_new();
		outcome->has_limit = true;
		outcome->limit = 0.2;
		if (outcome->verdict == GATE_UNKNOWN)
			outcome->reason = reason;
		else
			outcome->series = (struct series){made->values, 3};
		g_ptr_array_add(made->judgement.outcomes, outcome);
	}
	g_ptr_array_add(made->outcomes[GATE_WORSE].causes, &made->cause);
}

static void unmake(struct made *made)
{
	for (size_t i = 0; i < G_N_ELEMENTS(made->outcomes); i++)
		g_ptr_array_unref(made->outcomes[i].causes);
	g_ptr_array_unref(made->judgement.outcomes);
}

/* The caller frees it with free(). */
static char *rendered(gate_renderer *render)
{
	const struct gate_options options = {80, false, "/src"};
	struct made made;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	make(&made);
	assert_int_equal(render(&made.judgement, out, &options), 0);
	fclose(out);
	unmake(&made);
	assert_true(g_utf8_validate(text, -1, NULL));
	assert_null(strchr(text, '\033'));
	return text;
}

static void test_json(void **state)
{
	char *text = rendered(gate_render_json);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *outcomes, *cause;

	(void)state;
	assert_non_null(root);
	outcomes = json_object_get(root, "outcomes");
	assert_int_equal(json_array_size(outcomes), 3);
	assert_true(json_is_null(json_object_get(json_array_get(outcomes, 2), "now")));
	cause = json_array_get(json_object_get(json_array_get(outcomes, 1), "causes"), 0);
	assert_int_equal(json_integer_value(json_object_get(cause, "line")), 7);
	json_decref(root);
	free(text);
}

static void count_element(GMarkupParseContext *context, const char *name, const char **keys,
	const char **values, void *user, GError **error)
{
	GHashTable *counts = user;

	(void)context;
	(void)keys;
	(void)values;
	(void)error;
	g_hash_table_insert(counts, g_strdup(name),
		GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(counts, name)) + 1));
}

static int counted(GHashTable *counts, const char *name)
{
	return GPOINTER_TO_INT(g_hash_table_lookup(counts, name));
}

static void test_junit(void **state)
{
	const GMarkupParser parser = {.start_element = count_element};
	GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char *text = rendered(gate_render_junit);
	GMarkupParseContext *context =
		g_markup_parse_context_new(&parser, (GMarkupParseFlags)0, counts, NULL);

	(void)state;
	assert_true(g_markup_parse_context_parse(context, text, -1, NULL));
	assert_true(g_markup_parse_context_end_parse(context, NULL));
	assert_int_equal(counted(counts, "testcase"), 3);
	assert_int_equal(counted(counts, "failure"), 1);
	assert_int_equal(counted(counts, "error"), 1);
	g_markup_parse_context_free(context);
	g_hash_table_destroy(counts);
	free(text);
}

static void test_github(void **state)
{
	char *text = rendered(gate_render_github);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	(void)state;
	/* One for what is worse, one for what nobody can tell. */
	assert_int_equal(g_strv_length(lines), 3);
	assert_true(g_str_has_prefix(lines[0], "::error file=x%2C y%3Az"));
	assert_non_null(strstr(lines[0], ",line=7,title=GIL%3A a|b"));
	assert_non_null(strstr(lines[0], "%2C g%3A 50%25"));
	assert_true(g_str_has_prefix(lines[1], "::error file=giltrace.toml,line=12,title="));
	assert_string_equal(lines[2], "");
	free(text);
}

static void test_gitlab(void **state)
{
	char *text = rendered(gate_render_gitlab);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *first, *second;

	(void)state;
	assert_int_equal(json_array_size(root), 2);
	first = json_array_get(root, 0);
	second = json_array_get(root, 1);
	assert_string_not_equal(json_string_value(json_object_get(first, "fingerprint")),
		json_string_value(json_object_get(second, "fingerprint")));
	assert_string_equal(json_string_value(json_object_get(first, "severity")), "major");
	json_decref(root);
	free(text);
}

/* A row of the table stays one, with as many cells as the others. */
static void test_markdown(void **state)
{
	char *text = rendered(gate_render_markdown);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	int rows = 0;

	(void)state;
	for (char **line = lines; *line; line++) {
		int bars = 0;

		if (**line != '|')
			continue;
		rows++;
		for (const char *at = *line; *at; at++)
			bars += *at == '|' && (at == *line || at[-1] != '\\');
		assert_int_equal(bars, 7);
		assert_null(strchr(*line, '<'));
	}
	assert_int_equal(rows, 5);
	free(text);
}

static void test_text(void **state)
{
	char *text = rendered(gate_render_text);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	(void)state;
	for (char **line = lines; *line; line++)
		assert_true(utf8_width(*line) <= 80);
	assert_non_null(strstr(text, "Worse: 1 of 3 limits not kept, and of 1 nobody can tell"));
	free(text);
}

static void test_write_errors(void **state)
{
	gate_renderer *const renderers[] = {gate_render_text, gate_render_json, gate_render_junit,
		gate_render_markdown, gate_render_github, gate_render_gitlab};
	const struct gate_options options = {80, false, NULL};
	struct made made;

	(void)state;
	make(&made);
	for (size_t i = 0; i < G_N_ELEMENTS(renderers); i++) {
		FILE *full = fopen("/dev/full", "w");

		assert_non_null(full);
		assert_int_equal(renderers[i](&made.judgement, full, &options), -ENOSPC);
		fclose(full);
	}
	unmake(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_junit),
		cmocka_unit_test(test_github),
		cmocka_unit_test(test_gitlab),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_write_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The report as text and as JSON. Text is compared with files in golden/
 * (GILTRACE_GOLDEN=update writes them anew: look at the difference before
 * committing it); both are checked for what must hold whatever the words are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <jansson.h>

#include "base/utf8.h"
#include "render/json.h"
#include "render/text.h"
#include "render/wrap.h"
#include "report_fixture.h"

static struct fixture f;

static const struct {
	const char *name;
	void (*make)(struct fixture *);
} situations[] = {
	{"two_cpu_threads", fixture_two_cpu_threads},
	{"four_cpu_threads", fixture_four_cpu_threads},
	{"convoy", fixture_convoy},
	{"long_holds", fixture_long_holds},
	{"contention", fixture_contention},
	{"single", fixture_single},
	{"two_processes", fixture_two_processes},
	{"fifty_processes", fixture_fifty_processes},
	{"many_threads", fixture_many_threads},
	{"unknown", fixture_unknown},
	{"hostile_names", fixture_hostile_names},
	{"region", fixture_region},
};

/* The caller frees it with free(). */
static char *text_of(int width, bool color)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(render_text(&f.report, out, &(struct text_options){width, color}), 0);
	fclose(out);
	return text;
}

static void test_golden(void **state)
{
	const char *mode = getenv("GILTRACE_GOLDEN");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(situations); i++) {
		char *path = g_strdup_printf("%s/%s.txt", GOLDEN_DIR, situations[i].name);
		char *text, *golden = NULL;

		situations[i].make(&f);
		text = text_of(80, false);
		if (mode && strcmp(mode, "update") == 0)
			assert_true(g_file_set_contents(path, text, -1, NULL));
		assert_true(g_file_get_contents(path, &golden, NULL, NULL));
		assert_string_equal(text, golden);
		g_free(golden);
		free(text);
		g_free(path);
	}
}

static void expect_lines_within(const char *text, size_t width)
{
	char **lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		size_t length = strlen(*line);

		if (utf8_width(*line) > width)
			fail_msg("%zu columns, not %zu: '%s'", utf8_width(*line), width, *line);
		assert_false(length > 0 && (*line)[length - 1] == ' ');
	}
	g_strfreev(lines);
}

static void test_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(situations); i++) {
		situations[i].make(&f);
		for (int width = 80; width < 200; width += width < 90 ? 1 : 17) {
			char *text = text_of(width, false);

			expect_lines_within(text, (size_t)width);
			free(text);
		}
	}
}

/* Only our own escapes, and those only in colour. */
static void test_no_foreign_escapes(void **state)
{
	char *text;

	(void)state;
	fixture_hostile_names(&f);
	text = text_of(80, false);
	assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *at = text; *at; at++)
		assert_true(*at == '\n' || (unsigned char)*at >= ' ');
	free(text);
	text = text_of(80, true);
	for (const char *at = strchr(text, '\033'); at; at = strchr(at + 1, '\033'))
		assert_true(at[1] == '[' && (strchr("012", at[2])));
	assert_null(strstr(text, "\033[31m"));
	free(text);
}

static void test_unknown_is_not_zero(void **state)
{
	char *text;

	(void)state;
	fixture_unknown(&f);
	text = text_of(80, false);
	assert_true(strstr(text, "Mind first") < strstr(text, "Verdict"));
	assert_non_null(strstr(text, "Cannot tell: too many events were lost."));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "18446744073"));
	free(text);
}

static void test_nothing_recorded(void **state)
{
	char *text;

	(void)state;
	fixture_init(&f);
	text = text_of(0, false);
	assert_non_null(strstr(text, "No Python process is in the trace"));
	assert_null(strstr(text, "Verdict"));
	free(text);
}

static void test_write_errors(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	FILE *closed = fopen("/dev/null", "r");

	(void)state;
	assert_non_null(full);
	fixture_fifty_processes(&f);
	assert_int_equal(render_text(&f.report, full, &(struct text_options){80, false}), -ENOSPC);
	assert_int_equal(render_text(&f.report, closed, &(struct text_options){80, false}), -EBADF);
	fclose(full);
	full = fopen("/dev/full", "w");
	assert_int_equal(render_json(&f.report, full), -ENOSPC);
	assert_int_equal(render_json(&f.report, closed), -EBADF);
	fclose(full);
	fclose(closed);
}

/* The caller frees `text` with free(). */
static json_t *json_of(char **text)
{
	size_t size;
	FILE *out = open_memstream(text, &size);
	json_error_t error;
	json_t *json;

	assert_int_equal(render_json(&f.report, out), 0);
	fclose(out);
	json = json_loads(*text, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%s at line %d of %s", error.text, error.line, *text);
	return json;
}

static void test_json_schema(void **state)
{
	char *text;
	json_t *root, *gil, *blame;
	int pid, threads, wait_ns;
	const char *schema, *kind;

	(void)state;
	fixture_convoy(&f);
	root = json_of(&text);
	assert_int_equal(json_unpack(root, "{s:s, s:{s:i}, s:[{s:i, s:n, s:[o]}]}", "schema",
				 &schema, "trace", "lost_events", &threads, "processes", "pid",
				 &pid, "verdict", "gils", &gil),
		-1); /* no verdict of a process that has a GIL */
	assert_int_equal(json_unpack(root, "{s:s, s:[{s:i, s:[o]}]}", "schema", &schema,
				 "processes", "pid", &pid, "gils", &gil),
		0);
	assert_string_equal(schema, "giltrace-report/1");
	assert_int_equal(pid, 4711);
	assert_int_equal(json_array_size(json_object_get(gil, "threads")), 3);
	assert_int_equal(json_unpack(gil, "{s:{s:s, s:{s:i}}}", "verdict", "kind", &kind, "figures",
				 "victim", &threads),
		0);
	assert_string_equal(kind, "convoy");
	assert_int_equal(threads, 4712);
	blame = json_object_get(gil, "blame");
	assert_int_equal(json_array_size(blame), 4);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(blame, 0), "holder")), 4711);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(blame, 1), "holder")), "handoff");
	assert_int_equal(json_unpack(gil, "{s:{s:i}}", "wait", "count", &wait_ns), 0);
	assert_int_equal(json_array_size(json_object_get(gil, "sites")), 4);
	json_decref(root);
	free(text);
}

/* Two renderings are the same to the byte, and flat objects stand on one line. */
static void test_json_layout(void **state)
{
	char *first, *second;

	(void)state;
	fixture_two_cpu_threads(&f);
	json_decref(json_of(&first));
	json_decref(json_of(&second));
	assert_string_equal(first, second);
	assert_non_null(strstr(first, "\n          \"hold\": {\"count\": "));
	assert_int_equal(first[strlen(first) - 1], '\n');
	free(second);
	free(first);
}

static void test_json_unknown_is_null(void **state)
{
	char *text;
	json_t *root, *processes, *gil;

	(void)state;
	fixture_unknown(&f);
	root = json_of(&text);
	processes = json_object_get(root, "processes");
	assert_int_equal(json_array_size(json_object_get(root, "doubts")), 5);
	assert_string_equal(json_string_value(json_object_get(json_array_get(processes, 0), "gil")),
		"disabled");
	assert_non_null(json_object_get(json_array_get(processes, 1), "verdict"));
	gil = json_array_get(json_object_get(json_array_get(processes, 2), "gils"), 0);
	assert_true(json_is_null(json_object_get(gil, "held_ns")));
	assert_true(json_is_null(json_object_get(gil, "utilization")));
	assert_true(json_is_null(json_object_get(json_object_get(gil, "drop_latency"), "max_ns")));
	json_decref(root);
	free(text);
}

static void test_json_hostile_names(void **state)
{
	char *text;
	json_t *root;

	(void)state;
	fixture_hostile_names(&f);
	root = json_of(&text);
	assert_true(g_utf8_validate(text, -1, NULL));
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "\"name\": \"broken \xef\xbf\xbd\xef\xbf\xbd bytes\""));
	assert_non_null(strstr(text, "\"name\": \"\\u001B[31mred\\u001B[0m\\u0007\""));
	json_decref(root);
	free(text);
}

static void expect_wrapped(const char *text, int width, const char *expected)
{
	GString *out = g_string_new(NULL);

	wrap_text(out, text, width, "- ", "  ");
	assert_string_equal(out->str, expected);
	g_string_free(out, TRUE);
}

static void test_wrap(void **state)
{
	(void)state;
	expect_wrapped("one two three", 9, "- one two\n  three\n");
	expect_wrapped("it took 5.05 ms, or 3 %.", 13, "- it took\n  5.05 ms, or\n  3 %.\n");
	expect_wrapped("abcdefghijklmnop x", 8, "- abcdef\n  ghijkl\n  mnop x\n");
	expect_wrapped("工作线程", 7, "- 工作\n  线程\n");
	expect_wrapped("", 8, "- \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_no_foreign_escapes),
		cmocka_unit_test(test_unknown_is_not_zero),
		cmocka_unit_test(test_nothing_recorded),
		cmocka_unit_test(test_write_errors),
		cmocka_unit_test(test_json_schema),
		cmocka_unit_test(test_json_layout),
		cmocka_unit_test(test_json_unknown_is_null),
		cmocka_unit_test(test_json_hostile_names),
		cmocka_unit_test(test_wrap),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

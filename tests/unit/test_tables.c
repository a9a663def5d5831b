/* Tables as data, the figures in them, labels, doubts, and figures and text as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include <glib.h>

#include "base/humane.h"
#include "base/utf8.h"
#include "report_fixture.h"
#include "tables/doubts.h"
#include "tables/gil_tables.h"
#include "tables/labels.h"
#include "tables/overview.h"
#include "tables/stack_groups.h"

static struct fixture f;

static void test_durations(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0, "0"},
		{999, "999 ns"},
		{1000, "1.00 us"},
		{5050000, "5.05 ms"},
		{999499, "999 us"},
		{999500, "1.00 ms"},
		{9994999, "9.99 ms"},
		{9995000, "10.0 ms"},
		{12345678, "12.3 ms"},
		{99950001, "100 ms"},
		{999500000, "1.00 s"},
		{12300000000, "12.3 s"},
		{999 * S, "999 s"},
		{1000 * S, "16.7 min"},
		{36000 * S, "10.0 h"},
		{UINT64_MAX, "?"},
		{UINT64_MAX - 1, "5124096 h"},
	};
	char text[HUMANE_SIZE];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_string_equal(humane_duration(text, cases[i].ns), cases[i].text);
}

static void test_counts_and_shares(void **state)
{
	char text[HUMANE_SIZE];

	(void)state;
	assert_string_equal(humane_count(text, 0), "0");
	assert_string_equal(humane_count(text, 9999), "9999");
	assert_string_equal(humane_count(text, 10000), "10.0 k");
	assert_string_equal(humane_count(text, 999499), "999 k");
	assert_string_equal(humane_count(text, 999500), "1.00 M");
	assert_string_equal(humane_count(text, UINT64_MAX), "?");
	assert_string_equal(humane_share(text, 0), "0 %");
	assert_string_equal(humane_share(text, 0.00001), "<0.01 %");
	assert_string_equal(humane_share(text, 0.981), "98.1 %");
	assert_string_equal(humane_share(text, 1), "100 %");
	assert_string_equal(humane_share(text, NAN), "?");
	assert_string_equal(humane_number(text, 3.914), "3.91");
	assert_string_equal(humane_number(text, 1e6), "1.00e+06");
}

static void expect_clean(const char *bytes, const char *expected)
{
	char *clean = utf8_clean(bytes);

	assert_string_equal(clean, expected);
	g_free(clean);
}

static void expect_fit(const char *text, size_t columns, const char *expected)
{
	char *fitted = utf8_fit(text, columns);

	assert_string_equal(fitted, expected);
	assert_true(utf8_width(fitted) <= columns);
	g_free(fitted);
}

/* Of a path its end is shown. */
static void test_fit_path(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *expected;
	} cases[] = {
		{"lib/python3/a.py:12 f", 21, "lib/python3/a.py:12 f"},
		{"lib/python3/a.py:12 f", 20, "..python3/a.py:12 f"},
		{"lib/python3/a.py:12 f", 18, "..a.py:12 f"},
		{"lib/python3/a.py:12 f", 9, "..a.py:.."},
		{"python3 tests/programs/count.py --out /a/b/c", 24, "python3 ..count.py --o.."},
		{"python3 tests/programs/count.py", 24, "python3 ..count.py"},
		{"no folders at all", 10, "no folde.."},
		{"a/", 1, "."},
		{"", 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *fitted = utf8_fit_path(cases[i].text, cases[i].columns);

		assert_string_equal(fitted, cases[i].expected);
		assert_true(utf8_width(fitted) <= cases[i].columns);
		g_free(fitted);
	}
}

static void test_utf8(void **state)
{
	(void)state;
	expect_clean(NULL, "");
	expect_clean("caf\xc3\xa9", "caf\xc3\xa9");
	expect_clean("a\033[31m\n\x7f", "a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd");
	expect_clean("\xff", "\xef\xbf\xbd");
	expect_clean("\xc2\x9b"
		     "31m",
		"\xef\xbf\xbd"
		"31m"); /* CSI in one character */
	expect_clean("\xe2\x80\xae", "\xef\xbf\xbd");
	assert_int_equal(utf8_width("工作"), 4);
	assert_int_equal(utf8_width("e\xcc\x81"), 1);
	expect_fit("countdown", 9, "countdown");
	expect_fit("countdown", 8, "countd..");
	expect_fit("工作线程", 7, "工作..");
	expect_fit("countdown", 3, "cou");
	expect_fit("countdown", 0, "");
}

static void test_table_is_data(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, "key", "Title", "note\n");
	table_add_column(&table, "name", "name", UNIT_NONE);
	table_add_optional_column(&table, "wait_ns", "waited", UNIT_NS);
	assert_int_equal(table_rows(&table), 0);
	table_add_text(&table, "a\tb");
	table_add_duration(&table, FIGURE_UNKNOWN);
	table_add_empty(&table);
	table_add_share(&table, NAN);
	assert_int_equal(table_rows(&table), 2);
	assert_int_equal(table.columns[0].align, ALIGN_LEFT);
	assert_int_equal(table.columns[1].align, ALIGN_RIGHT);
	assert_true(table.columns[1].optional);
	assert_string_equal(table_cell(&table, 0, 0)->text, "a\xef\xbf\xbd"
							    "b");
	assert_int_equal(table_cell(&table, 0, 1)->kind, CELL_UNKNOWN);
	assert_int_equal(table_cell(&table, 1, 0)->kind, CELL_EMPTY);
	assert_int_equal(table_cell(&table, 1, 1)->kind, CELL_UNKNOWN);
	table_release(&table);
}

static size_t find_column(const struct table *table, const char *key)
{
	for (size_t c = 0; c < table->column_count; c++)
		if (strcmp(table->columns[c].key, key) == 0)
			return c;
	fail_msg("no column '%s'", key);
	return 0;
}

/* What is summed in the last row is not lost. */
static void test_threads_beyond_the_list_are_summed(void **state)
{
	struct table table;
	uint64_t held = 0, listed;
	size_t column;

	(void)state;
	fixture_many_threads(&f);
	threads_table(&table, &f.gils[0]);
	assert_int_equal(table_rows(&table), THREADS_LISTED + 1);
	assert_string_equal(table_cell(&table, THREADS_LISTED, 0)->text, "49 more");
	column = find_column(&table, "held_ns");
	for (size_t r = 0; r < table_rows(&table); r++)
		held += table_cell(&table, r, column)->count;
	assert_int_equal(held, f.gils[0].held_ns);
	listed = table_cell(&table, THREADS_LISTED, find_column(&table, "acquisitions"))->count;
	assert_int_equal(listed, 49 * 40000);
	table_release(&table);

	f.gils[0].thread_count = THREADS_LISTED + 1;
	threads_table(&table, &f.gils[0]);
	assert_int_equal(table_rows(&table), THREADS_LISTED + 1);
	assert_string_equal(table_cell(&table, THREADS_LISTED, 0)->text, f.threads[15].name);
	table_release(&table);
}

static void test_blame_matrix(void **state)
{
	struct table table;

	(void)state;
	fixture_convoy(&f);
	blame_table(&table, &f.gils[0]);
	assert_string_equal(table.key, "blame_matrix");
	assert_int_equal(table.column_count, 4); /* waiting; cpu, io, free */
	assert_int_equal(table_rows(&table), 2); /* MainThread never waits */
	assert_int_equal(table_cell(&table, 0, 1)->kind, CELL_EMPTY);
	assert_int_equal(table_cell(&table, 1, 1)->count, 9370 * MS);
	assert_int_equal(table_cell(&table, 1, find_column(&table, "handoff"))->count, 30 * MS);
	table_release(&table);

	f.blame[1].holder = BLAME_UNKNOWN;
	blame_table(&table, &f.gils[0]);
	assert_int_equal(table_cell(&table, 1, find_column(&table, "unknown"))->count, 30 * MS);
	table_release(&table);

	fixture_single(&f);
	blame_table(&table, &f.gils[0]);
	assert_int_equal(table_rows(&table), 0);
	table_release(&table);
}

static void test_blame_list(void **state)
{
	struct table table;
	uint64_t wait = 0, expected = 0;
	size_t column;

	(void)state;
	fixture_many_threads(&f);
	blame_table(&table, &f.gils[0]);
	assert_string_equal(table.key, "blame");
	assert_int_equal(table_rows(&table), BLAME_LISTED + 1);
	column = find_column(&table, "wait_ns");
	for (size_t r = 0; r < table_rows(&table); r++)
		wait += table_cell(&table, r, column)->count;
	for (size_t i = 0; i < f.blame_count; i++)
		expected += f.blame[i].wait_ns;
	assert_int_equal(wait, expected);
	table_release(&table);
}

static void test_overview(void **state)
{
	struct overview overview;
	struct table table;

	(void)state;
	fixture_fifty_processes(&f);
	overview_init(&overview, &f.report);
	assert_int_equal(overview.count, 50);
	assert_int_equal(overview.items[0].process->pid, 4711);
	assert_true(overview_contended(&overview.items[0]));
	assert_false(overview_contended(&overview.items[1]));
	for (size_t i = 1; i < overview.count; i++)
		assert_true(overview.items[i - 1].gil->wait_ns >= overview.items[i].gil->wait_ns);
	overview_table(&table, &overview);
	assert_int_equal(table_rows(&table), OVERVIEW_ROWS + 1);
	assert_string_equal(table_cell(&table, OVERVIEW_ROWS, 0)->text, "20 more");
	table_release(&table);
	overview_release(&overview);

	/* A process without a GIL is listed, and nothing in its row is 0. */
	fixture_unknown(&f);
	overview_init(&overview, &f.report);
	assert_int_equal(overview.items[0].process->pid, 102);
	overview_table(&table, &overview);
	assert_int_equal(table_rows(&table), 3);
	assert_int_equal(table_cell(&table, 1, find_column(&table, "wait_ns"))->kind, CELL_EMPTY);
	assert_int_equal(table_cell(&table, 2, find_column(&table, "wait_ns"))->kind, CELL_UNKNOWN);
	assert_int_equal(
		table_cell(&table, 0, find_column(&table, "utilization"))->kind, CELL_UNKNOWN);
	table_release(&table);
	overview_release(&overview);
}

static void expect_label(char *label, const char *expected)
{
	assert_string_equal(label, expected);
	g_free(label);
}

static void test_labels(void **state)
{
	(void)state;
	fixture_two_cpu_threads(&f);
	expect_label(label_thread(&f.gils[0], 0), "Thread-1 (countdown)");
	f.threads[1].name = f.threads[0].name;
	expect_label(label_thread(&f.gils[0], 1), "tid 4712");
	f.threads[2].name = (char *)"";
	expect_label(label_thread(&f.gils[0], 2), "tid 4713");
	expect_label(label_process(&f.processes[0]), "python3 countdown.py threads");
	f.processes[0].command = (char *)"";
	expect_label(label_process(&f.processes[0]), "python3.11");
	expect_label(label_interpreter(&f.processes[0]), "CPython 3.11.2");
	f.processes[0].implementation = f.processes[0].version = (char *)"";
	expect_label(label_interpreter(&f.processes[0]), "");
}

static void test_doubts(void **state)
{
	static const char *const expected[] = {
		"lost_events", "gil_not_found", "gil_disabled", "unfinished", "unattributed_wait"};
	struct doubts doubts;

	(void)state;
	fixture_unknown(&f);
	doubts_init(&doubts, &f.report);
	assert_int_equal(doubts.count, G_N_ELEMENTS(expected));
	for (size_t i = 0; i < doubts.count; i++)
		assert_string_equal(doubts.items[i].key, expected[i]);
	assert_non_null(
		strstr(doubts.items[0].sentence, "45.7 k events were lost (27.0 % of all)"));
	assert_non_null(strstr(doubts.items[1].sentence, "'pypy3 x.py' (pid 101)."));
	assert_non_null(strstr(doubts.items[4].sentence, "For 1.23 ms of waiting"));
	doubts_release(&doubts);

	fixture_single(&f);
	doubts_init(&doubts, &f.report);
	assert_int_equal(doubts.count, 0);
	doubts_release(&doubts);
	f.report.complete = false;
	doubts_init(&doubts, &f.report);
	assert_string_equal(doubts.items[0].key, "incomplete");
	doubts_release(&doubts);

	fixture_init(&f);
	doubts_init(&doubts, &f.report);
	assert_string_equal(doubts.items[0].key, "no_process");
	doubts_release(&doubts);
}

static void test_one_drop_request(void **state)
{
	struct table table;

	(void)state;
	fixture_single(&f);
	f.gils[0].drop_requests = f.gils[0].forced_releases = 1;
	times_table(&table, &f.gils[0]);
	assert_non_null(strstr(table.note, "; 1 drop request, 1 release answered one"));
	table_release(&table);
}

/* One of a thing is no plural, and what is missing by a loss is no other loss. */
static void test_doubts_about_one_loss(void **state)
{
	struct doubts doubts;

	(void)state;
	fixture_single(&f);
	f.report.lost_events = 1;
	f.report.doubts[DOUBT_LOST_EVENTS] = (struct doubt){1, true};
	f.report.doubts[DOUBT_SEQUENCE_GAP] = (struct doubt){7, true};
	doubts_init(&doubts, &f.report);
	assert_int_equal(doubts.count, 2);
	assert_non_null(strstr(doubts.items[0].sentence, "1 event was lost ("));
	assert_string_equal(doubts.items[1].key, "sequence_gap");
	assert_non_null(strstr(doubts.items[1].sentence, "missing from the trace by that"));
	assert_null(strstr(doubts.items[1].sentence, "no loss was reported"));
	doubts_release(&doubts);
	f.report.lost_events = 0;
	f.report.doubts[DOUBT_LOST_EVENTS].present = false;
	doubts_init(&doubts, &f.report);
	assert_int_equal(doubts.count, 1);
	assert_non_null(strstr(doubts.items[0].sentence, "though no loss was reported: 7."));
	doubts_release(&doubts);
}

static void test_kept_back(void **state)
{
	struct doubts doubts;

	(void)state;
	fixture_single(&f);
	f.processes[0].cut_short = true;
	doubts_init(&doubts, &f.report);
	assert_int_equal(doubts.count, 1);
	assert_string_equal(doubts.items[0].key, "kept_back");
	assert_int_equal(doubts.items[0].count, 1);
	assert_non_null(strstr(doubts.items[0].sentence, "up to 250 of each GIL"));
	doubts_release(&doubts);
}

/* Every doubt that the model can raise has words. */
static void test_every_doubt_speaks(void **state)
{
	struct doubts doubts;

	(void)state;
	for (int kind = 0; kind < DOUBT_KINDS; kind++) {
		fixture_single(&f);
		f.processes[0].exited = kind != DOUBT_UNFINISHED;
		f.report.doubts[kind] = (struct doubt){7, true};
		doubts_init(&doubts, &f.report);
		assert_int_equal(doubts.count, 1);
		assert_true(strlen(doubts.items[0].sentence) > 40);
		doubts_release(&doubts);
	}
}

/* Ten processes without a GIL are one doubt, and five of them are named. */
static void test_doubt_about_many_processes(void **state)
{
	struct doubts doubts;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < 10; i++)
		fixture_process(&f, "x", 100 + i);
	doubts_init(&doubts, &f.report);
	assert_int_equal(doubts.count, 1);
	assert_int_equal(doubts.items[0].count, 10);
	assert_non_null(strstr(doubts.items[0].sentence, "'x' (pid 104) and 5 more."));
	doubts_release(&doubts);
}

/* What Python calls is shown of a stack, not what has called Python. */
static void test_foreign_frames(void **state)
{
	enum { PROGRAM, LIBC, FOO, LIBRARIES };
	struct module_report modules[LIBRARIES] = {[PROGRAM] = {.path = (char *)"/bin/python3"},
		[LIBC] = {.path = (char *)"/lib/libc.so.6"},
		[FOO] = {.path = (char *)"/lib/libfoo.so"}};
	struct native_frame called[] = {{.module = PROGRAM}, {.module = FOO}, {.module = LIBC},
		{.module = PROGRAM}, {.module = LIBC}, {.module = PROGRAM}};
	const struct process_report process = {.executable = (char *)"/bin/python3",
		.modules = modules,
		.module_count = LIBRARIES};
	struct stack_report stack = {.native = called, .native_count = 6};

	(void)state;
	assert_int_equal(stack_foreign_frame(&process, &stack), 1);
	stack.native = called + 3; /* main, returning to the C library and to _start */
	stack.native_count = 3;
	assert_int_equal(stack_foreign_frame(&process, &stack), -1);
	stack.native_count = 1;
	assert_int_equal(stack_foreign_frame(&process, &stack), -1);
	stack.native_count = 0;
	assert_int_equal(stack_foreign_frame(&process, &stack), -1);
}

static void test_labels_of_native_frames(void **state)
{
	struct module_report module = {.path = (char *)"/lib/libfoo.so"};
	const struct process_report process = {.modules = &module, .module_count = 1};
	static const struct {
		struct native_frame frame;
		const char *label;
	} cases[] = {
		{{.module = -1, .offset = 0x12ab}, "0x12ab"},
		{{.module = 0, .offset = 0x12ab}, "libfoo.so+0x12ab"},
		{{.module = 0, .function = (char *)"foo_decode"}, "libfoo.so:foo_decode"},
		{{.module = 0,
			 .function = (char *)"foo_decode",
			 .file = (char *)"/src/foo.c",
			 .line = 12},
			"libfoo.so:foo_decode (foo.c:12)"},
		{{.module = 0, .offset = 1, .file = (char *)"foo.c", .line = 12}, "libfoo.so+0x1"},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *label = label_native_frame(&process, &cases[i].frame);

		assert_string_equal(label, cases[i].label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_counts_and_shares),
		cmocka_unit_test(test_fit_path),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_table_is_data),
		cmocka_unit_test(test_threads_beyond_the_list_are_summed),
		cmocka_unit_test(test_blame_matrix),
		cmocka_unit_test(test_blame_list),
		cmocka_unit_test(test_overview),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_doubts_about_one_loss),
		cmocka_unit_test(test_one_drop_request),
		cmocka_unit_test(test_kept_back),
		cmocka_unit_test(test_every_doubt_speaks),
		cmocka_unit_test(test_doubt_about_many_processes),
		cmocka_unit_test(test_foreign_frames),
		cmocka_unit_test(test_labels_of_native_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

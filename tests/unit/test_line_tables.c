/* What lines and stacks are called, and their text where the file is at hand. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "report_fixture.h"
#include "tables/gil_tables.h"
#include "tables/site_labels.h"
#include "tables/source.h"
#include "tables/stack_groups.h"

#define LONG_AGO 1000000000
#define LATER UINT64_C(2000000000000000000)

static struct fixture f;
static char *folder;

static void begin(void)
{
	fixture_init(&f);
	fixture_process(&f, "prog", 1);
	fixture_gil(&f, S);
}

static void expect_label(int site, const char *expected)
{
	char *label = label_site(&f.gils[0], site);

	assert_string_equal(label, expected);
	g_free(label);
}

static void test_labels(void **state)
{
	(void)state;
	begin();
	fixture_site(&f, "/a/b/image.py", 88, "decode", 1, 1, 0, 0, 0);
	fixture_site(&f, "/a/b/image.py", 89, "", 1, 1, 0, 0, 0);
	fixture_site(&f, "/x/util.py", 1, "f", 1, 1, 0, 0, 0);
	fixture_site(&f, "/y/util.py", 1, "f", 1, 1, 0, 0, 0);
	fixture_site(&f, "/y/my_util.py", 1, "f", 1, 1, 0, 0, 0);
	fixture_site(&f, "util.py", 1, "f", 1, 1, 0, 0, 0);
	fixture_site(&f, "<string>", 3, "\033[2J\xff", 1, 1, 0, 0, 0);
	fixture_site(&f, "", 0, "", 1, 1, 0, 0, 0);
	fixture_site(&f, "/a/unknown line.py", 1, "f", 1, 1, 0, 0, 0)->line = 0;
	f.sites[7].kind = SITE_NOT_KNOWN;
	fixture_site(&f, "", 1, "", 1, 1, 0, 0, 0)->kind = SITE_REST;
	expect_label(0, "image.py:88 decode");
	expect_label(1, "image.py:89");
	expect_label(2, "x/util.py:1 f");
	expect_label(3, "y/util.py:1 f");
	expect_label(4, "my_util.py:1 f");
	expect_label(5, "util.py:1 f"); /* there is no more to say */
	expect_label(6, "<string>:3 \xef\xbf\xbd[2J\xef\xbf\xbd");
	expect_label(7, "(line not known)");
	expect_label(8, "unknown line.py:? f");
	expect_label(9, "(other lines)");
	expect_label(-1, "");
}

/* A file in the folder with this content, which the caller frees the name of. */
static char *file_with(const char *name, const char *content, gssize length)
{
	char *path = g_build_filename(folder, name, NULL);

	assert_true(g_file_set_contents(path, content, length, NULL));
	return path;
}

static void expect_source(const char *path, int32_t line, uint64_t since, enum source_status status,
	const char *expected)
{
	char *text = (char *)"not set";

	assert_int_equal(source_line(path, line, since, &text), status);
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
	g_free(text);
}

static void test_source_lines(void **state)
{
	char *path =
		file_with("a.py", "first\n\n \tif x:\ty()  \r\nr\xe9sum\xe9 \033[2J\nlast", -1);

	(void)state;
	expect_source(path, 1, LATER, SOURCE_FOUND, "first");
	expect_source(path, 2, LATER, SOURCE_MISSING, NULL);
	expect_source(path, 3, LATER, SOURCE_FOUND, "if x: y()");
	expect_source(path, 4, LATER, SOURCE_FOUND, "r\xef\xbf\xbdsum\xef\xbf\xbd \xef\xbf\xbd[2J");
	expect_source(path, 5, LATER, SOURCE_FOUND, "last");
	expect_source(path, 6, LATER, SOURCE_MISSING, NULL);
	expect_source(path, INT32_MAX, LATER, SOURCE_MISSING, NULL);
	expect_source(path, 0, LATER, SOURCE_MISSING, NULL);
	expect_source(path, -1, LATER, SOURCE_MISSING, NULL);
	expect_source(path, 1, LONG_AGO, SOURCE_CHANGED, NULL);
	g_free(path);
}

/* Whatever a trace names: it is not waited for, and what is no source is not shown. */
static void test_what_is_no_source(void **state)
{
	char *huge = g_strnfill(100000, 'x'), *path = file_with("huge.py", huge, -1), *text;

	(void)state;
	assert_int_equal(source_line(path, 1, LATER, &text), SOURCE_FOUND);
	assert_int_equal(strlen(text), 4096);
	g_free(text);
	g_free(path);
	path = file_with("binary.pyc", "\0\1\2\n", 4);
	expect_source(path, 1, LATER, SOURCE_MISSING, NULL);
	g_free(path);
	path = g_build_filename(folder, "pipe", NULL);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_source(path, 1, LATER, SOURCE_MISSING, NULL);
	g_unlink(path);
	g_free(path);
	expect_source(folder, 1, LATER, SOURCE_MISSING, NULL);
	expect_source("/dev/zero", 1, LATER, SOURCE_MISSING, NULL);
	expect_source("/nowhere/a.py", 1, LATER, SOURCE_MISSING, NULL);
	expect_source("<string>", 1, LATER, SOURCE_MISSING, NULL);
	expect_source("", 1, LATER, SOURCE_MISSING, NULL);
	g_free(huge);
}

/* A name that is not absolute is not looked for, even where it would be found. */
static void test_relative_names(void **state)
{
	char *path = file_with("here.py", "line\n", -1), *before = g_get_current_dir();

	(void)state;
	assert_int_equal(chdir(folder), 0);
	expect_source("here.py", 1, LATER, SOURCE_MISSING, NULL);
	assert_int_equal(chdir(before), 0);
	g_free(before);
	g_free(path);
}

/* Those with most harm, holding and waiting; the others in one row, and none is lost. */
static void test_chosen_lines(void **state)
{
	static char names[40][8];
	struct table table;
	uint64_t blocked = 0;

	(void)state;
	begin();
	for (uint64_t i = 0; i < 30; i++) {
		g_snprintf(names[i], sizeof(names[i]), "f%02u", (unsigned)i);
		fixture_site(&f, "/a.py", (int32_t)i + 10, names[i], i == 20 ? 500 * MS : i * MS,
			10, i == 25 ? 900 * MS : 0, i == 25, (30 - i) * MS);
	}
	f.gils[0].wait_ns = 2 * S;
	lines_table(&table, &f.gils[0], LATER);
	assert_int_equal(table_rows(&table), 6 + 3 + 1 + 1); /* and 20, 29, 28; 25; the rest */
	assert_string_equal(table_cell(&table, 0, 0)->text, "a.py:10 f00");
	assert_string_equal(table_cell(&table, 6, 0)->text, "a.py:30 f20");
	assert_string_equal(table_cell(&table, 10, 0)->text, "20 more");
	for (size_t row = 0; row < table_rows(&table); row++)
		blocked += table_cell(&table, row, 1)->count;
	assert_true(blocked == 465 * MS);
	table_release(&table);
	/* Not a word of lines where none is known. */
	begin();
	fixture_site(&f, "", 0, "", S, 10, 0, 0, 0);
	lines_table(&table, &f.gils[0], LATER);
	assert_int_equal(table_rows(&table), 0);
	table_release(&table);
	fixture_line_blame(&f, 0, 0, BLAME_HANDOFF, -1, MS);
	line_blame_table(&table, &f.gils[0]);
	assert_int_equal(table_rows(&table), 0);
	table_release(&table);
}

static void expect_foreign(int expected)
{
	assert_int_equal(
		stack_foreign_frame(&f.processes[0], &f.stacks[f.stack_count - 1]), expected);
}

static void test_foreign_frames(void **state)
{
	(void)state;
	begin();
	f.modules[0].path = (char *)"/opt/bin/snake"; /* the interpreter, whatever it is called */
	f.processes[0].executable = f.modules[0].path;
	f.modules[1].path = (char *)"/opt/lib/libpython3.14.so.1.0";
	f.modules[2].path = (char *)"/a/_image.so";
	f.processes[0].module_count = 3;
	fixture_stack(&f, STACK_HOLD, 0, 1, 1, 1);
	expect_foreign(-1);
	fixture_native_frame(&f, 1, 1, NULL);
	fixture_native_frame(&f, 2, 1, NULL);
	expect_foreign(-1); /* it called the interpreter, not the other way round */
	fixture_native_frame(&f, 1, 1, NULL);
	expect_foreign(-1);
	fixture_native_frame(&f, 0, 1, NULL);
	expect_foreign(1);
	fixture_stack(&f, STACK_HOLD, 0, 1, 1, 1);
	fixture_native_frame(&f, -1, 1, NULL); /* nobody knows where, but Python called it */
	fixture_native_frame(&f, 1, 1, NULL);
	fixture_native_frame(&f, 1, 1, NULL);
	expect_foreign(0);
}

/* Where in the interpreter a thread was, and which thread, makes no other stack; the line does. */
static void test_groups(void **state)
{
	struct stack_groups groups;

	(void)state;
	begin();
	for (int i = 0; i < 6; i++) {
		fixture_thread(&f, "t", 1, 1, 0, 0);
		fixture_stack(&f, i < 5 ? STACK_HOLD : STACK_WAIT, i, 2, 10, 6 + (uint64_t)i);
		fixture_python_frame(&f, "/a.py", i == 4 ? 2 : 1, "f");
		fixture_native_frame(&f, 0, (uint64_t)i, NULL);
	}
	f.stacks[1].known = 0;
	f.stacks[1].max_ns = FIGURE_UNKNOWN;
	f.modules[0].path = (char *)"/usr/bin/python3";
	f.processes[0].module_count = 1;
	stack_groups_init(&groups, &f.processes[0], &f.gils[0]);
	assert_int_equal(groups.count, 3);
	assert_int_equal(groups.items[0].threads, 4);
	assert_int_equal(groups.items[0].count, 8);
	assert_int_equal(groups.items[0].known, 6);
	assert_int_equal(groups.items[0].total_ns, 40);
	assert_int_equal(groups.items[0].max_ns, 9);
	stack_groups_release(&groups);
}

static int make_folder(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("giltrace-test-XXXXXX", NULL);
	return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	(void)state;
	while ((name = g_dir_read_name(dir))) {
		char *path = g_build_filename(folder, name, NULL);

		g_unlink(path);
		g_free(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_free(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_source_lines),
		cmocka_unit_test(test_what_is_no_source),
		cmocka_unit_test(test_relative_names),
		cmocka_unit_test(test_chosen_lines),
		cmocka_unit_test(test_foreign_frames),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests_name("line_tables", tests, make_folder, remove_folder);
}

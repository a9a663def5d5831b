/* Configurations: what is read, and that what is not TOML, or not supported, is refused where it
 * stands. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "check/toml.h"

static const struct toml_table *table_at(const struct toml *toml, guint i)
{
	assert_true(i < toml->tables->len);
	return g_ptr_array_index(toml->tables, i);
}

static const struct toml_value *value_of(const struct toml_table *table, const char *key)
{
	for (guint i = 0; i < table->pairs->len; i++) {
		const struct toml_pair *pair = g_ptr_array_index(table->pairs, i);

		if (strcmp(pair->key, key) == 0)
			return pair->value;
	}
	fail_msg("there is no '%s'", key);
	return NULL;
}

static void test_document(void **state)
{
	static const char text[] = "# settings\r\n"
				   "repeat = 5 # runs\n"
				   "\t\"quoted key\" = 'C:\\path'\n"
				   "\n"
				   "[[rule]]\n"
				   "figure='wait.max_ns'\n"
				   "[[ rule ]] # second\n"
				   "max_increase = [ \"10%\",\n"
				   "  # a comment\n"
				   "  2.5, ]\n"
				   "optional = true";
	struct error error;
	struct toml toml;
	const struct toml_value *array;

	(void)state;
	assert_int_equal(toml_parse(&toml, text, "x.toml", &error), 0);
	assert_int_equal(toml.tables->len, 3);
	assert_int_equal(value_of(table_at(&toml, 0), "repeat")->integer, 5);
	assert_string_equal(value_of(table_at(&toml, 0), "quoted key")->string, "C:\\path");
	assert_string_equal(table_at(&toml, 1)->name, "rule");
	assert_true(table_at(&toml, 1)->element);
	assert_int_equal(table_at(&toml, 2)->line, 7);
	array = value_of(table_at(&toml, 2), "max_increase");
	assert_int_equal(array->kind, TOML_ARRAY);
	assert_int_equal(array->items->len, 2);
	assert_string_equal(
		((struct toml_value *)g_ptr_array_index(array->items, 0))->string, "10%");
	assert_true(((struct toml_value *)g_ptr_array_index(array->items, 1))->real == 2.5);
	assert_true(value_of(table_at(&toml, 2), "optional")->boolean);
	assert_int_equal(value_of(table_at(&toml, 2), "optional")->line, 11);
	toml_release(&toml);
}

static void test_values(void **state)
{
	static const struct {
		const char *text;
		enum toml_kind kind;
		double number;
		const char *string;
	} cases[] = {
		{"0", TOML_INTEGER, 0, NULL},
		{"-17", TOML_INTEGER, -17, NULL},
		{"+1_000", TOML_INTEGER, 1000, NULL},
		{"1.5", TOML_REAL, 1.5, NULL},
		{"-0.25e2", TOML_REAL, -25, NULL},
		{"6E-1", TOML_REAL, 0.6, NULL},
		{"\"\"", TOML_STRING, 0, ""},
		{"\"a\\t\\\"\\\\ \\u00e9\\U0001F40D\"", TOML_STRING, 0,
			"a\t\"\\ \xc3\xa9\xf0\x9f\x90\x8d"},
		{"'no \\escapes \"here\"'", TOML_STRING, 0, "no \\escapes \"here\""},
		{"[]", TOML_ARRAY, 0, NULL},
		{"[[1], [2]]", TOML_ARRAY, 0, NULL},
		{"false", TOML_BOOLEAN, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat("a = ", cases[i].text, NULL);
		const struct toml_value *value;
		struct error error;
		struct toml toml;

		if (toml_parse(&toml, text, "x", &error) < 0)
			fail_msg("%s: %s", text, error.what);
		value = value_of(table_at(&toml, 0), "a");
		assert_int_equal(value->kind, cases[i].kind);
		if (value->kind == TOML_INTEGER || value->kind == TOML_REAL)
			assert_true(value->real == cases[i].number);
		if (cases[i].string)
			assert_string_equal(value->string, cases[i].string);
		toml_release(&toml);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		const char *what; /* begins so */
	} cases[] = {
		{"a", "x:1: '=' and a value are missing after 'a'"},
		{"\n= 1", "x:2: a name is missing"},
		{"a =", "x:1: a value is missing"},
		{"a = 1 b = 2", "x:1: 'b' is one too many"},
		{"a = 1\na = 2", "x:2: 'a' is there already, on line 1"},
		{"a.b = 1", "x:1: names joined by dots"},
		{"a = {b = 1}", "x:1: inline tables"},
		{"a = \"\"\"b\"\"\"", "x:1: strings over several lines"},
		{"a = \"b", "x:1: a string is not closed"},
		{"a = \"b\nc\"", "x:1: a string is not closed"},
		{"a = \"\\d\"", "x:1: a string in double quotes has no \\d"},
		{"a = \"\\u12\"", "x:1: \\u needs 4"},
		{"a = \"\\ud800\"", "x:1: \\ud800 is no character"},
		{"a = 5ms", "x:1: '5ms' is no value"},
		{"a = 10%", "x:1: '10%' is no value"},
		{"a = 012", "x:1: '012' is no value"},
		{"a = 1__0", "x:1: '1__0' is no value"},
		{"a = 1.", "x:1: '1.' is no value"},
		{"a = .5", "x:1: '.5' is no value"},
		{"a = 0x1f", "x:1: '0x1f' is no value"},
		{"a = nan", "x:1: 'nan' is no value"},
		{"a = True", "x:1: 'True' is no value"},
		{"a = truely", "x:1: 'truely' is no value"},
		{"a = 99999999999999999999", "x:1: 99999999999999999999 is too large"},
		{"a = [1\n2]", "x:2: ',' or ']' is missing in the array of line 1"},
		{"a = [1,\n", "x:2: the array of line 1 is not closed"},
		{"a = [[[[[[[[[1]]]]]]]]]", "x:1: arrays are nested too deeply"},
		{"[a", "x:1: '[a' is not closed"},
		{"[[a]", "x:1: '[[a' is not closed"},
		{"[a]\n[a]", "x:2: 'a' is there already, on line 1"},
		{"[[a]]\n[a]", "x:2: 'a' is there already, on line 1"},
		{"a = 1\n# \x01", "x:2: a control character"},
		{"a = '\xff'", "x: this is not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct error error;
		struct toml toml;

		if (toml_parse(&toml, cases[i].text, "x", &error) != -EINVAL)
			fail_msg("'%s' is taken", cases[i].text);
		if (strncmp(error.what, cases[i].what, strlen(cases[i].what)) != 0)
			fail_msg("'%s': '%s', not '%s'", cases[i].text, error.what, cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

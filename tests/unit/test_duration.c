/* Lengths of time on the command line: what is read, what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/duration.h"

static void test_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{"10", UINT64_C(10000000000)},
		{"10s", UINT64_C(10000000000)},
		{"500ms", 500000000},
		{"250us", 250000},
		{"0.25s", 250000000},
		{"2m", UINT64_C(120000000000)},
		{"2min", UINT64_C(120000000000)},
		{"1.5h", UINT64_C(5400000000000)},
		{"1d", UINT64_C(86400000000000)},
		{"1.", UINT64_C(1000000000)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 1;

		if (!duration_parse(cases[i].text, &ns))
			fail_msg("'%s' is refused", cases[i].text);
		if (ns != cases[i].ns)
			fail_msg("'%s' is read as %llu ns", cases[i].text, (unsigned long long)ns);
	}
}

static void test_refused(void **state)
{
	static const char *const cases[] = {"", "s", "-1s", "+1", " 1", "1 s", "0", "0s", "1x",
		"1sec", "1s ", "1e3", "0x10", "1..5", ".", ".5s", "1,5s", "inf", "nan", "99999999d",
		"0.0000000001s"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns;

		if (duration_parse(cases[i], &ns))
			fail_msg("'%s' is taken", cases[i]);
	}
}

static void test_threshold(void **state)
{
	static const char *const zeros[] = {"0", "0s", "0ms", "0.0us"};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		ns = 1;
		assert_true(duration_parse_threshold(zeros[i], &ns));
		assert_int_equal(ns, 0);
	}
	assert_true(duration_parse_threshold("10ms", &ns));
	assert_int_equal(ns, 10000000);
	assert_false(duration_parse_threshold("-1ms", &ns));
	assert_false(duration_parse_threshold("", &ns));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

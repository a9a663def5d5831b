/* What the shim reads of Python code: line tables of every format, foreign memory, and its options.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lines.h"
#include "options.h"

enum { DATA = 64 };

/* A bytes object as CPython lays it out. */
struct bytes {
	uint64_t references, type, length, hash;
	uint8_t data[DATA];
};

static int32_t line_at(
	enum frames_line_table format, const uint8_t *table, size_t length, int32_t instr)
{
	struct bytes bytes = {.length = length};

	memcpy(bytes.data, table, length);
	return lines_find((uintptr_t)&bytes, 10, instr, format, memory_read_foreign);
}

static void lnotab_steps_forth_and_back(void **state)
{
	/* From 6 on two lines down, from 256 on one up, in a step of 250 without a line. */
	static const uint8_t table[] = {6, 2, 250, 0, 0, 0xFF};

	(void)state;
	assert_int_equal(line_at(LINES_LNOTAB, table, sizeof(table), -1), 10);
	assert_int_equal(line_at(LINES_LNOTAB, table, sizeof(table), 0), 10);
	assert_int_equal(line_at(LINES_LNOTAB, table, sizeof(table), 5), 10);
	assert_int_equal(line_at(LINES_LNOTAB, table, sizeof(table), 6), 12);
	assert_int_equal(line_at(LINES_LNOTAB, table, sizeof(table), 255), 12);
	assert_int_equal(line_at(LINES_LNOTAB, table, sizeof(table), 256), 11);
	assert_int_equal(line_at(LINES_LNOTAB, table, 0, 4), 10);
}

static void deltas_may_have_no_line(void **state)
{
	/* [0, 4) line 11, [4, 6) none, [6, 10) line 9. */
	static const uint8_t table[] = {4, 1, 2, 0x80, 4, 0xFE};

	(void)state;
	assert_int_equal(line_at(LINES_DELTAS, table, sizeof(table), 0), 11);
	assert_int_equal(line_at(LINES_DELTAS, table, sizeof(table), 4), 0);
	assert_int_equal(line_at(LINES_DELTAS, table, sizeof(table), 6), 9);
	assert_int_equal(line_at(LINES_DELTAS, table, sizeof(table), 10), 0);
}

static void locations_of_every_kind(void **state)
{
	static const uint8_t table[] = {
		0x80 | 3 << 3 | 1, 0x11,	   /* short, 2 units: same line */
		0x80 | 12 << 3 | 0, 4, 9,	   /* one line, 1 unit: two lines down */
		0x80 | 15 << 3 | 0,		   /* no line, 1 unit */
		0x80 | 13 << 3 | 0, 0x48, 0x03,	   /* no columns: 8 + 3 * 64, so 100 lines down */
		0x80 | 14 << 3 | 7, 0x05, 0, 1, 1, /* long, 8 units: two lines up */
	};

	(void)state;
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 0), 10);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 3), 10);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 4), 12);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 6), 0);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 8), 112);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 10), 110);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 25), 110);
	assert_int_equal(line_at(LINES_LOCATIONS, table, sizeof(table), 26), 0);
}

static void damaged_tables_end(void **state)
{
	static const uint8_t endless[] = {0x80 | 13 << 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	struct bytes huge = {.length = UINT64_MAX};

	(void)state;
	for (int format = LINES_LNOTAB; format <= LINES_LOCATIONS; format++) {
		line_at((enum frames_line_table)format, endless, sizeof(endless), 1000);
		assert_int_equal(lines_find((uintptr_t)&huge, 10, 4, (enum frames_line_table)format,
					 memory_read_foreign),
			0);
		assert_int_equal(
			lines_find(0, 10, 4, (enum frames_line_table)format, memory_read_foreign),
			0);
	}
}

static void foreign_memory_that_is_gone_is_not_read(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char copy[8];

	(void)state;
	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(munmap(pages + page, page), 0);
	pages[page - 1] = 'x';
	assert_true(memory_read_foreign(copy, (uintptr_t)pages + page - 1, 1));
	assert_int_equal(copy[0], 'x');
	assert_false(memory_read_foreign(copy, (uintptr_t)pages + page - 4, 8));
	assert_false(memory_read_foreign(copy, 8, 8));
	munmap(pages, page);
}

static void durations(void **state)
{
	(void)state;
	assert_int_equal(options_duration_ns("1500", 7), 1500);
	assert_int_equal(options_duration_ns("3ns", 7), 3);
	assert_int_equal(options_duration_ns("250us", 7), 250000);
	assert_int_equal(options_duration_ns("1ms", 7), 1000000);
	assert_int_equal(options_duration_ns("2s", 7), 2000000000);
	assert_int_equal(options_duration_ns("0", 7), 0);
	assert_int_equal(options_duration_ns(NULL, 7), 7);
	assert_int_equal(options_duration_ns("", 7), 7);
	assert_int_equal(options_duration_ns("-1ms", 7), 7);
	assert_int_equal(options_duration_ns("1 ms", 7), 7);
	assert_int_equal(options_duration_ns("1h", 7), 7);
	assert_int_equal(options_duration_ns("99999999999999999999", 7), 7);
	assert_int_equal(options_duration_ns("99999999999s", 7), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lnotab_steps_forth_and_back),
		cmocka_unit_test(deltas_may_have_no_line),
		cmocka_unit_test(locations_of_every_kind),
		cmocka_unit_test(damaged_tables_end),
		cmocka_unit_test(foreign_memory_that_is_gone_is_not_read),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

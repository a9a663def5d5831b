/* Which code a table of lines is about: programs of the tables by hand, whole and damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "symbols/line_ranges.h"

enum { LENGTH = 0, VERSION = 4, OPERATIONS = 13, LINE_RANGE = 16, OPCODE_BASE = 17 };

/* Up to where its header ends; rows are by opcode 13 + 14 * (bytes) + (lines + 5). */
static const unsigned char header[] = {
	0, 0, 0, 0,		   /* length */
	5, 0,			   /* version */
	8, 0,			   /* bytes of an address, of a segment */
	19, 0, 0, 0,		   /* the rest of the header */
	1, 1, 1,		   /* shortest instruction, operations of one, default is_stmt */
	(unsigned char)-5, 14, 13, /* first line, lines, first special opcode */
	0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, /* operands */
	7,				    /* what stands for folders and files */
};

#define SET_ADDRESS(low, high) 0, 9, 2, low, high, 0, 0, 0, 0, 0, 0
#define END 0, 1, 1
#define COPY 1
#define ADVANCE(bytes) 2, bytes
#define CONST_ADD 8 /* of 17 bytes */
#define FIXED(bytes) 9, bytes, 0

/* Two sequences, 0x1000 - 0x1013 and 0x2000 - 0x2004. */
static const unsigned char code[] = {
	SET_ADDRESS(0, 0x10),
	COPY,
	3,
	0x80,
	0x01,
	18 + 14,
	4,
	1,
	CONST_ADD,
	ADVANCE(1),
	END,
	SET_ADDRESS(0, 0x20),
	COPY,
	0,
	2,
	4,
	9,
	FIXED(4),
	END,
};

/* Returns its size. */
static size_t make_table(unsigned char *table)
{
	const size_t size = sizeof(header) + sizeof(code);

	memcpy(table, header, sizeof(header));
	memcpy(table + sizeof(header), code, sizeof(code));
	table[LENGTH] = (unsigned char)(size - 4);
	return size;
}

static void test_two_tables(void **state)
{
	unsigned char tables[2 * (sizeof(header) + sizeof(code))];
	size_t size = make_table(tables);
	GArray *ranges = g_array_new(FALSE, FALSE, sizeof(struct line_range));

	(void)state;
	make_table(tables + size);
	assert_true(line_ranges_read(ranges, tables, 2 * size));
	assert_int_equal(ranges->len, 4);
	for (guint i = 0; i < ranges->len; i++) {
		const struct line_range *range = &g_array_index(ranges, struct line_range, i);

		assert_int_equal(range->table, i < 2 ? 0 : size);
		assert_int_equal(range->begin, i % 2 ? 0x2000 : 0x1000);
		assert_int_equal(range->end, i % 2 ? 0x2004 : 0x1013);
	}
	g_array_free(ranges, TRUE);
}

static bool is_understood(const unsigned char *table, size_t size)
{
	GArray *ranges = g_array_new(FALSE, FALSE, sizeof(struct line_range));
	bool understood = line_ranges_read(ranges, table, size);

	g_array_free(ranges, TRUE);
	return understood;
}

/* Each by the byte that is exchanged. */
static void test_what_is_not_understood(void **state)
{
	static const struct {
		size_t at;
		unsigned char byte;
	} others[] = {{VERSION, 4}, {OPERATIONS, 2}, {LINE_RANGE, 0}, {OPCODE_BASE, 0},
		{OPCODE_BASE + 1, 3}, {sizeof(header) + 1, 0}, {LENGTH, 200}};
	unsigned char table[sizeof(header) + sizeof(code)];
	size_t size = make_table(table);

	(void)state;
	assert_true(is_understood(table, size));
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		make_table(table);
		table[others[i].at] = others[i].byte;
		assert_false(is_understood(table, size));
	}
}

/* A sequence without an end, or a cut one, is none. */
static void test_cut(void **state)
{
	unsigned char table[sizeof(header) + sizeof(code)];
	size_t size = make_table(table);

	(void)state;
	for (size_t cut = 1; cut < size; cut++)
		assert_false(is_understood(table, cut));
	table[LENGTH] -= 3;
	assert_false(is_understood(table, size - 3));
	assert_true(is_understood(table, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_tables),
		cmocka_unit_test(test_what_is_not_understood),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("line ranges", tests, NULL, NULL);
}

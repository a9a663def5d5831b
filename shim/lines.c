/*
 * The line of a position in Python code; see lines.h. The formats are described
 * in CPython's own notes: Objects/lnotab_notes.txt, from 3.11 on
 * Objects/locations.md (later InternalDocs/code_objects.md).
 */
#include "lines.h"

#include <stddef.h>

enum { BYTES_LENGTH = 16, BYTES_DATA = 32, CHUNK = 256, TABLE_LIMIT = 1 << 20 };

/* The table, read piece by piece. */
struct table {
	memory_read_fn *read;
	uintptr_t at;	/* of the next piece */
	uintptr_t left; /* bytes behind this piece */
	unsigned count, next;
	uint8_t piece[CHUNK];
};

static bool table_open(struct table *table, uintptr_t bytes, memory_read_fn *read)
{
	table->read = read;
	table->at = bytes + BYTES_DATA;
	table->count = 0;
	table->next = 0;
	return bytes && read(&table->left, bytes + BYTES_LENGTH, sizeof(table->left)) &&
	       table->left <= TABLE_LIMIT;
}

/* The next byte, -1 at the end. */
static int table_byte(struct table *table)
{
	if (table->next == table->count) {
		unsigned count = table->left < CHUNK ? (unsigned)table->left : CHUNK;

		if (!count || !table->read(table->piece, table->at, count))
			return -1;
		table->at += count;
		table->left -= count;
		table->count = count;
		table->next = 0;
	}
	return table->piece[table->next++];
}

/* Pairs: instructions to go, lines to go from there on. */
static int32_t find_lnotab(struct table *table, int32_t line, int32_t instr)
{
	int32_t at = 0;

	for (;;) {
		int skip = table_byte(table);
		int delta = table_byte(table);

		if (delta < 0)
			return line;
		at += skip;
		if (at > instr)
			return line;
		line += (int8_t)delta;
	}
}

/* Pairs: length of a range in bytes, lines to go before it; -128: it has no line. */
static int32_t find_deltas(struct table *table, int32_t line, int32_t instr)
{
	int32_t end = 0;

	for (;;) {
		int length = table_byte(table);
		int byte = table_byte(table);
		int8_t delta = (int8_t)byte;

		if (byte < 0)
			return 0;
		end += length;
		if (delta != INT8_MIN)
			line += delta;
		if (end > instr)
			return delta == INT8_MIN ? 0 : line;
	}
}

/* Six bits a byte, the lowest first; bit 6: more follow. Of the result bit 0 is the sign. */
static int32_t signed_varint(struct table *table)
{
	uint32_t value = 0;
	unsigned shift = 0;
	int byte;

	do {
		byte = table_byte(table);
		if (byte < 0 || shift > 24)
			return 0;
		value |= (uint32_t)(byte & 63) << shift;
		shift += 6;
	} while (byte & 64);
	return value & 1 ? -(int32_t)(value >> 1) : (int32_t)(value >> 1);
}

/* Entries of a head (bit 7 set, kind, units - 1) and what belongs to it. */
static int32_t find_locations(struct table *table, int32_t line, int32_t instr)
{
	enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NO_LINE = 15, UNIT = 2 };
	int32_t end = 0;
	int head = table_byte(table);

	while (head >= 0) {
		int kind = head >> 3 & 15;

		end += ((head & 7) + 1) * UNIT;
		if (kind == NO_COLUMNS || kind == LONG)
			line += signed_varint(table);
		else if (kind >= ONE_LINE && kind < NO_COLUMNS)
			line += kind - ONE_LINE;
		if (end > instr)
			return kind == NO_LINE ? 0 : line;
		do {
			head = table_byte(table);
		} while (head >= 0 && !(head & 128));
	}
	return 0;
}

int32_t lines_find(uintptr_t bytes, int32_t first_line, int32_t instr,
	enum frames_line_table format, memory_read_fn *read)
{
	struct table table;

	if (instr < 0)
		return first_line;
	if (!table_open(&table, bytes, read))
		return 0;
	switch (format) {
	case LINES_LNOTAB:
		return find_lnotab(&table, first_line, instr);
	case LINES_DELTAS:
		return find_deltas(&table, first_line, instr);
	case LINES_LOCATIONS:
		break;
	}
	return find_locations(&table, first_line, instr);
}

/*
 * Which table of lines speaks of which code; see line_ranges.h. Runs the programs that the
 * tables are (DWARF 5, 6.2), and of the rows that these write keeps the first and the last.
 */
#include "symbols/line_ranges.h"

#include <dwarf.h>

struct reader {
	const unsigned char *at, *end;
	bool failed;
};

struct program {
	struct reader code;
	const unsigned char *operands; /* how many each standard opcode has, from opcode 1 on */
	unsigned opcode_base;
	unsigned line_range;
	unsigned step; /* bytes of the shortest instruction */
	uint64_t table;
};

/* Rows up to the next end of a sequence. */
struct sequence {
	uint64_t address, begin, end;
	bool any;
};

static uint64_t take(struct reader *reader, size_t size)
{
	uint64_t value = 0;

	if ((size_t)(reader->end - reader->at) < size || size > sizeof(value)) {
		reader->failed = true;
		reader->at = reader->end;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)reader->at[i] << (8 * i);
	reader->at += size;
	return value;
}

static void skip(struct reader *reader, uint64_t size)
{
	if ((uint64_t)(reader->end - reader->at) < size) {
		reader->failed = true;
		size = (uint64_t)(reader->end - reader->at);
	}
	reader->at += size;
}

/* LEB128; of a signed one only the end matters here. */
static uint64_t take_number(struct reader *reader)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t byte = take(reader, 1);

		value |= (byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	reader->failed = true;
	return 0;
}

static void add_row(struct sequence *sequence)
{
	if (!sequence->any)
		sequence->begin = sequence->end = sequence->address;
	sequence->any = true;
	sequence->begin = MIN(sequence->begin, sequence->address);
	sequence->end = MAX(sequence->end, sequence->address);
}

static void end_sequence(GArray *ranges, struct program *program, struct sequence *sequence)
{
	struct line_range range;

	add_row(sequence);
	range = (struct line_range){sequence->begin, sequence->end, program->table};
	if (range.begin < range.end)
		g_array_append_val(ranges, range);
	*sequence = (struct sequence){0};
}

static void run_extended(GArray *ranges, struct program *program, struct sequence *sequence)
{
	uint64_t length = take_number(&program->code);

	if (length == 0) {
		program->code.failed = true;
		return;
	}
	switch (take(&program->code, 1)) {
	case DW_LNE_end_sequence:
		end_sequence(ranges, program, sequence);
		skip(&program->code, length - 1);
		break;
	case DW_LNE_set_address:
		sequence->address = take(&program->code, length - 1);
		break;
	default:
		skip(&program->code, length - 1);
	}
}

static uint64_t advance_of(const struct program *program, unsigned opcode)
{
	return (uint64_t)((opcode - program->opcode_base) / program->line_range) * program->step;
}

static void run_standard(struct program *program, struct sequence *sequence, unsigned opcode)
{
	switch (opcode) {
	case DW_LNS_copy:
		add_row(sequence);
		break;
	case DW_LNS_advance_pc:
		sequence->address += take_number(&program->code) * program->step;
		break;
	case DW_LNS_const_add_pc:
		sequence->address += advance_of(program, 255);
		break;
	case DW_LNS_fixed_advance_pc:
		sequence->address += take(&program->code, 2);
		break;
	default:
		for (unsigned i = 0; i < program->operands[opcode - 1]; i++)
			take_number(&program->code);
	}
}

static bool run(GArray *ranges, struct program *program)
{
	struct sequence sequence = {0};

	while (program->code.at < program->code.end && !program->code.failed) {
		unsigned opcode = (unsigned)take(&program->code, 1);

		if (opcode >= program->opcode_base) {
			sequence.address += advance_of(program, opcode);
			add_row(&sequence);
		} else if (opcode == 0) {
			run_extended(ranges, program, &sequence);
		} else {
			run_standard(program, &sequence, opcode);
		}
	}
	return !program->code.failed && !sequence.any;
}

/* Of opcodes that are not as the standard has them nothing is known. */
static bool has_known_operands(const struct program *program)
{
	static const unsigned char known[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};

	for (unsigned i = 0; i < G_N_ELEMENTS(known) && i + 1 < program->opcode_base; i++)
		if (program->operands[i] != known[i])
			return false;
	return true;
}

/* The header of a table, from its version on, whose sizes have `width` bytes. */
static bool read_table(GArray *ranges, struct reader reader, size_t width, uint64_t table)
{
	struct program program = {.table = table};
	uint64_t length, addresses;
	bool plain;

	if (take(&reader, 2) != 5)
		return false;
	addresses = take(&reader, 1);
	plain = addresses <= 8 && take(&reader, 1) == 0; /* selectors of segments */
	length = take(&reader, width);
	program.code = reader;
	skip(&program.code, length);
	program.step = (unsigned)take(&reader, 1);
	plain = plain && take(&reader, 1) == 1; /* operations of an instruction */
	skip(&reader, 2); /* whether a row begins a statement; the lines' base */
	program.line_range = (unsigned)take(&reader, 1);
	program.opcode_base = (unsigned)take(&reader, 1);
	program.operands = reader.at;
	if (!plain || program.line_range == 0 || program.opcode_base == 0)
		return false;
	skip(&reader, program.opcode_base - 1);
	return !reader.failed && !program.code.failed && reader.at <= program.code.at &&
	       has_known_operands(&program) && run(ranges, &program);
}

bool line_ranges_read(GArray *ranges, const unsigned char *data, size_t size)
{
	struct reader reader = {data, data + size, false};

	while (reader.at < reader.end) {
		const unsigned char *begin = reader.at;
		uint64_t length = take(&reader, 4);
		size_t width = length == DWARF3_LENGTH_64_BIT ? 8 : 4;
		struct reader table;

		if (width == 8)
			length = take(&reader, 8);
		table = reader;
		skip(&reader, length);
		table.end = reader.at;
		if (reader.failed || !read_table(ranges, table, width, (uint64_t)(begin - data)))
			return false;
	}
	return true;
}

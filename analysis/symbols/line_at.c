/*
 * The line of source that an address comes from; see line_at.h.
 *
 * The tables of lines say which code they are about, and those of DWARF 5 have all that is
 * asked for here in themselves: the units, the largest part of DWARF by far, packed mostly,
 * are read only for what the tables alone do not tell.
 */
#include "symbols/line_at.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <string.h>

#include <glib.h>

#include "symbols/debug_sections.h"
#include "symbols/line_ranges.h"

struct line_source {
	Elf *elf;
	Dwarf *tables;	/* the tables of lines alone; NULL when these do not do */
	GArray *ranges; /* of them */
	Dwarf *whole;	/* NULL before it is needed, or when it is damaged */
	bool tried;	/* to open that */
};

/* Of what DWARF has, no line needs any. */
static bool says_nothing_of_lines(const char *name)
{
	static const char *const endings[] = {
		"frame", "loc", "loclists", "macinfo", "macro", "names", "pubnames", "pubtypes"};

	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (strcmp(strchr(name, '_') + 1, endings[i]) == 0)
			return true;
	return false;
}

static bool is_no_table(const char *name)
{
	return strcmp(name, ".debug_line") != 0 && strcmp(name, ".debug_line_str") != 0;
}

/* Unpacks the tables and reads of which code they are; false when they do not do. */
static bool read_ranges(struct line_source *source)
{
	Elf_Scn *section = debug_section(source->elf, ".debug_line");
	GElf_Ehdr file;
	GElf_Shdr header;
	Elf_Data *data;

	if (!section || !gelf_getehdr(source->elf, &file) || !gelf_getshdr(section, &header) ||
		file.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	if ((header.sh_flags & SHF_COMPRESSED) && elf_compress(section, 0, 0) < 0)
		return false;
	data = elf_rawdata(section, NULL);
	return data && line_ranges_read(source->ranges, data->d_buf, data->d_size);
}

static Dwarf *open_tables(Elf *elf)
{
	GPtrArray *hidden = g_ptr_array_new();
	Dwarf *dwarf;

	debug_sections_hide(elf, is_no_table, hidden);
	dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	debug_sections_show(hidden);
	g_ptr_array_free(hidden, TRUE);
	return dwarf;
}

struct line_source *line_source_open(Elf *elf)
{
	struct line_source *source;

	/* There may be other sections of DWARF in a file that has its unwind tables only. */
	if (!elf || !debug_sections_end_strings(elf) ||
		(!debug_section(elf, ".debug_info") && !debug_section(elf, ".zdebug_info")))
		return NULL;
	source = g_new0(struct line_source, 1);
	source->elf = elf;
	source->ranges = g_array_new(FALSE, FALSE, sizeof(struct line_range));
	debug_sections_hide(elf, says_nothing_of_lines, NULL);
	if (read_ranges(source))
		source->tables = open_tables(elf);
	return source;
}

void line_source_close(struct line_source *source)
{
	if (!source)
		return;
	dwarf_end(source->whole);
	dwarf_end(source->tables);
	g_array_free(source->ranges, TRUE);
	g_free(source);
}

/* False when it is not known. */
static bool tell(Dwarf_Line *row, const char **file, int *line)
{
	if (!row || dwarf_lineno(row, line) != 0 || *line <= 0)
		return false;
	*file = dwarf_linesrc(row, NULL, NULL);
	return *file && **file;
}

/* The last row up to `address`, of rows in the order of their addresses, as dwarf_getsrc_die(). */
static Dwarf_Line *row_at(Dwarf_Lines *rows, size_t count, uint64_t address)
{
	size_t low = 0, high = count;
	bool ends = true;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		Dwarf_Addr begin = UINT64_MAX;

		dwarf_lineaddr(dwarf_onesrcline(rows, middle), &begin);
		if (begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || dwarf_lineendsequence(dwarf_onesrcline(rows, low - 1), &ends) != 0 || ends)
		return NULL;
	return dwarf_onesrcline(rows, low - 1);
}

/* False when no table is about the address, or not one alone: `*any` tells which. */
static bool find_table(const GArray *ranges, uint64_t address, Dwarf_Off *table, bool *any)
{
	*any = false;
	for (guint i = 0; i < ranges->len; i++) {
		const struct line_range *range = &g_array_index(ranges, struct line_range, i);

		if (address < range->begin || address >= range->end)
			continue;
		if (*any && *table != range->table)
			return false;
		*any = true;
		*table = range->table;
	}
	return *any;
}

/* The row that the tables have; false when they alone do not tell, `*row` is NULL without any. */
static bool find_in_tables(const struct line_source *source, uint64_t address, Dwarf_Line **row)
{
	Dwarf_Off table, next;
	Dwarf_CU *unit = NULL;
	Dwarf_Lines *rows;
	size_t count;
	bool any;

	*row = NULL;
	if (!source->tables)
		return false;
	if (!find_table(source->ranges, address, &table, &any))
		return !any;
	if (dwarf_next_lines(source->tables, table, &next, &unit, NULL, NULL, &rows, &count) != 0)
		return false;
	*row = row_at(rows, count, address);
	return *row != NULL;
}

static Dwarf *open_whole(struct line_source *source)
{
	if (!source->tried)
		source->whole = dwarf_begin_elf(source->elf, DWARF_C_READ, NULL);
	source->tried = true;
	return source->whole;
}

/* By the index of addresses, else, as clang writes none, by asking each unit. */
static bool find_unit(Dwarf *dwarf, uint64_t address, Dwarf_Die *found)
{
	Dwarf_CU *unit = NULL;
	uint8_t type;

	if (dwarf_addrdie(dwarf, address, found))
		return true;
	while (dwarf_get_units(dwarf, unit, &unit, NULL, &type, found, NULL) == 0)
		if (type == DW_UT_compile && dwarf_haspc(found, address) == 1)
			return true;
	return false;
}

bool line_at(struct line_source *source, uint64_t address, const char **file, int *line)
{
	Dwarf_Line *row;
	Dwarf_Die unit;

	if (!source)
		return false;
	if (find_in_tables(source, address, &row))
		return tell(row, file, line);
	if (!open_whole(source) || !find_unit(source->whole, address, &unit))
		return false;
	return tell(dwarf_getsrc_die(&unit, address), file, line);
}

/* The line of source that an address comes from; see line_at.h. */
#include "symbols/line_at.h"

#include <dwarf.h>
#include <gelf.h>
#include <string.h>

#include <glib.h>

/* libdw reads on behind a string that a damaged file does not end. */
static bool ends_its_strings(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_STRINGS) ||
			(header.sh_flags & SHF_COMPRESSED) || header.sh_type == SHT_NOBITS)
			continue;
		data = elf_rawdata(section, NULL);
		if (data && data->d_size && ((const char *)data->d_buf)[data->d_size - 1])
			return false;
	}
	return true;
}

/* Of what DWARF has, in sections of these names, no line needs any. */
static bool says_nothing_of_lines(const char *name)
{
	static const char *const endings[] = {
		"frame", "loc", "loclists", "macinfo", "macro", "names", "pubnames", "pubtypes"};

	if (!name || (!g_str_has_prefix(name, ".debug_") && !g_str_has_prefix(name, ".zdebug_")))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (strcmp(strchr(name, '_') + 1, endings[i]) == 0)
			return true;
	return false;
}

/* libdw reads, and unpacks, every section that it finds: where the variables are is a third. */
static void hide_the_rest(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) ||
			!says_nothing_of_lines(elf_strptr(elf, names, header.sh_name)))
			continue;
		header.sh_type = SHT_NOBITS;
		gelf_update_shdr(section, &header); /* of the copy in memory */
	}
}

Dwarf *line_at_open(Elf *elf)
{
	Dwarf_CU *unit = NULL;
	Dwarf *dwarf;

	if (!elf || !ends_its_strings(elf))
		return NULL;
	hide_the_rest(elf);
	dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	/* There is one, without units, of a file that has its unwind tables only. */
	if (dwarf && dwarf_get_units(dwarf, NULL, &unit, NULL, NULL, NULL, NULL) != 0) {
		dwarf_end(dwarf);
		dwarf = NULL;
	}
	return dwarf;
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

bool line_at(Dwarf *dwarf, uint64_t address, const char **file, int *line)
{
	Dwarf_Line *row;
	Dwarf_Die unit;

	if (!dwarf || !find_unit(dwarf, address, &unit))
		return false;
	row = dwarf_getsrc_die(&unit, address);
	if (!row || dwarf_lineno(row, line) != 0 || *line <= 0)
		return false;
	*file = dwarf_linesrc(row, NULL, NULL);
	return *file && **file;
}

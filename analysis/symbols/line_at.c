/* The line of source that an address comes from; see line_at.h. */
#include "symbols/line_at.h"

#include <dwarf.h>

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

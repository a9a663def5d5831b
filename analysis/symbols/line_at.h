/* The line of source that an address comes from, out of DWARF. */
#ifndef GILTRACE_LINE_AT_H
#define GILTRACE_LINE_AT_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

/* NULL when `elf` (may be NULL) has none, or is damaged; dwarf_end() is to follow. */
Dwarf *line_at_open(Elf *elf);

/* False when it is not known; `*file` belongs to `dwarf` (may be NULL: nothing is known). */
bool line_at(Dwarf *dwarf, uint64_t address, const char **file, int *line);

#endif /* GILTRACE_LINE_AT_H */

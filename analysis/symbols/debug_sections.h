/* The sections of DWARF in a file; libdw reads, and unpacks, each one that it finds there. */
#ifndef GILTRACE_DEBUG_SECTIONS_H
#define GILTRACE_DEBUG_SECTIONS_H

#include <libelf.h>
#include <stdbool.h>

#include <glib.h>

/* False for a file that is damaged: libdw reads on behind a string that is not ended. */
bool debug_sections_end_strings(Elf *elf);

/* NULL when there is none of that name, or nothing in it. */
Elf_Scn *debug_section(Elf *elf, const char *name);

/* libdw finds no section of DWARF for which `hidden` holds; appends them to `sections`, if any. */
void debug_sections_hide(Elf *elf, bool (*hidden)(const char *name), GPtrArray *sections);

/* libdw finds them again. */
void debug_sections_show(const GPtrArray *sections);

#endif /* GILTRACE_DEBUG_SECTIONS_H */

/* Which table of lines speaks of which code, out of the section .debug_line of DWARF 5. */
#ifndef GILTRACE_LINE_RANGES_H
#define GILTRACE_LINE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

struct line_range {
	uint64_t begin, end; /* `end` is not in it */
	uint64_t table;	     /* where that begins in the section */
};

/*
 * Appends the ranges of all tables in `data`, of a little-endian file, to `ranges`. False
 * when a table is damaged, of an earlier DWARF, which leaves a part of it to its unit, or
 * otherwise not understood; the ranges are of no use then.
 */
bool line_ranges_read(GArray *ranges, const unsigned char *data, size_t size);

#endif /* GILTRACE_LINE_RANGES_H */

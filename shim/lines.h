/* The line of a position in Python code, from the code object's own table; all formats since 3.8.
 */
#ifndef GILTRACE_LINES_H
#define GILTRACE_LINES_H

#include "frames.h"

/*
 * `table`: address of the bytes object with the table. 0 when the position has
 * no line, or the table cannot be read.
 */
int32_t lines_find(uintptr_t table, int32_t first_line, int32_t instr,
	enum frames_line_table format, memory_read_fn *read);

#endif /* GILTRACE_LINES_H */

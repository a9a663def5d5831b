/* The line of source that an address comes from, out of DWARF. */
#ifndef GILTRACE_LINE_AT_H
#define GILTRACE_LINE_AT_H

#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>

struct line_source;

/* NULL when `elf` (may be NULL), which has to live as long, has no units of DWARF, or is damaged.
 */
struct line_source *line_source_open(Elf *elf);
void line_source_close(struct line_source *source); /* may be NULL */

/* False when it is not known; `*file` belongs to `source` (may be NULL: nothing is known). */
bool line_at(struct line_source *source, uint64_t address, const char **file, int *line);

#endif /* GILTRACE_LINE_AT_H */

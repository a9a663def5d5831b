/*
 * What an address in a program or library is called: function, and line of
 * source where debug information is installed. Looked up in the files of this
 * machine alone, and only in such as are certainly those that were loaded.
 */
#ifndef GILTRACE_SYMBOLS_H
#define GILTRACE_SYMBOLS_H

#include <stdint.h>

#include "symbols/elf_file.h"

struct symbol {
	char *function;	 /* as the source calls it; NULL when not known */
	uint64_t offset; /* of the address, from its begin */
	char *file;	 /* NULL when not known */
	int line;	 /* 0 when not known */
};

struct symbols;

/* `debug_folder`: where split debug information is installed, NULL for /usr/lib/debug. */
struct symbols *symbols_new(const char *debug_folder);
void symbols_free(struct symbols *symbols);

/*
 * `address`: an instruction of the module, as linked. Never NULL; belongs to
 * `symbols` and lives until the next call.
 */
const struct symbol *symbols_find(
	struct symbols *symbols, const struct module_identity *module, uint64_t address);

#endif /* GILTRACE_SYMBOLS_H */

/* The functions of a module, out of its symbol tables. */
#ifndef GILTRACE_FUNCTIONS_H
#define GILTRACE_FUNCTIONS_H

#include <libelf.h>
#include <stdint.h>

#include <glib.h>

struct function {
	uint64_t begin;
	uint64_t size;
	const char *name; /* as linked; belongs to the Elf */
	int rank;	  /* of several names for the same code that of the highest is used */
};

/* Appends the functions in all symbol tables of `elf` (may be NULL) to `functions`. */
void functions_read(GArray *functions, Elf *elf);

/* The innermost function that covers `address`; NULL when none does. */
const struct function *functions_at(const GArray *functions, uint64_t address);

/* As the source calls it, without parameters. Caller frees. */
char *function_source_name(const char *name);

#endif /* GILTRACE_FUNCTIONS_H */

/* The files that tell of a module: the program or library itself, and its debug information. */
#ifndef GILTRACE_ELF_FILE_H
#define GILTRACE_ELF_FILE_H

#include <libelf.h>
#include <stdint.h>

/* What is known of a module from the trace. Strings are borrowed. */
struct module_identity {
	const char *path;
	const char *build_id; /* hexadecimal; "" when it has none */
	uint64_t size;	      /* from its base to the end of its last segment */
};

struct elf_file {
	Elf *elf; /* NULL: no such file */
	int fd;
};

/*
 * Opens the file at the module's path when it is certainly the one that was
 * loaded: by its build id, or when neither has one, by the size in memory.
 */
struct elf_file elf_file_open(const struct module_identity *module);

/*
 * Opens the debug information that was split from the module: below
 * `debug_folder`/.build-id, else where the .gnu_debuglink of `main` (may have no
 * elf) says. Always of the same build id; a module without one has none.
 */
struct elf_file elf_file_open_debug(const struct module_identity *module,
	const struct elf_file *main, const char *debug_folder);

void elf_file_close(struct elf_file *file);

#endif /* GILTRACE_ELF_FILE_H */

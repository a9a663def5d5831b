/* What an executable file tells about itself without being run. */
#ifndef GILTRACE_ELF_H
#define GILTRACE_ELF_H

#include <stdbool.h>

struct elf_facts {
	bool is_elf;
	bool foreign;	 /* for another machine or word size than giltrace */
	bool dynamic;	 /* has a dynamic loader, the one that heeds LD_PRELOAD */
	bool musl;	 /* and that loader is musl's */
	bool has_python; /* defines or uses the C API of Python, or has its messages inside */
	bool has_pypy;	 /* is PyPy, or a program that has it inside */
	bool has_java;	 /* starts a Java VM */
	bool is_go;	 /* was linked by Go's tools */
};

/* Returns 0 or -errno when `path` cannot be read; a file that is no ELF is no error. */
int elf_read(const char *path, struct elf_facts *facts);

#endif /* GILTRACE_ELF_H */

/* The functions of a module; see functions.h. */
#include "symbols/functions.h"

#include <demangle.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_function(const GElf_Sym *symbol)
{
	const unsigned char type = GELF_ST_TYPE(symbol->st_info);

	/* Of a symbol without a size nobody knows where it ends. */
	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_size > 0;
}

/* A name for others says more than one of the file's own, and that more than an alias. */
static int rank_of(const GElf_Sym *symbol)
{
	switch (GELF_ST_BIND(symbol->st_info)) {
	case STB_GLOBAL:
		return 2;
	case STB_LOCAL:
		return 1;
	default:
		return 0;
	}
}

static void read_table(GArray *functions, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	if (!data || count > INT32_MAX)
		return;
	for (size_t i = 0; i < count && gelf_getsym(data, (int)i, &symbol); i++) {
		const char *name = is_function(&symbol)
					   ? elf_strptr(elf, header->sh_link, symbol.st_name)
					   : NULL;
		const struct function function = {
			symbol.st_value, symbol.st_size, name, rank_of(&symbol)};

		if (name && *name)
			g_array_append_val(functions, function);
	}
}

void functions_read(GArray *functions, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	if (!elf)
		return;
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
			(header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
			read_table(functions, elf, section, &header);
}

/* Whether it tells more of the same address; of equal ones any, but always the same. */
static bool is_better(const struct function *one, const struct function *other)
{
	if (one->begin != other->begin)
		return one->begin > other->begin;
	if (one->size != other->size)
		return one->size < other->size;
	if (one->rank != other->rank)
		return one->rank > other->rank;
	return strcmp(one->name, other->name) < 0;
}

const struct function *functions_at(const GArray *functions, uint64_t address)
{
	const struct function *best = NULL;

	for (guint i = 0; i < functions->len; i++) {
		const struct function *function = &g_array_index(functions, struct function, i);

		if (address >= function->begin && address - function->begin < function->size &&
			(!best || is_better(function, best)))
			best = function;
	}
	return best;
}

char *function_source_name(const char *name)
{
	/* The version that the linker appends: memcpy@@GLIBC_2.14. */
	g_autofree char *bare = g_strndup(name, strcspn(name, "@"));
	char *readable = NULL, *copy;

	if (g_str_has_prefix(bare, "_R") || g_str_has_prefix(bare, "_Z"))
		readable = rust_demangle(bare, DMGL_NO_OPTS);
	if (!readable && g_str_has_prefix(bare, "_Z"))
		readable = cplus_demangle_v3(bare, DMGL_NO_OPTS);
	if (!readable || !*readable) {
		free(readable);
		return g_steal_pointer(&bare);
	}
	copy = g_strdup(readable);
	free(readable);
	return copy;
}

/* The sections of DWARF in a file; see debug_sections.h. */
#include "symbols/debug_sections.h"

#include <gelf.h>
#include <string.h>

bool debug_sections_end_strings(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_STRINGS) ||
			(header.sh_flags & SHF_COMPRESSED) || header.sh_type == SHT_NOBITS)
			continue;
		data = elf_rawdata(section, NULL);
		if (data && data->d_size && ((const char *)data->d_buf)[data->d_size - 1])
			return false;
	}
	return true;
}

/* NULL unless it is one of DWARF, with something in it. */
static const char *name_of(Elf *elf, Elf_Scn *section)
{
	GElf_Shdr header;
	const char *name;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0 || !gelf_getshdr(section, &header) ||
		header.sh_type != SHT_PROGBITS || header.sh_size == 0)
		return NULL;
	name = elf_strptr(elf, names, header.sh_name);
	/* With z: in the packing that GNU once had. */
	if (name && (g_str_has_prefix(name, ".debug_") || g_str_has_prefix(name, ".zdebug_")))
		return name;
	return NULL;
}

Elf_Scn *debug_section(Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section)))
		if (g_strcmp0(name_of(elf, section), name) == 0)
			return section;
	return NULL;
}

/* In the copy of the header that is in memory. */
static void set_type(Elf_Scn *section, GElf_Word type)
{
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header))
		return;
	header.sh_type = type;
	gelf_update_shdr(section, &header);
}

void debug_sections_hide(Elf *elf, bool (*hidden)(const char *name), GPtrArray *sections)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		const char *name = name_of(elf, section);

		if (!name || !hidden(name))
			continue;
		set_type(section, SHT_NOBITS);
		if (sections)
			g_ptr_array_add(sections, section);
	}
}

void debug_sections_show(const GPtrArray *sections)
{
	for (guint i = 0; i < sections->len; i++)
		set_type(sections->pdata[i], SHT_PROGBITS);
}

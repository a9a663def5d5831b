/* What an executable file tells about itself; see elf.h. */
#include "record/elf.h"

#include <elf.h>
#include <errno.h>
#include <glib.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

typedef ElfW(Ehdr) elf_head;
typedef ElfW(Phdr) elf_segment;
typedef ElfW(Dyn) elf_dynamic;

/* What every interpreter and every program that embeds one has in its dynamic string table. */
static const char *const python_names[] = {"Py_BytesMain", "Py_Initialize", "libpython", "libpypy"};

/* A file mapped into memory, read with bounds checked. */
struct image {
	const char *bytes;
	size_t size;
};

static bool read_at(const struct image *image, uint64_t offset, void *to, size_t size)
{
	if (offset > image->size || image->size - offset < size)
		return false;
	memcpy(to, image->bytes + offset, size);
	return true;
}

static bool segment_at(
	const struct image *image, const elf_head *head, unsigned i, elf_segment *segment)
{
	return read_at(
		image, head->e_phoff + (uint64_t)i * head->e_phentsize, segment, sizeof(*segment));
}

/* Where in the file the byte is that will be loaded at `address`. */
static bool offset_of(
	const struct image *image, const elf_head *head, uint64_t address, uint64_t *offset)
{
	elf_segment segment;

	for (unsigned i = 0; i < head->e_phnum && segment_at(image, head, i, &segment); i++) {
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
			address - segment.p_vaddr < segment.p_filesz) {
			*offset = address - segment.p_vaddr + segment.p_offset;
			return true;
		}
	}
	return false;
}

static bool names_python(
	const struct image *image, const elf_head *head, const elf_segment *dynamic)
{
	elf_dynamic entry;
	uint64_t table = 0;
	uint64_t size = 0;
	uint64_t offset;

	for (uint64_t at = 0; at + sizeof(entry) <= dynamic->p_filesz; at += sizeof(entry)) {
		if (!read_at(image, dynamic->p_offset + at, &entry, sizeof(entry)) ||
			entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_STRTAB)
			table = entry.d_un.d_ptr;
		if (entry.d_tag == DT_STRSZ)
			size = entry.d_un.d_val;
	}
	if (!offset_of(image, head, table, &offset) || offset > image->size ||
		size > image->size - offset)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(python_names); i++)
		if (memmem(image->bytes + offset, size, python_names[i], strlen(python_names[i])))
			return true;
	return false;
}

static void read_segments(const struct image *image, const elf_head *head, struct elf_facts *facts)
{
	elf_segment segment;

	for (unsigned i = 0; i < head->e_phnum && segment_at(image, head, i, &segment); i++) {
		if (segment.p_type == PT_INTERP) {
			facts->dynamic = true;
			facts->musl = segment.p_offset <= image->size &&
				      segment.p_filesz <= image->size - segment.p_offset &&
				      memmem(image->bytes + segment.p_offset, segment.p_filesz,
					      "ld-musl", strlen("ld-musl"));
		} else if (segment.p_type == PT_DYNAMIC) {
			facts->has_python = names_python(image, head, &segment);
		}
	}
}

/* The machine giltrace itself was built for. */
static uint16_t own_machine(void)
{
	GMappedFile *file = g_mapped_file_new("/proc/self/exe", FALSE, NULL);
	elf_head head = {.e_machine = EM_NONE};

	if (file && g_mapped_file_get_length(file) >= sizeof(head))
		memcpy(&head, g_mapped_file_get_contents(file), sizeof(head));
	if (file)
		g_mapped_file_unref(file);
	return head.e_machine;
}

int elf_read(const char *path, struct elf_facts *facts)
{
	GError *problem = NULL;
	GMappedFile *file = g_mapped_file_new(path, FALSE, &problem);
	struct image image;
	elf_head head;

	memset(facts, 0, sizeof(*facts));
	if (!file) {
		int code =
			g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_ACCES) ? -EACCES : -EIO;

		g_error_free(problem);
		return code;
	}
	image.bytes = g_mapped_file_get_contents(file);
	image.size = g_mapped_file_get_length(file);
	facts->is_elf = image.size >= SELFMAG && memcmp(image.bytes, ELFMAG, SELFMAG) == 0;
	if (facts->is_elf) {
		facts->foreign =
			!read_at(&image, 0, &head, sizeof(head)) ||
			head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
			head.e_machine != own_machine();
		if (!facts->foreign)
			read_segments(&image, &head, facts);
	}
	g_mapped_file_unref(file);
	return 0;
}

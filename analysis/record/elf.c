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
static const char *const python_names[] = {
	"Py_BytesMain", "Py_Initialize", "libpython", "libpypy", NULL};
static const char *const pypy_names[] = {"libpypy", NULL};
static const char *const java_names[] = {"libjli.so", "libjvm.so", "JNI_CreateJavaVM", NULL};

/* And of those without such a table, anywhere. */
static const char python_message[] = "Fatal Python error";

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

static bool contains(const char *bytes, size_t size, const char *const *names)
{
	for (; *names; names++)
		if (memmem(bytes, size, *names, strlen(*names)))
			return true;
	return false;
}

static void read_names(const struct image *image, const elf_head *head, const elf_segment *dynamic,
	struct elf_facts *facts)
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
		return;
	facts->has_python = contains(image->bytes + offset, size, python_names);
	facts->has_pypy = contains(image->bytes + offset, size, pypy_names);
	facts->has_java = contains(image->bytes + offset, size, java_names);
}

/* Go's linker leaves a note of its own, by the name "Go". */
static bool has_go_note(const struct image *image, const elf_segment *notes)
{
	ElfW(Nhdr) note;
	char name[4];

	for (uint64_t at = 0; at < notes->p_filesz;) {
		if (!read_at(image, notes->p_offset + at, &note, sizeof(note)))
			return false;
		if (note.n_namesz == sizeof(name) &&
			read_at(image, notes->p_offset + at + sizeof(note), name, sizeof(name)) &&
			memcmp(name, "Go\0", sizeof(name)) == 0)
			return true;
		at += sizeof(note) + (((uint64_t)note.n_namesz + 3) & ~UINT64_C(3)) +
		      (((uint64_t)note.n_descsz + 3) & ~UINT64_C(3));
	}
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
			read_names(image, head, &segment, facts);
		} else if (segment.p_type == PT_NOTE) {
			facts->is_go = facts->is_go || has_go_note(image, &segment);
		}
	}
	if (!facts->dynamic)
		facts->has_python = memmem(image->bytes, image->size, python_message,
					    strlen(python_message)) != NULL;
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

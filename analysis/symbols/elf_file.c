/* The files that tell of a module; see elf_file.h. */
#include "symbols/elf_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

static const struct elf_file no_file = {NULL, -1};

void elf_file_close(struct elf_file *file)
{
	if (file->elf)
		elf_end(file->elf);
	if (file->fd >= 0)
		close(file->fd);
	*file = no_file;
}

/* The path of a trace can be anything: a pipe that never answers, a device. */
static struct elf_file open_elf(const char *path)
{
	struct elf_file file = {NULL, open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
	struct stat stat;

	if (file.fd >= 0 && fstat(file.fd, &stat) == 0 && S_ISREG(stat.st_mode))
		file.elf = elf_begin(file.fd, ELF_C_READ, NULL); /* mapped, it could be cut */
	if (!file.elf || elf_kind(file.elf) != ELF_K_ELF)
		elf_file_close(&file);
	return file;
}

/* In hexadecimal, "" when there is none. Caller frees. */
static char *build_id_of(Elf *elf)
{
	const void *bytes;
	ssize_t length = dwelf_elf_gnu_build_id(elf, &bytes);
	GString *text = g_string_new(NULL);

	for (ssize_t i = 0; i < length; i++)
		g_string_append_printf(text, "%02x", ((const unsigned char *)bytes)[i]);
	return g_string_free(text, FALSE);
}

static uint64_t size_in_memory(Elf *elf)
{
	uint64_t size = 0;
	size_t count;

	if (elf_getphdrnum(elf, &count) != 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;

		if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_LOAD)
			size = MAX(size, segment.p_vaddr + segment.p_memsz);
	}
	return size;
}

static bool is_loaded_one(Elf *elf, const struct module_identity *module)
{
	g_autofree char *build_id = build_id_of(elf);

	if (strcmp(build_id, module->build_id) != 0)
		return false;
	return *build_id || size_in_memory(elf) == module->size;
}

struct elf_file elf_file_open(const struct module_identity *module)
{
	struct elf_file file = no_file;

	if (g_path_is_absolute(module->path))
		file = open_elf(module->path);
	if (file.elf && !is_loaded_one(file.elf, module))
		elf_file_close(&file);
	return file;
}

static struct elf_file open_debug(const char *path, const struct module_identity *module)
{
	struct elf_file file = open_elf(path);
	g_autofree char *build_id = file.elf ? build_id_of(file.elf) : NULL;

	if (build_id && strcmp(build_id, module->build_id) != 0)
		elf_file_close(&file);
	return file;
}

/* Where gdb looks, too. */
static struct elf_file open_linked(
	const struct module_identity *module, Elf *main, const char *debug_folder)
{
	GElf_Word checksum; /* says less than the build id */
	const char *name = dwelf_elf_gnu_debuglink(main, &checksum);
	g_autofree char *folder = g_path_get_dirname(module->path);
	struct elf_file file = no_file;
	char *candidates[3];

	/* The name of a file, not the way to another folder. */
	if (!name || strchr(name, '/'))
		return no_file;
	candidates[0] = g_build_filename(folder, name, NULL);
	candidates[1] = g_build_filename(folder, ".debug", name, NULL);
	candidates[2] = g_build_filename(debug_folder, folder, name, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
		if (!file.elf)
			file = open_debug(candidates[i], module);
		g_free(candidates[i]);
	}
	return file;
}

/* What a trace claims to be a build id becomes part of a path. */
static bool is_build_id(const char *text)
{
	return strlen(text) > 2 && strspn(text, "0123456789abcdef") == strlen(text);
}

struct elf_file elf_file_open_debug(
	const struct module_identity *module, const struct elf_file *main, const char *debug_folder)
{
	g_autofree char *path = NULL;
	struct elf_file file;

	if (!is_build_id(module->build_id))
		return no_file;
	path = g_strdup_printf(
		"%s/.build-id/%.2s/%s.debug", debug_folder, module->build_id, module->build_id + 2);
	file = open_debug(path, module);
	if (!file.elf && main->elf)
		file = open_linked(module, main->elf, debug_folder);
	return file;
}

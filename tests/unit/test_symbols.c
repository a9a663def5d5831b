/* Names for addresses, in real ELF files: whole, stripped, split, exchanged, damaged, gone. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "symbols/frames.h"
#include "symbols/symbols.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define OTHER_ID "ff23456789abcdef"
#define NOWHERE "/nowhere"

enum place { KNOWN, STATIC, PLUS, RUST, SIZELESS, PLACES };

static uint64_t places[PLACES]; /* as linked */
static uint64_t size_in_memory;

static int measure(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	if (info->dlpi_addr != *(uint64_t *)base)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD)
			size_in_memory = MAX(size_in_memory,
				info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz);
	return 1;
}

static int load_sample(void **state)
{
	void *handle = dlopen(SAMPLES "/nameless.so", RTLD_NOW);
	const void *const *addresses;
	struct link_map *map;
	uint64_t base;

	(void)state;
	if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
		return -1;
	base = map->l_addr;
	dl_iterate_phdr(measure, &base);
	dlclose(handle);
	handle = dlopen(SAMPLES "/whole.so", RTLD_NOW);
	if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
		return -1;
	addresses = dlsym(handle, "sample_addresses");
	for (int i = 0; i < PLACES; i++)
		places[i] = (uintptr_t)addresses[i] - map->l_addr;
	return dlclose(handle);
}

/* `line` is that of the only statement; the function's head is two above. */
static void check(const char *file, const char *id, const char *debug, enum place place,
	const char *function, int line)
{
	const struct module_identity module = {file, id, 0};
	struct symbols *symbols = symbols_new(debug);
	const struct symbol *symbol = symbols_find(symbols, &module, places[place] + 1);

	assert_ptr_equal(symbol, symbols_find(symbols, &module, places[place] + 1));
	if (!function)
		assert_null(symbol->function);
	else
		assert_string_equal(symbol->function, function);
	if (function)
		assert_int_equal(symbol->offset, 1);
	assert_true(symbol->line >= (line ? line - 2 : 0) && symbol->line <= line);
	if (!line)
		assert_null(symbol->file);
	else
		assert_non_null(strstr(symbol->file, "/samples/sample.c"));
	symbols_free(symbols);
}

static void test_whole(void **state)
{
	(void)state;
	check(SAMPLES "/whole.so", ID, NOWHERE, KNOWN, "sample_known", 9);
	check(SAMPLES "/whole.so", ID, NOWHERE, STATIC, "sample_static", 14);
	check(SAMPLES "/whole.so", ID, NOWHERE, PLUS, "foo::decode", 19);
	check(SAMPLES "/whole.so", ID, NOWHERE, RUST, "gears::mesh", 24);
	check(SAMPLES "/whole.so", ID, NOWHERE, SIZELESS, NULL, 0);
}

/* Packed; the tables of lines of the older one say less by themselves. */
static void test_each_dwarf(void **state)
{
	static const char *const files[] = {SAMPLES "/dwarf4.so", SAMPLES "/dwarf5.so"};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		check(files[i], ID, NOWHERE, KNOWN, "sample_known", 9);
		check(files[i], ID, NOWHERE, STATIC, "sample_static", 14);
		check(files[i], ID, NOWHERE, SIZELESS, NULL, 0);
	}
}

static void test_without_debug_information(void **state)
{
	(void)state;
	check(SAMPLES "/local.so", ID, NOWHERE, KNOWN, "sample_known", 0);
	check(SAMPLES "/local.so", ID, NOWHERE, STATIC, "sample_static", 0);
	check(SAMPLES "/stripped.so", ID, NOWHERE, KNOWN, "sample_known", 0);
	check(SAMPLES "/stripped.so", ID, NOWHERE, STATIC, NULL, 0);
	check(SAMPLES "/stripped.so", ID, NOWHERE, PLUS, "foo::decode", 0);
}

static void test_split(void **state)
{
	(void)state;
	check(SAMPLES "/stripped.so", ID, SAMPLES "/debug", STATIC, "sample_static", 14);
	check(SAMPLES "/linked.so", ID, NOWHERE, STATIC, "sample_static", 14);
	/* The debug information alone will do, when the library is gone or was exchanged. */
	check("/nowhere/gone.so", ID, SAMPLES "/debug", STATIC, "sample_static", 14);
	check(SAMPLES "/other.so", ID, SAMPLES "/debug", STATIC, "sample_static", 14);
}

static void test_another_file(void **state)
{
	(void)state;
	check(SAMPLES "/other.so", ID, NOWHERE, KNOWN, NULL, 0);
	check(SAMPLES "/whole.so", OTHER_ID, SAMPLES "/debug", KNOWN, NULL, 0);
	check(SAMPLES "/whole.so", "", SAMPLES "/debug", KNOWN, NULL, 0);
	check(SAMPLES "/nameless.so", ID, NOWHERE, KNOWN, NULL, 0);
	check("/nowhere/gone.so", ID, NOWHERE, KNOWN, NULL, 0);
	check("", ID, NOWHERE, KNOWN, NULL, 0);
	check("whole.so", ID, NOWHERE, KNOWN, NULL, 0); /* of which folder? */
	check("[vdso]", "", NOWHERE, KNOWN, NULL, 0);
	check("/dev/zero", "", NOWHERE, KNOWN, NULL, 0);
	check(SAMPLES, "", NOWHERE, KNOWN, NULL, 0);
	check(SAMPLES "/gone.so", "../01/23456789", SAMPLES "/debug", KNOWN, NULL, 0);
	check(SAMPLES "/gone.so", "0", SAMPLES "/debug", KNOWN, NULL, 0);
}

/* Without a build id the size in memory tells one from another. */
static void test_without_build_id(void **state)
{
	struct module_identity module = {SAMPLES "/nameless.so", "", size_in_memory};
	struct symbols *symbols = symbols_new(NOWHERE);

	(void)state;
	assert_true(size_in_memory > 0);
	assert_true(symbols_find(symbols, &module, places[KNOWN])->function != NULL);
	module.size++;
	assert_null(symbols_find(symbols, &module, places[KNOWN])->function);
	symbols_free(symbols);
}

/* From the first byte of a function to its last, and no further. */
static void test_edges(void **state)
{
	const struct module_identity module = {SAMPLES "/whole.so", ID, 0};
	struct symbols *symbols = symbols_new(NOWHERE);
	uint64_t covered = 0;

	(void)state;
	for (uint64_t at = places[KNOWN]; symbols_find(symbols, &module, at)->function; at++)
		if (strcmp(symbols_find(symbols, &module, at)->function, "sample_known") == 0)
			assert_int_equal(symbols_find(symbols, &module, at)->offset, covered++);
	assert_true(covered > 1 && covered < 64);
	assert_null(symbols_find(symbols, &module, 0)->function);
	assert_null(symbols_find(symbols, &module, UINT64_MAX)->function);
	symbols_free(symbols);
}

static void test_more_modules_than_stay_open(void **state)
{
	struct symbols *symbols = symbols_new(NOWHERE);

	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		const struct module_identity module = {SAMPLES "/whole.so", ID, i};

		assert_string_equal(
			symbols_find(symbols, &module, places[KNOWN])->function, "sample_known");
	}
	symbols_free(symbols);
}

/* Asks for everything that a file may claim; whatever the answer, nothing may break. */
static void ask_all(const char *path)
{
	static const char *const ids[] = {ID, ""};
	struct symbols *symbols = symbols_new(SAMPLES "/debug");

	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
		for (int place = 0; place < PLACES; place++) {
			const struct module_identity module = {path, ids[i], size_in_memory};

			symbols_find(symbols, &module, places[place]);
		}
	symbols_free(symbols);
}

static void test_damaged(void **state)
{
	g_autofree char *bytes = NULL, *folder = g_dir_make_tmp("giltrace-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "damaged.so", NULL);
	GRand *random = g_rand_new_with_seed(7);
	gsize length;

	(void)state;
	assert_true(g_file_get_contents(SAMPLES "/whole.so", &bytes, &length, NULL));
	for (gsize cut = 0; cut < length; cut += length / 64) {
		assert_true(g_file_set_contents(path, bytes, (gssize)cut, NULL));
		ask_all(path);
	}
	for (int round = 0; round < 300; round++) {
		g_autofree char *damaged = g_memdup2(bytes, length);

		/* The headers are at both ends, and all of DWARF before the last. */
		for (int i = 0; i < 8; i++) {
			gsize at = (gsize)g_rand_int_range(random, 0, (gint32)length);

			if (round % 3 == 0)
				at %= 1024;
			else if (round % 3 == 1)
				at = length - 1 - at % 4096;
			damaged[at] = (char)g_rand_int_range(random, 0, 256);
		}
		assert_true(g_file_set_contents(path, damaged, (gssize)length, NULL));
		ask_all(path);
	}
	g_rand_free(random);
	g_unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	ask_all(path); /* nobody ever writes to it */
	g_unlink(path);
	g_rmdir(folder);
}

static int none(const struct process_report *process, const struct stack_report *stack)
{
	(void)process;
	(void)stack;
	return -1;
}

static int first(const struct process_report *process, const struct stack_report *stack)
{
	(void)process;
	(void)stack;
	return 0;
}

/* Of a caller the address behind the call is known, of what ran that of the instruction itself. */
static void test_frames_of_a_report(void **state)
{
	struct module_report module = {
		.path = (char *)SAMPLES "/whole.so", .build_id = (char *)ID, .size = 1};
	struct native_frame frames[] = {{.module = 0, .offset = places[STATIC]},
		{.module = 0, .offset = places[STATIC]}, {.module = -1, .offset = places[STATIC]}};
	struct stack_report stack = {
		.kind = STACK_UNANSWERED, .native = frames, .native_count = G_N_ELEMENTS(frames)};
	struct gil_report gil = {.stacks = &stack, .stack_count = 1};
	struct process_report process = {
		.modules = &module, .module_count = 1, .gils = &gil, .gil_count = 1};
	struct report report = {.processes = &process, .process_count = 1};

	(void)state;
	frames_name(&report, none);
	assert_null(frames[0].function);
	frames_name(&report, first);
	assert_string_equal(frames[0].function, "sample_static");
	assert_null(frames[1].function);
	g_clear_pointer(&frames[0].function, g_free);
	g_clear_pointer(&frames[0].file, g_free);
	frames_name(&report, NULL);
	assert_string_equal(frames[0].function, "sample_static");
	assert_true(frames[0].line >= 12 && frames[0].line <= 14);
	assert_true(!frames[1].function || strcmp(frames[1].function, "sample_static") != 0);
	assert_null(frames[2].function);
	for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
		g_free(frames[i].function);
		g_free(frames[i].file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_each_dwarf),
		cmocka_unit_test(test_without_debug_information),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_another_file),
		cmocka_unit_test(test_without_build_id),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_more_modules_than_stay_open),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_frames_of_a_report),
	};

	return cmocka_run_group_tests_name("symbols", tests, load_sample, NULL);
}

/*
 * The native frames in a copy of a thread's stack; see remote.h.
 *
 * libunwind's interface for other processes serves for it: registers and stack
 * come out of the copy, unwind tables out of our own memory, read by the kernel
 * so that what is unloaded meanwhile is an error and no crash.
 */
#include "lttng/remote.h"

#include <libunwind.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#include "lttng/copy.h"
#include "memory.h"

/* Exported by libunwind for tools such as perf, but in none of its headers. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip,
	unw_dyn_info_t *table, unw_proc_info_t *found, int need_unwind_info, void *argument);

enum { PAGE_BYTES = 4096, PAGES = 128 };

/* Pages of unwind tables: libunwind reads them byte by byte. */
static struct page {
	uintptr_t begin; /* 0: none */
	unsigned char bytes[PAGE_BYTES];
} pages[PAGES];

struct walk {
	const struct stack_copy *copy;
	struct memo *memo;
	uintptr_t module, module_end; /* that the instruction is in */
};

static bool read_page(uintptr_t from, void *to, size_t size)
{
	struct page *page = &pages[from / PAGE_BYTES % PAGES];
	uintptr_t begin = from - from % PAGE_BYTES;

	if (page->begin != begin) {
		page->begin = 0;
		if (!memory_read_foreign(page->bytes, begin, PAGE_BYTES))
			return false;
		page->begin = begin;
	}
	memcpy(to, page->bytes + (from - begin), size);
	return true;
}

static bool read_table(uintptr_t from, void *to, size_t size)
{
	size_t first = PAGE_BYTES - from % PAGE_BYTES;

	if (first >= size)
		return read_page(from, to, size);
	return read_page(from, to, first) &&
	       read_page(from + first, (char *)to + first, size - first);
}

/* Of the stack, where it is copied, of the tables, or of who knows what. */
static bool read_word(const struct walk *walk, uintptr_t from, unw_word_t *word)
{
	const struct stack_copy *copy = walk->copy;
	size_t offset = from - copy->begin;

	if (from - walk->module < walk->module_end - walk->module)
		return read_table(from, word, sizeof(*word));
	if (offset < copy->size && copy->size - offset >= sizeof(*word)) {
		memcpy(word, copy->bytes + offset, sizeof(*word));
		memo_word(walk->memo, offset, *word);
		return true;
	}
	memo_overflow(walk->memo);
	return memory_read_foreign(word, from, sizeof(*word));
}

struct search {
	uintptr_t ip;
	uintptr_t begin, end; /* of the segment with it */
	uintptr_t header;     /* of its index of unwind tables; 0: none */
	uintptr_t module, module_end;
};

static int find_segment(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *search = data;
	uintptr_t header = 0, module = UINTPTR_MAX, module_end = 0;
	bool found = false;

	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t begin = info->dlpi_addr + segment->p_vaddr;

		if (segment->p_type == PT_GNU_EH_FRAME)
			header = begin;
		if (segment->p_type != PT_LOAD)
			continue;
		if (begin < module)
			module = begin;
		if (begin + segment->p_memsz > module_end)
			module_end = begin + segment->p_memsz;
		if (search->ip - begin >= segment->p_memsz)
			continue;
		search->begin = begin;
		search->end = begin + segment->p_memsz;
		found = true;
	}
	if (found) {
		search->header = header;
		search->module = module;
		search->module_end = module_end;
	}
	return found;
}

/* As the linkers write it: version, encodings of a pointer, of a number, of the table. */
static const unsigned char known_header[] = {1, 0x1b, 0x03, 0x3b};

static int find_proc_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t *found,
	int need_unwind_info, void *argument)
{
	struct walk *walk = argument;
	struct search search = {.ip = ip};
	unsigned char encodings[sizeof(known_header)];
	unw_dyn_info_t table = {.format = UNW_INFO_FORMAT_REMOTE_TABLE};
	uint32_t count;

	dl_iterate_phdr(find_segment, &search);
	walk->module = search.module;
	walk->module_end = search.module_end;
	if (!search.header || !read_table(search.header, encodings, sizeof(encodings)) ||
		memcmp(encodings, known_header, sizeof(encodings)) != 0 ||
		!read_table(search.header + 8, &count, sizeof(count)))
		return -UNW_ENOINFO;
	table.start_ip = search.begin;
	table.end_ip = search.end;
	table.u.rti.segbase = search.header;
	table.u.rti.table_data = search.header + 12;
	table.u.rti.table_len = count * UINT64_C(8) / sizeof(unw_word_t);
	return UNW_OBJ(dwarf_search_unwind_table)(
		space, ip, &table, found, need_unwind_info, argument);
}

static void put_unwind_info(unw_addr_space_t space, unw_proc_info_t *info, void *argument)
{
	(void)space;
	(void)info;
	(void)argument;
}

static int get_dynamic_info(unw_addr_space_t space, unw_word_t *address, void *argument)
{
	(void)space;
	(void)address;
	(void)argument;
	return -UNW_ENOINFO;
}

static int access_memory(
	unw_addr_space_t space, unw_word_t address, unw_word_t *value, int write, void *argument)
{
	(void)space;
	if (write || !read_word(argument, address, value))
		return -UNW_EINVAL;
	return 0;
}

static int access_register(
	unw_addr_space_t space, unw_regnum_t number, unw_word_t *value, int write, void *argument)
{
	static const int places[] = {[UNW_X86_64_RAX] = REG_RAX,
		[UNW_X86_64_RDX] = REG_RDX,
		[UNW_X86_64_RCX] = REG_RCX,
		[UNW_X86_64_RBX] = REG_RBX,
		[UNW_X86_64_RSI] = REG_RSI,
		[UNW_X86_64_RDI] = REG_RDI,
		[UNW_X86_64_RBP] = REG_RBP,
		[UNW_X86_64_RSP] = REG_RSP,
		[UNW_X86_64_R8] = REG_R8,
		[UNW_X86_64_R9] = REG_R9,
		[UNW_X86_64_R10] = REG_R10,
		[UNW_X86_64_R11] = REG_R11,
		[UNW_X86_64_R12] = REG_R12,
		[UNW_X86_64_R13] = REG_R13,
		[UNW_X86_64_R14] = REG_R14,
		[UNW_X86_64_R15] = REG_R15,
		[UNW_X86_64_RIP] = REG_RIP};
	const struct walk *walk = argument;

	(void)space;
	if (write || number < 0 || number >= (int)(sizeof(places) / sizeof(places[0])))
		return -UNW_EBADREG;
	*value = (unw_word_t)walk->copy->registers[places[number]];
	memo_register(walk->memo, places[number], *value);
	/* It takes this for where a call goes on, and looks at the instruction before. */
	if (number == UNW_REG_IP)
		++*value;
	return 0;
}

static int access_float(
	unw_addr_space_t space, unw_regnum_t number, unw_fpreg_t *value, int write, void *argument)
{
	(void)space;
	(void)number;
	(void)value;
	(void)write;
	(void)argument;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t space, unw_cursor_t *cursor, void *argument)
{
	(void)space;
	(void)cursor;
	(void)argument;
	return -UNW_EINVAL;
}

static int name_procedure(unw_addr_space_t space, unw_word_t address, char *name, size_t size,
	unw_word_t *offset, void *argument)
{
	(void)space;
	(void)address;
	(void)name;
	(void)size;
	(void)offset;
	(void)argument;
	return -UNW_ENOINFO;
}

static unw_accessors_t accessors = {
	.find_proc_info = find_proc_info,
	.put_unwind_info = put_unwind_info,
	.get_dyn_info_list_addr = get_dynamic_info,
	.access_mem = access_memory,
	.access_reg = access_register,
	.access_fpreg = access_float,
	.resume = resume,
	.get_proc_name = name_procedure,
};

void remote_unwind(const struct stack_copy *copy, struct memo *memo)
{
	struct walk walk = {.copy = copy, .memo = memo};
	unw_addr_space_t space = unw_create_addr_space(&accessors, 0);
	unw_cursor_t cursor;
	unw_word_t ip;

	memo_begin(memo, copy);
	if (!space)
		return;
	unw_set_caching_policy(space, UNW_CACHE_NONE);
	if (unw_init_remote(&cursor, space, &walk) == 0)
		while (unw_get_reg(&cursor, UNW_REG_IP, &ip) == 0 && ip) {
			if (!memo_frame(memo, memo->count ? ip : ip - 1) || unw_step(&cursor) <= 0)
				break;
		}
	unw_destroy_addr_space(space);
	memo_end(memo);
}

void remote_forget(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		pages[i].begin = 0;
}

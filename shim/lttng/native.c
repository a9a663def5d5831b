/* Native stacks; see native.h. */
#include "lttng/native.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "descriptors.h"
#include "lttng/memo.h"

#ifdef __x86_64__
#include "lttng/copy.h"
#include "lttng/interrupt.h"
#include "lttng/remote.h"
#endif

enum { MODULES = 256, BUILD_ID_BYTES = 32 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Of what the audience was told; all with `lock` held. */
static struct {
	uint32_t audience;
	unsigned long long
		unloads; /* libraries unloaded until then: their addresses may be used again */
	unsigned count;
	uintptr_t bases[MODULES];
} told;

/* This library and the one that calls it: the innermost frames of every stack. */
static struct {
	uintptr_t begin, end;
} own[2];
static unsigned own_count;

struct search {
	const uint64_t *addresses;
	unsigned count;
	uint32_t audience;
	void (*write)(const struct module_record *);
};

static bool is_told(uintptr_t base)
{
	for (unsigned i = 0; i < told.count; i++)
		if (told.bases[i] == base)
			return true;
	return false;
}

/* The largest address that belongs to the module. */
static uintptr_t end_of(const struct dl_phdr_info *info)
{
	uintptr_t end = info->dlpi_addr;

	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t segment_end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;

		if (segment->p_type == PT_LOAD && segment_end > end)
			end = segment_end;
	}
	return end;
}

static bool has_address(const struct search *search, const struct dl_phdr_info *info)
{
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t begin = info->dlpi_addr + segment->p_vaddr;

		for (unsigned k = 0; segment->p_type == PT_LOAD && k < search->count; k++)
			if (search->addresses[k] - begin < segment->p_memsz)
				return true;
	}
	return false;
}

/* The GNU build id among the notes of a segment, in hexadecimal. */
static bool copy_build_id(uintptr_t notes, size_t size, char *text)
{
	const uintptr_t end = notes + size;

	while (notes + sizeof(ElfW(Nhdr)) <= end) {
		const ElfW(Nhdr) *note = (const void *)notes;
		const char *name = (const char *)(note + 1);
		const unsigned char *bytes = (const void *)(name + (note->n_namesz + 3U) / 4 * 4);

		notes = (uintptr_t)bytes + (note->n_descsz + 3U) / 4 * 4;
		if (notes > end)
			break;
		if (note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4 ||
			memcmp(name, "GNU", 4) != 0 || note->n_descsz > BUILD_ID_BYTES)
			continue;
		for (unsigned i = 0; i < note->n_descsz; i++)
			sprintf(text + 2 * (size_t)i, "%02x", bytes[i]);
		return true;
	}
	return false;
}

/*
 * The program itself has no name there, and what was loaded by a relative path only that:
 * from the folder of today, which the build id confirms, or not.
 */
static const char *path_of(const struct dl_phdr_info *info, char *path, size_t size)
{
	const char *name = info->dlpi_name;
	ssize_t length;

	if (!name[0]) {
		length = readlink("/proc/self/exe", path, size - 1);
		path[length > 0 ? length : 0] = '\0';
		return path;
	}
	if (name[0] == '/' || !strchr(name, '/') || !getcwd(path, size))
		return name;
	length = (ssize_t)strlen(path);
	if ((size_t)length + 1 + strlen(name) >= size)
		return name;
	path[length] = '/';
	strcpy(path + length + 1, name);
	return path;
}

static void describe(const struct search *search, const struct dl_phdr_info *info)
{
	char build_id[2 * BUILD_ID_BYTES + 1] = "";
	char path[1024];
	struct module_record record = {
		.pid = getpid(),
		.tid = gettid(),
		.base = info->dlpi_addr,
		.size = end_of(info) - info->dlpi_addr,
		.build_id = build_id,
		.path = path_of(info, path, sizeof(path)),
	};

	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type == PT_NOTE && copy_build_id(info->dlpi_addr + segment->p_vaddr,
							  segment->p_memsz, build_id))
			break;
	}
	search->write(&record);
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct search *search = data;

	(void)size;
	if (told.audience != search->audience || told.unloads != info->dlpi_subs) {
		told.audience = search->audience;
		told.unloads = info->dlpi_subs;
		told.count = 0;
	}
	if (!has_address(search, info) || is_told(info->dlpi_addr))
		return 0;
	describe(search, info);
	if (told.count < MODULES)
		told.bases[told.count++] = info->dlpi_addr;
	return 0;
}

static int find_own(struct dl_phdr_info *info, size_t size, void *callers)
{
	const uint64_t inside[] = {(uintptr_t)native_stack, (uintptr_t)callers};
	const struct search search = {.addresses = inside, .count = 2};

	(void)size;
	if (!has_address(&search, info))
		return 0;
	own[own_count].begin = info->dlpi_addr;
	own[own_count].end = end_of(info);
	return ++own_count == 2;
}

static bool is_own(uintptr_t address)
{
	for (unsigned i = 0; i < own_count; i++)
		if (address >= own[i].begin && address < own[i].end)
			return true;
	return false;
}

#ifdef __x86_64__
static int read_unloads(struct dl_phdr_info *info, size_t size, void *unloads)
{
	(void)size;
	*(unsigned long long *)unloads = info->dlpi_subs;
	return 1;
}

/* What was read of a library's tables is good until one is unloaded. */
static void forget_unloaded(void)
{
	static unsigned long long seen; /* with `lock` held */
	unsigned long long unloads = seen;

	dl_iterate_phdr(read_unloads, &unloads);
	if (unloads == seen)
		return;
	seen = unloads;
	memo_forget();
	remote_forget();
}

static bool is_known(const struct memo *memo, struct stack_copy *copy)
{
	size_t span = memo_span(memo, copy);

	if (!span)
		return false;
	copy_stack(copy, span);
	return memo_fits(memo, copy);
}

/*
 * By the interface for other processes, too: the one for the own process opens a
 * pipe and writes to it to find out whether memory is there. A program that closes
 * what it did not open would get those bytes into a file of its own.
 */
static struct memo *walk(void)
{
	static struct stack_copy copy; /* with `lock` held */
	ucontext_t context;
	struct memo *memo;

	if (getcontext(&context) != 0)
		return NULL;
	forget_unloaded();
	memcpy(copy.registers, context.uc_mcontext.gregs, sizeof(copy.registers));
	memo = memo_of(&copy);
	if (!is_known(memo, &copy)) {
		copy_stack(&copy, sizeof(copy.bytes));
		remote_unwind(&copy, memo);
	}
	return memo;
}
#else
/* How to do the same there is not known. */
static struct memo *walk(void)
{
	return NULL;
}
#endif

void native_init(uintptr_t caller)
{
	dl_iterate_phdr(find_own, (void *)caller);
	/* What libunwind does once, it does now. */
	giltrace_without_pipes(true);
	walk();
	giltrace_without_pipes(false);
}

/* Writes the modules that the audience has not been told of. */
static void tell_modules(const struct search *search)
{
	if (search->count)
		dl_iterate_phdr(visit, (void *)search);
}

static void take_over(struct memo *memo, struct search *search, uint64_t *addresses, unsigned limit)
{
	unsigned first = 0;

	while (first < memo->count && is_own((uintptr_t)memo->addresses[first]))
		first++;
	for (unsigned i = first; i < memo->count && search->count < limit; i++)
		addresses[search->count++] = memo->addresses[i];
	if (memo->known && memo->audience == search->audience && told.audience == search->audience)
		return;
	tell_modules(search);
	memo->audience = search->audience;
}

unsigned native_stack(uint64_t *addresses, unsigned limit, uint32_t audience,
	void (*write)(const struct module_record *))
{
	int saved_errno = errno;
	struct search search = {addresses, 0, audience, write};
	struct memo *memo;

	pthread_mutex_lock(&lock);
	memo = walk();
	if (memo)
		take_over(memo, &search, addresses, limit);
	pthread_mutex_unlock(&lock);
	errno = saved_errno;
	return search.count;
}

#ifdef __x86_64__
unsigned native_stack_of(int32_t tid, int number, uint64_t *addresses, unsigned limit,
	uint32_t audience, void (*write)(const struct module_record *), const char **reason)
{
	int saved_errno = errno;
	struct search search = {addresses, 0, audience, write};
	static struct memo walked; /* with `lock` held; kept for nobody */
	const struct stack_copy *copy;

	pthread_mutex_lock(&lock);
	copy = interrupt_thread(tid, number, reason);
	if (copy) {
		forget_unloaded();
		remote_unwind(copy, &walked);
		for (unsigned i = 0; i < walked.count && search.count < limit; i++)
			addresses[search.count++] = walked.addresses[i];
	}
	tell_modules(&search);
	pthread_mutex_unlock(&lock);
	errno = saved_errno;
	return search.count;
}
#else
unsigned native_stack_of(int32_t tid, int number, uint64_t *addresses, unsigned limit,
	uint32_t audience, void (*write)(const struct module_record *), const char **reason)
{
	(void)tid, (void)number, (void)addresses, (void)limit, (void)audience, (void)write;
	*reason = "GILTRACE_STACK_SIGNAL is for x86_64 only";
	return 0;
}
#endif

void native_before_fork(void)
{
	pthread_mutex_lock(&lock);
}

void native_after_fork(bool child)
{
#ifdef __x86_64__
	if (child)
		interrupt_after_fork();
#else
	(void)child;
#endif
	pthread_mutex_unlock(&lock);
}

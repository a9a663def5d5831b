/* Numbers for positions in Python code; see sites.h. */
#include "sites.h"

#include <stddef.h>
#include <string.h>

#include "hot.h"
#include "lines.h"
#include "python.h"
#include "recording.h"
#include "text.h"

enum { SET_BITS = 11, SETS = 1 << SET_BITS, WAYS = 4, LIFE_BITS = 12, LIVES = 1 << LIFE_BITS };
enum { OBJECT_TYPE = 8, TYPE_NAME = 24, TYPE_DEALLOCATE = 48 };

/*
 * `version` is odd while the entry is written; a reader that finds it odd or
 * changed has not found it.
 */
struct entry {
	uint32_t version;
	uint32_t number;
	uintptr_t code;
	uint64_t stamp;
	int32_t instr;
} __attribute__((aligned(32)));

static struct entry sets[SETS][WAYS];

/* How many code objects whose address falls into this slot have died. */
static uint32_t lives[LIVES];

static uint32_t deaths HOT_DATA; /* of all of them */

static uint32_t epoch HOT_DATA;
static uint32_t last_number;

static void (*deallocate)(void *code);

static uint64_t scatter(uint64_t value)
{
	return (value >> 4) * UINT64_C(0x9E3779B97F4A7C15);
}

static uint32_t *life_of(uintptr_t code)
{
	return &lives[scatter(code) >> (64 - LIFE_BITS)];
}

/* The sum changes whenever either part does, for both only grow. */
uint32_t sites_audience(void)
{
	return __atomic_load_n(&epoch, __ATOMIC_RELAXED) +
	       __atomic_load_n(&recording_current, __ATOMIC_RELAXED);
}

/* An entry with another stamp is of a code object that died, or was told to somebody else. */
uint64_t sites_stamp(uintptr_t code)
{
	return (uint64_t)sites_audience() << 32 | __atomic_load_n(life_of(code), __ATOMIC_RELAXED);
}

uint64_t sites_moment(void)
{
	return (uint64_t)sites_audience() << 32 | __atomic_load_n(&deaths, __ATOMIC_RELAXED);
}

static struct entry *set_of(const struct position *position)
{
	uint64_t mixed = position->code ^ (uint64_t)(uint32_t)position->instr << 3;

	return sets[scatter(mixed) >> (64 - SET_BITS)];
}

uint32_t sites_find(const struct position *position)
{
	struct entry *set = set_of(position);
	uint64_t stamp = sites_stamp(position->code);

	for (int way = 0; way < WAYS; way++) {
		struct entry *entry = &set[way];
		uint32_t version = __atomic_load_n(&entry->version, __ATOMIC_ACQUIRE);
		uint32_t number = __atomic_load_n(&entry->number, __ATOMIC_RELAXED);

		if (__atomic_load_n(&entry->code, __ATOMIC_RELAXED) != position->code ||
			__atomic_load_n(&entry->instr, __ATOMIC_RELAXED) != position->instr ||
			__atomic_load_n(&entry->stamp, __ATOMIC_RELAXED) != stamp)
			continue;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (!(version & 1) && __atomic_load_n(&entry->version, __ATOMIC_RELAXED) == version)
			return number;
	}
	return SITE_UNKNOWN;
}

uint32_t sites_number(void)
{
	return __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
}

/*
 * Every CPython since 3.0 has these members of a type there; builds that trace
 * references, which have not, fail the test for the name.
 */
static void count_death(void *code)
{
	__atomic_fetch_add(life_of((uintptr_t)code), 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&deaths, 1, __ATOMIC_RELEASE);
	__atomic_load_n(&deallocate, __ATOMIC_ACQUIRE)(code);
}

static bool watch_deaths(void)
{
	uintptr_t type = (uintptr_t)python_internals()->code_type;
	void (**slot)(void *) = (void (**)(void *))(type + TYPE_DEALLOCATE);
	void (*found)(void *) = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	void (*former)(void *) = __atomic_load_n(&deallocate, __ATOMIC_ACQUIRE);

	if (found == count_death)
		return true;
	/* There may be one Python after the other, but of each we could call only one's. */
	if (strcmp((const char *)memory_word(type + TYPE_NAME), "code") != 0 ||
		(former && former != found))
		return false;
	__atomic_store_n(&deallocate, found, __ATOMIC_RELEASE);
	__atomic_compare_exchange_n(
		slot, &found, count_death, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	return true;
}

/* The entry to give up: one that is stale if there is any. */
static struct entry *victim(struct entry *set, uint32_t number)
{
	for (int way = 0; way < WAYS; way++)
		if (__atomic_load_n(&set[way].stamp, __ATOMIC_RELAXED) !=
			sites_stamp(__atomic_load_n(&set[way].code, __ATOMIC_RELAXED)))
			return &set[way];
	return &set[number % WAYS];
}

void sites_remember(const struct position *position, uint32_t number)
{
	struct entry *entry = victim(set_of(position), number);
	uint32_t version = __atomic_load_n(&entry->version, __ATOMIC_RELAXED);

	if (!watch_deaths()) {
		frames_give_up("the end of its code objects cannot be seen");
		return;
	}
	/* Another thread writes it: then this position will be told again. */
	if (version & 1 || !__atomic_compare_exchange_n(&entry->version, &version, version + 1,
				   false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&entry->code, position->code, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->instr, position->instr, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->stamp, sites_stamp(position->code), __ATOMIC_RELAXED);
	__atomic_store_n(&entry->number, number, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->version, version + 2, __ATOMIC_RELEASE);
}

void sites_forget(void)
{
	__atomic_fetch_add(&epoch, 1, __ATOMIC_RELAXED);
}

static uintptr_t member(uintptr_t code, uint16_t at, memory_read_fn *read)
{
	uintptr_t value;

	return read(&value, code + at, sizeof(value)) ? value : 0;
}

bool sites_describe(const struct position *position, memory_read_fn *read, struct site *site)
{
	uintptr_t code = position->code;

	if (member(code, OBJECT_TYPE, read) != (uintptr_t)python_internals()->code_type)
		return false;
	if (!text_copy(member(code, frames_layout.code_file, read), read, site->file,
		    sizeof(site->file)) ||
		!text_copy(member(code, frames_layout.code_function, read), read, site->function,
			sizeof(site->function)) ||
		!read(&site->first_line, code + frames_layout.code_first_line,
			sizeof(site->first_line)))
		return false;
	site->line = lines_find(member(code, frames_layout.code_lines, read), site->first_line,
		position->instr, frames_layout.line_table, read);
	return true;
}

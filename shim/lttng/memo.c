/* Stacks that were walked before; see memo.h. */
#include "lttng/memo.h"

#include <string.h>

#include "lttng/copy.h"

/* A few for each thread of most programs; 3 KiB each, of which only those in use take memory. */
enum { MEMO_BITS = 9, MEMOS = 1 << MEMO_BITS };

static struct memo memos[MEMOS];

struct memo *memo_of(const struct stack_copy *copy)
{
	uint64_t mixed =
		(uint64_t)copy->registers[REG_RSP] * 31 + (uint64_t)copy->registers[REG_RIP];

	return &memos[mixed * UINT64_C(0x9E3779B97F4A7C15) >> (64 - MEMO_BITS)];
}

size_t memo_span(const struct memo *memo, const struct stack_copy *copy)
{
	if (!memo->known || memo->sp != (uintptr_t)copy->registers[REG_RSP] ||
		memo->ip != (uintptr_t)copy->registers[REG_RIP])
		return 0;
	for (int place = 0; place < NGREG; place++)
		if (memo->registers >> place & 1 &&
			memo->values[place] != (uint64_t)copy->registers[place])
			return 0;
	return memo->span;
}

bool memo_fits(const struct memo *memo, const struct stack_copy *copy)
{
	if (copy->size < memo->span)
		return false;
	for (unsigned i = 0; i < memo->word_count; i++)
		if (memcmp(copy->bytes + memo->offsets[i], &memo->words[i],
			    sizeof(memo->words[i])) != 0)
			return false;
	return true;
}

void memo_begin(struct memo *memo, const struct stack_copy *copy)
{
	memo->ip = (uintptr_t)copy->registers[REG_RIP];
	memo->sp = (uintptr_t)copy->registers[REG_RSP];
	memo->known = false;
	memo->registers = 0;
	memo->word_count = 0;
	memo->span = 0;
	memo->overflown = false;
	memo->count = 0;
	memo->audience = 0;
}

void memo_register(struct memo *memo, int place, uint64_t value)
{
	memo->registers |= UINT32_C(1) << place;
	memo->values[place] = value;
}

void memo_word(struct memo *memo, size_t offset, uint64_t word)
{
	if (memo->word_count == MEMO_WORDS) {
		memo->overflown = true;
		return;
	}
	memo->offsets[memo->word_count] = (uint16_t)offset;
	memo->words[memo->word_count++] = word;
	if (offset + sizeof(word) > memo->span)
		memo->span = offset + sizeof(word);
}

bool memo_frame(struct memo *memo, uint64_t address)
{
	memo->addresses[memo->count++] = address;
	return memo->count < MEMO_FRAMES;
}

void memo_end(struct memo *memo)
{
	memo->known = !memo->overflown && memo->span;
}

void memo_overflow(struct memo *memo)
{
	memo->overflown = true;
}

void memo_forget(void)
{
	for (unsigned i = 0; i < MEMOS; i++)
		if (memos[i].known)
			memos[i].known = false;
}

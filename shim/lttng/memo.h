/*
 * Stacks that were walked before: a thread that waits, or holds, for long comes back to
 * the same place by the same way again and again, and to walk the same stack costs a
 * hundred times as much as to find that it is the same.
 *
 * What a walk returns follows from what it read: some registers, some words of the stack
 * and the unwind tables of the libraries. Where all of them are as they were, so is the
 * result. Of one caller at a time.
 */
#ifndef GILTRACE_MEMO_H
#define GILTRACE_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack_copy;

enum { MEMO_FRAMES = 128, MEMO_WORDS = 192, MEMO_REGISTERS = 32 };

/* One walk. */
struct memo {
	bool known;	    /* it has ended, and is kept */
	uintptr_t ip, sp;   /* where it began */
	uint32_t registers; /* a bit for each that was read, */
	uint64_t values[MEMO_REGISTERS];
	unsigned word_count; /* and the words of the stack, */
	uint16_t offsets[MEMO_WORDS];
	uint64_t words[MEMO_WORDS];
	size_t span; /* all of which are in its first so many bytes */
	bool overflown;
	unsigned count; /* what it returned */
	uint64_t addresses[MEMO_FRAMES];
	uint32_t audience; /* that knows the modules of these, 0: none */
};

/* Where a walk from there is kept, with the registers of `copy` filled; maybe that of another one.
 */
struct memo *memo_of(const struct stack_copy *copy);

/* How much of the stack says whether it is the same one; 0: it is not. */
size_t memo_span(const struct memo *memo, const struct stack_copy *copy);

/* With that much of the stack in `copy`: is it the same? */
bool memo_fits(const struct memo *memo, const struct stack_copy *copy);

/* A walk begins, reads, finds a frame (false: that was the last one with room), and ends. */
void memo_begin(struct memo *memo, const struct stack_copy *copy);
void memo_register(struct memo *memo, int place, uint64_t value);
void memo_word(struct memo *memo, size_t offset, uint64_t word);
bool memo_frame(struct memo *memo, uint64_t address);
void memo_end(struct memo *memo);

/* It reads something else: this walk is not kept. */
void memo_overflow(struct memo *memo);

/* A library was unloaded, its tables with it. */
void memo_forget(void);

#endif /* GILTRACE_MEMO_H */

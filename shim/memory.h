/*
 * How memory of the interpreter is read: that of this thread's own frames
 * directly, that of another, running thread so that a stale address is a failed
 * read, not a fault.
 */
#ifndef GILTRACE_MEMORY_H
#define GILTRACE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* False when `size` bytes at `from` cannot be read. Keeps errno. */
typedef bool memory_read_fn(void *to, uintptr_t from, size_t size);

/* Of what cannot go away meanwhile; here, so that the path of a GIL operation has it inline. */
static inline bool memory_read_own(void *to, uintptr_t from, size_t size)
{
	memcpy(to, (const void *)from, size);
	return true;
}

/* Of anything: process_vm_readv() on this process. Fails always where a seccomp filter forbids it.
 */
memory_read_fn memory_read_foreign;

/*
 * The same, with the reason: 0, EFAULT when there is no such memory, another one
 * where the system does not let us look. Keeps errno.
 */
int memory_copy(void *to, uintptr_t from, size_t size);

static inline uintptr_t memory_word(uintptr_t at)
{
	return *(const uintptr_t *)at;
}

#endif /* GILTRACE_MEMORY_H */

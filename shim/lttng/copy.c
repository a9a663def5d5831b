/* A copy of a stack; see copy.h. */
#include "lttng/copy.h"

#include <sys/uio.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096 };

/* Page by page: next to the end of a stack may lie nothing. */
void copy_stack(struct stack_copy *copy, size_t size)
{
	struct iovec pages[STACK_COPY_BYTES / PAGE_BYTES + 1];
	struct iovec whole = {copy->bytes, size};
	size_t count = 0, left = size;
	uintptr_t at = (uintptr_t)copy->registers[REG_RSP];
	ssize_t got;

	copy->begin = at;
	while (left) {
		size_t part = PAGE_BYTES - at % PAGE_BYTES;

		if (part > left)
			part = left;
		pages[count++] = (struct iovec){(void *)at, part};
		at += part;
		left -= part;
	}
	got = process_vm_readv(getpid(), &whole, 1, pages, count, 0);
	copy->size = got < 0 ? 0 : (size_t)got;
}

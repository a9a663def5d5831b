/* A copy of a thread's registers and stack, which an unwinder can take its time with. */
#ifndef GILTRACE_COPY_H
#define GILTRACE_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

enum { STACK_COPY_BYTES = 64 * 1024 };

struct stack_copy {
	gregset_t registers;
	uintptr_t begin; /* where `bytes` were */
	size_t size;
	unsigned char bytes[STACK_COPY_BYTES];
};

/*
 * Copies at most `size` bytes from where the stack pointer of `copy`'s registers is, as
 * far as the stack goes. Of this process; takes no locks.
 */
void copy_stack(struct stack_copy *copy, size_t size);

#endif /* GILTRACE_COPY_H */

/*
 * pipe2(), for libunwind alone: it opens a pipe when it is first used, to find out by
 * writing to it whether memory is there. We read memory in another way (memory.h),
 * and the pipe would take the numbers of descriptors that the program's own have
 * without us.
 */
#include <errno.h>
#include <unistd.h>

#include "descriptors.h"
#include "symbols.h"

#define HOOK __attribute__((visibility("default")))

static __thread bool without_pipes __attribute__((tls_model("initial-exec")));

HOOK void giltrace_without_pipes(bool without)
{
	without_pipes = without;
}

HOOK int pipe2(int descriptors[2], int flags)
{
	if (without_pipes) {
		errno = EMFILE;
		return -1;
	}
	if (!__atomic_load_n(&symbols.close, __ATOMIC_RELAXED))
		symbols_resolve();
	return symbols.pipe2(descriptors, flags);
}

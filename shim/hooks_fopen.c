/* The interposed functions that open a stream: only for CPython's look at its threads (warning.h).
 */
#include <errno.h>
#include <stdio.h>

#include "symbols.h"
#include "warning.h"

#define HOOK __attribute__((visibility("default")))

static FILE *opened(FILE *file, const char *path, const void *caller)
{
	int saved_errno = errno;

	if (file && warning_counts(path, caller))
		file = warning_without_lttng(file);
	errno = saved_errno;
	return file;
}

static void resolve(void)
{
	if (!__atomic_load_n(&symbols.close, __ATOMIC_RELAXED))
		symbols_resolve();
}

HOOK FILE *fopen(const char *path, const char *mode)
{
	resolve();
	return opened(symbols.fopen(path, mode), path, __builtin_return_address(0));
}

HOOK FILE *fopen64(const char *path, const char *mode)
{
	resolve();
	return opened(symbols.fopen64(path, mode), path, __builtin_return_address(0));
}

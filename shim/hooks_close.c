/*
 * The interposed functions that close file descriptors: they leave LTTng's alone
 * (descriptors.h). Called from signal handlers and from children between fork and
 * exec: no lock, no allocation, no state of ours is written for the program.
 */
#include <errno.h>
#include <unistd.h>

#include "descriptors.h"
#include "symbols.h"

#define HOOK __attribute__((visibility("default")))

static void resolve(void)
{
	if (!__atomic_load_n(&symbols.close, __ATOMIC_RELAXED))
		symbols_resolve();
}

HOOK int close(int fd)
{
	resolve();
	if (__builtin_expect(descriptors_listed(fd), 0) && descriptors_refuse(fd)) {
		errno = EBADF;
		return -1;
	}
	return symbols.close(fd);
}

/* An older libc lacks it; who calls it all the same is told what an older kernel says. */
static int forward_range(unsigned first, unsigned last, int flags)
{
	if (!symbols.close_range) {
		errno = ENOSYS;
		return -1;
	}
	return symbols.close_range(first, last, flags);
}

HOOK int close_range(unsigned first, unsigned last, int flags)
{
	int refused;

	resolve();
	while ((refused = descriptors_next(first, last)) >= 0) {
		if ((unsigned)refused > first &&
			forward_range(first, (unsigned)refused - 1, flags) != 0)
			return -1;
		first = (unsigned)refused + 1;
		if (first > last)
			return 0;
	}
	return forward_range(first, last, flags);
}

HOOK void closefrom(int low)
{
	unsigned first = low > 0 ? (unsigned)low : 0;
	int refused;

	resolve();
	while ((refused = descriptors_next(first, ~0U)) >= 0) {
		/* A kernel before 5.9 does not know it. */
		if ((unsigned)refused > first &&
			forward_range(first, (unsigned)refused - 1, 0) != 0)
			for (int fd = (int)first; fd < refused; fd++)
				symbols.close(fd);
		first = (unsigned)refused + 1;
	}
	if (symbols.closefrom)
		symbols.closefrom((int)first);
	else
		forward_range(first, ~0U, 0);
}

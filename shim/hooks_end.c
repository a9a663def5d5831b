/*
 * The interposed functions with which a process ends, or becomes another program,
 * without a handler of exit(): what is open in it is written first (ending.h). Called
 * from signal handlers and from children of vfork, too.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "ending.h"
#include "symbols.h"

#define HOOK __attribute__((visibility("default")))

static void resolve(void)
{
	if (!__atomic_load_n(&symbols.close, __ATOMIC_RELAXED))
		symbols_resolve();
}

static void begin(void)
{
	resolve();
	ending_perhaps();
}

/* What exec returns is that it has failed. */
static int failed(int result)
{
	ending_not();
	return result;
}

/* Children of multiprocessing end here, without destructors. */
HOOK void _exit(int status)
{
	resolve();
	ending_at_once();
	symbols.exit_now(status);
}

HOOK void _Exit(int status)
{
	_exit(status);
}

HOOK void abort(void)
{
	begin();
	symbols.abort_now();
}

HOOK int execv(const char *path, char *const arguments[])
{
	begin();
	return failed(symbols.execv(path, arguments));
}

HOOK int execve(const char *path, char *const arguments[], char *const environment[])
{
	begin();
	return failed(symbols.execve(path, arguments, environment));
}

HOOK int execvp(const char *file, char *const arguments[])
{
	begin();
	return failed(symbols.execvp(file, arguments));
}

HOOK int execvpe(const char *file, char *const arguments[], char *const environment[])
{
	begin();
	return failed(symbols.execvpe(file, arguments, environment));
}

HOOK int fexecve(int fd, char *const arguments[], char *const environment[])
{
	begin();
	return failed(symbols.fexecve(fd, arguments, environment));
}

HOOK int execveat(
	int folder, const char *path, char *const arguments[], char *const environment[], int flags)
{
	begin();
	/* An older libc lacks it; who calls it all the same is told what an older kernel says. */
	if (!symbols.execveat) {
		errno = ENOSYS;
		return failed(-1);
	}
	return failed(symbols.execveat(folder, path, arguments, environment, flags));
}

/* How many strings `list` has before its NULL. */
static size_t count(va_list list)
{
	size_t number = 0;

	while (va_arg(list, const char *))
		number++;
	return number;
}

/*
 * The arguments as an array: `first`, so many of the `list`, which goes on behind them,
 * and the NULL. exec writes to none.
 */
static void collect(char **arguments, const char *first, size_t number, va_list *list)
{
	*arguments++ = (char *)(uintptr_t)first;
	for (size_t i = 0; i < number; i++)
		*arguments++ = va_arg(*list, char *);
	*arguments = NULL;
}

/*
 * Those that take the arguments one by one make an array of them on the stack, as
 * glibc's own do.
 */
HOOK int execl(const char *path, const char *first, ...)
{
	va_list list;
	size_t number;

	va_start(list, first);
	number = count(list);
	va_end(list);
	char *arguments[number + 2];

	va_start(list, first);
	collect(arguments, first, number, &list);
	va_end(list);
	begin();
	return failed(symbols.execv(path, arguments));
}

HOOK int execlp(const char *file, const char *first, ...)
{
	va_list list;
	size_t number;

	va_start(list, first);
	number = count(list);
	va_end(list);
	char *arguments[number + 2];

	va_start(list, first);
	collect(arguments, first, number, &list);
	va_end(list);
	begin();
	return failed(symbols.execvp(file, arguments));
}

HOOK int execle(const char *path, const char *first, ...)
{
	char *const *environment;
	va_list list;
	size_t number;

	va_start(list, first);
	number = count(list);
	va_end(list);
	char *arguments[number + 2];

	va_start(list, first);
	collect(arguments, first, number, &list);
	(void)va_arg(list, char *); /* the NULL */
	environment = va_arg(list, char *const *);
	va_end(list);
	begin();
	return failed(symbols.execve(path, arguments, environment));
}

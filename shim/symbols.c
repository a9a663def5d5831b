/* The functions behind our hooks; see symbols.h. */
#include "symbols.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "hot.h"

/*
 * glibc's version of pthread_cond_* that every build uses. Known per architecture,
 * because a look-up that fails allocates its message, which may lead back into a
 * hook.
 */
#if defined(__x86_64__)
#define COND_VERSION "GLIBC_2.3.2"
#elif defined(__aarch64__)
#define COND_VERSION "GLIBC_2.17"
#else
#error "giltrace knows the GIL's layout on x86_64 and aarch64 only"
#endif

struct symbols symbols HOT_DATA;

static const struct {
	size_t slot;
	const char *name;
	const char *version; /* NULL: the default */
} wanted[] = {
	{offsetof(struct symbols, mutex_lock), "pthread_mutex_lock", NULL},
	{offsetof(struct symbols, mutex_unlock), "pthread_mutex_unlock", NULL},
	{offsetof(struct symbols, mutex_trylock), "pthread_mutex_trylock", NULL},
	{offsetof(struct symbols, mutex_init), "pthread_mutex_init", NULL},
	{offsetof(struct symbols, cond_init), "pthread_cond_init", COND_VERSION},
	{offsetof(struct symbols, cond_signal), "pthread_cond_signal", COND_VERSION},
	{offsetof(struct symbols, cond_wait), "pthread_cond_wait", COND_VERSION},
	{offsetof(struct symbols, cond_timedwait), "pthread_cond_timedwait", COND_VERSION},
	{offsetof(struct symbols, create), "pthread_create", NULL},
	{offsetof(struct symbols, set_name), "pthread_setname_np", NULL},
	{offsetof(struct symbols, semaphore_timedwait), "sem_timedwait", NULL},
	{offsetof(struct symbols, exit_now), "_exit", NULL},
	{offsetof(struct symbols, abort_now), "abort", NULL},
	{offsetof(struct symbols, execv), "execv", NULL},
	{offsetof(struct symbols, execve), "execve", NULL},
	{offsetof(struct symbols, execvp), "execvp", NULL},
	{offsetof(struct symbols, execvpe), "execvpe", NULL},
	{offsetof(struct symbols, fexecve), "fexecve", NULL},
	{offsetof(struct symbols, pipe2), "pipe2", NULL},
	{offsetof(struct symbols, fopen), "fopen", NULL},
	{offsetof(struct symbols, fopen64), "fopen64", NULL},
	/* Behind those: they may be missing. `close` last: where it is found, all have been. */
	{offsetof(struct symbols, execveat), "execveat", NULL},
	{offsetof(struct symbols, close_range), "close_range", NULL},
	{offsetof(struct symbols, closefrom), "closefrom", NULL},
	{offsetof(struct symbols, close), "close", NULL},
};

/*
 * The next definition, as a call from an unpreloaded program would find it: that of
 * another preloaded library, which has no version (so dlvsym passes it by), or
 * glibc's. Of glibc's the one named, because plain dlsym before 2.36 returns the
 * oldest, whose condition variables have another layout.
 */
static void *next_definition(const char *name, const char *version)
{
	void *found = dlsym(RTLD_NEXT, name);
	void *versioned = found && version ? dlvsym(RTLD_NEXT, name, version) : NULL;
	Dl_info by_name, by_version;

	if (versioned && versioned != found && dladdr(found, &by_name) &&
		dladdr(versioned, &by_version) && by_name.dli_fbase == by_version.dli_fbase)
		return versioned;
	return found;
}

void symbols_resolve(void)
{
	int saved_errno = errno;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		*(void **)((char *)&symbols + wanted[i].slot) =
			next_definition(wanted[i].name, wanted[i].version);
	errno = saved_errno;
}

/* The functions behind our hooks; see symbols.h. */
#include "symbols.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

/*
 * The version of pthread_cond_* that every build uses. Named, because plain
 * dlsym of glibc before 2.36 returns the oldest, whose condition variables have
 * another layout; and known per architecture, because a look-up that fails
 * allocates its message, which may lead back into a hook.
 */
#if defined(__x86_64__)
#define COND_VERSION "GLIBC_2.3.2"
#elif defined(__aarch64__)
#define COND_VERSION "GLIBC_2.17"
#else
#error "giltrace knows the GIL's layout on x86_64 and aarch64 only"
#endif

struct symbols symbols;

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
	{offsetof(struct symbols, exit_now), "_exit", NULL},
};

void symbols_resolve(void)
{
	int saved_errno = errno;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		void *found = NULL;

		if (wanted[i].version)
			found = dlvsym(RTLD_NEXT, wanted[i].name, wanted[i].version);
		/* Another preloaded library defines the function without a version. */
		if (!found)
			found = dlsym(RTLD_NEXT, wanted[i].name);
		*(void **)((char *)&symbols + wanted[i].slot) = found;
	}
	errno = saved_errno;
}

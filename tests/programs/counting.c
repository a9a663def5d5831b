/*
 * A library to preload that stands before pthread functions, as a tracer or a lock
 * checker does: its symbols have no version, it takes the next ones with dlsym, and
 * counts. The end of the process writes the counts to the file COUNTING.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HOOK __attribute__((visibility("default")))

enum function {
	LOCK,
	UNLOCK,
	MUTEX_INIT,
	COND_INIT,
	SIGNAL,
	WAIT,
	TIMEDWAIT,
	CREATE,
	FUNCTIONS,
};

static const char *const names[FUNCTIONS] = {
	[LOCK] = "pthread_mutex_lock",
	[UNLOCK] = "pthread_mutex_unlock",
	[MUTEX_INIT] = "pthread_mutex_init",
	[COND_INIT] = "pthread_cond_init",
	[SIGNAL] = "pthread_cond_signal",
	[WAIT] = "pthread_cond_wait",
	[TIMEDWAIT] = "pthread_cond_timedwait",
	[CREATE] = "pthread_create",
};

static uintptr_t next[FUNCTIONS];
static unsigned long counts[FUNCTIONS];

static uintptr_t counted(enum function function)
{
	uintptr_t found = __atomic_load_n(&next[function], __ATOMIC_RELAXED);

	__atomic_fetch_add(&counts[function], 1, __ATOMIC_RELAXED);
	if (!found) {
		found = (uintptr_t)dlsym(RTLD_NEXT, names[function]);
		__atomic_store_n(&next[function], found, __ATOMIC_RELAXED);
	}
	return found;
}

HOOK int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return ((int (*)(pthread_mutex_t *))counted(LOCK))(mutex);
}

HOOK int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	return ((int (*)(pthread_mutex_t *))counted(UNLOCK))(mutex);
}

HOOK int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
	return ((int (*)(pthread_mutex_t *, const pthread_mutexattr_t *))counted(MUTEX_INIT))(
		mutex, attributes);
}

HOOK int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
	return ((int (*)(pthread_cond_t *, const pthread_condattr_t *))counted(COND_INIT))(
		cond, attributes);
}

HOOK int pthread_cond_signal(pthread_cond_t *cond)
{
	return ((int (*)(pthread_cond_t *))counted(SIGNAL))(cond);
}

HOOK int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return ((int (*)(pthread_cond_t *, pthread_mutex_t *))counted(WAIT))(cond, mutex);
}

HOOK int pthread_cond_timedwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
	return ((int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))counted(
		TIMEDWAIT))(cond, mutex, until);
}

HOOK int pthread_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	return ((int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))counted(
		CREATE))(id, attributes, start, argument);
}

__attribute__((destructor)) static void write_counts(void)
{
	const char *path = getenv("COUNTING");
	FILE *file = path ? fopen(path, "w") : NULL;

	if (!file)
		return;
	for (int i = 0; i < FUNCTIONS; i++)
		fprintf(file, "%s %lu\n", names[i], counts[i]);
	fclose(file);
}

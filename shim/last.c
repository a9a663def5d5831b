/* The end of a process by the end of its last thread; see last.h. */
#include "last.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "listeners.h"

/* How often to look whether others that end at the same time are gone, PAUSE_NS apart. */
enum { PATIENCE = 100, PAUSE_NS = 1000000 };

static pthread_key_t ending; /* its destructor runs when a thread that has entered ends */
static bool prepared;
static unsigned entered; /* threads that have, and run */

/* The first thread stays to be seen as a zombie when it has ended before the others. */
static bool first_has_ended(void)
{
	char line[512];
	const char *name_end;
	ssize_t length;
	int fd;

	if (gettid() == getpid())
		return false;
	snprintf(line, sizeof(line), "/proc/self/task/%d/stat", (int)getpid());
	fd = open(line, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[length > 0 ? length : 0] = '\0';
	name_end = strrchr(line, ')');
	return name_end && strncmp(name_end, ") Z", 3) == 0;
}

/* Threads of this process that run; UINT_MAX: cannot be known. */
static unsigned running_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *task;
	unsigned count = 0;

	if (!tasks)
		return UINT_MAX;
	while ((task = readdir(tasks)))
		count += task->d_name[0] != '.';
	closedir(tasks);
	return count - first_has_ended();
}

/*
 * Another thread that ends at the same time is still seen for a moment. One that
 * never entered lives on, and the process with it.
 */
static bool is_last(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	for (int tries = 0; tries < PATIENCE; tries++) {
		if (running_threads() <= listeners_count() + 1)
			return true;
		if (__atomic_load_n(&entered, __ATOMIC_RELAXED))
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Called again while it sets the key anew: the program's own destructors come first. */
static void thread_ends(void *round)
{
	if ((uintptr_t)round < PTHREAD_DESTRUCTOR_ITERATIONS) {
		pthread_setspecific(ending, (char *)round + 1);
		return;
	}
	if (__atomic_sub_fetch(&entered, 1, __ATOMIC_RELAXED) == 0 && listeners_count() &&
		is_last())
		exit(0);
}

void last_prepare(void)
{
	if (!prepared)
		prepared = pthread_key_create(&ending, thread_ends) == 0;
}

void last_enter(void)
{
	if (prepared && !pthread_getspecific(ending) && pthread_setspecific(ending, (void *)1) == 0)
		__atomic_fetch_add(&entered, 1, __ATOMIC_RELAXED);
}

void last_after_fork_child(void)
{
	entered = prepared && pthread_getspecific(ending);
	last_enter();
}

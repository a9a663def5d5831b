/* LTTng-UST's file descriptors; see descriptors.h. */
#include "descriptors.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "symbols.h"

#define TRACKER_LIBRARY "liblttng-ust-common.so.1"
#define EXPORTED __attribute__((visibility("default")))

uint64_t descriptors_map[DESCRIPTORS_LIMIT / DESCRIPTORS_WORD];

static pid_t owner;

/* How deep this thread is in LTTng's lock: what it closes then, LTTng closes. */
static __thread int locked __attribute__((tls_model("initial-exec")));

static struct {
	void (*lock)(void);
	void (*unlock)(void);
	int (*add)(int);
	void (*remove)(int);
} tracker;

static const struct {
	void *slot;
	const char *name;
} wanted[] = {
	{&tracker.lock, "lttng_ust_lock_fd_tracker"},
	{&tracker.unlock, "lttng_ust_unlock_fd_tracker"},
	{&tracker.add, "lttng_ust_add_fd_to_tracker"},
	{&tracker.remove, "lttng_ust_delete_fd_from_tracker"},
};

/*
 * Before LTTng's threads exist: they call these functions while the program's
 * thread waits for them inside dlopen, with the lock that dlsym takes.
 */
bool descriptors_prepare(void)
{
	void *library = dlopen(TRACKER_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!library)
		return false;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		void *found = dlsym(library, wanted[i].name);

		if (!found)
			return false;
		*(void **)wanted[i].slot = found;
	}
	return true;
}

void descriptors_set_pid(pid_t pid)
{
	owner = pid;
}

static void list(int fd)
{
	if ((unsigned)fd < DESCRIPTORS_LIMIT)
		__atomic_fetch_or(&descriptors_map[fd / DESCRIPTORS_WORD],
			UINT64_C(1) << (fd % DESCRIPTORS_WORD), __ATOMIC_RELAXED);
}

static void unlist(int fd)
{
	if ((unsigned)fd < DESCRIPTORS_LIMIT)
		__atomic_fetch_and(&descriptors_map[fd / DESCRIPTORS_WORD],
			~(UINT64_C(1) << (fd % DESCRIPTORS_WORD)), __ATOMIC_RELAXED);
}

bool descriptors_refuse(int fd)
{
	if (getpid() != owner)
		return false;
	if (!locked)
		return true;
	/* Now, not when LTTng says so afterwards: the number may be the program's by then. */
	unlist(fd);
	return false;
}

int descriptors_next(unsigned first, unsigned last)
{
	if (last >= DESCRIPTORS_LIMIT)
		last = DESCRIPTORS_LIMIT - 1;
	if (first > last || locked || getpid() != owner)
		return -1;
	for (unsigned word = first / DESCRIPTORS_WORD; word <= last / DESCRIPTORS_WORD; word++) {
		uint64_t bits = __atomic_load_n(&descriptors_map[word], __ATOMIC_RELAXED);
		unsigned found;

		if (word == first / DESCRIPTORS_WORD)
			bits &= ~UINT64_C(0) << (first % DESCRIPTORS_WORD);
		if (!bits)
			continue;
		found = word * DESCRIPTORS_WORD + (unsigned)__builtin_ctzll(bits);
		return found <= last ? (int)found : -1;
	}
	return -1;
}

/*
 * The first of these that LTTng calls, in its constructor, which is early enough to prepare
 * where others than lifecycle.c open the recorder, as giltrace doctor does.
 */
EXPORTED void giltrace_lock_fd_tracker(void)
{
	if (!tracker.lock)
		descriptors_prepare();
	if (tracker.lock)
		tracker.lock();
	locked++;
}

EXPORTED void giltrace_unlock_fd_tracker(void)
{
	locked--;
	if (tracker.unlock)
		tracker.unlock();
}

/*
 * LTTng goes on with the number that this returns: its own function, too, gives
 * another one for those of the standard streams.
 */
EXPORTED int giltrace_add_fd_to_tracker(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTORS_FIRST);
	/* Not where the program may not have so many. */
	int result = tracker.add(moved >= 0 ? moved : fd);

	if (moved >= 0)
		symbols.close(result >= 0 ? fd : moved);
	if (result >= 0)
		list(result);
	return result;
}

EXPORTED void giltrace_delete_fd_from_tracker(int fd)
{
	unlist(fd);
	tracker.remove(fd);
}

/* The threads of this process; see thread.h. */
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recording.h"
#include "symbols.h"

__thread struct thread thread_self;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct thread *list;

static void list_add(struct thread *thread)
{
	symbols.mutex_lock(&list_lock);
	thread->previous = NULL;
	thread->next = list;
	if (list)
		list->previous = thread;
	list = thread;
	thread->listed = true;
	symbols.mutex_unlock(&list_lock);
}

static void list_remove(struct thread *thread)
{
	symbols.mutex_lock(&list_lock);
	if (thread->previous)
		thread->previous->next = thread->next;
	else
		list = thread->next;
	if (thread->next)
		thread->next->previous = thread->previous;
	thread->listed = false;
	symbols.mutex_unlock(&list_lock);
}

void thread_enlist(enum thread_kind kind, const char *name)
{
	struct thread *self = &thread_self;

	if (self->listed)
		return;
	self->tid = gettid();
	self->kind = kind;
	snprintf(self->name, sizeof(self->name), "%s", name);
	list_add(self);
}

void thread_delist(void)
{
	list_remove(&thread_self);
}

/* The kernel's name of a thread: 15 bytes, set by pthread_setname_np or inherited. */
static void native_name(pid_t tid, char *name, size_t size)
{
	int saved_errno = errno;
	char path[64];
	ssize_t length = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, name, size - 1);
		close(fd);
	}
	if (length < 0)
		length = 0;
	while (length > 0 && name[length - 1] == '\n')
		length--;
	name[length] = '\0';
	errno = saved_errno;
}

void thread_describe(const struct thread *thread, enum thread_state state,
	struct thread_record *record, char *name)
{
	if (thread->kind == THREAD_NATIVE)
		native_name(thread->tid, name, sizeof(thread->name));
	else
		memcpy(name, thread->name, sizeof(thread->name));
	*record = (struct thread_record){
		.pid = recording_pid(),
		.tid = thread->tid,
		.at = recording_now(),
		.state = state,
		.kind = thread->kind,
		.name = name,
	};
}

void thread_for_each(void (*visit)(const struct thread *thread))
{
	symbols.mutex_lock(&list_lock);
	for (const struct thread *thread = list; thread; thread = thread->next)
		visit(thread);
	symbols.mutex_unlock(&list_lock);
}

bool thread_any(bool (*test)(const struct thread *thread))
{
	bool any = false;

	symbols.mutex_lock(&list_lock);
	for (const struct thread *thread = list; thread && !any; thread = thread->next)
		any = test(thread);
	symbols.mutex_unlock(&list_lock);
	return any;
}

void thread_before_fork(void)
{
	symbols.mutex_lock(&list_lock);
}

void thread_after_fork_parent(void)
{
	symbols.mutex_unlock(&list_lock);
}

void thread_after_fork_child(void)
{
	struct thread *self = &thread_self;
	struct thread fresh = {.tid = gettid(), .kind = THREAD_MAIN};

	symbols.mutex_unlock(&list_lock);
	list = NULL;
	/* Python, too, makes the thread that forked the child's main thread and lets it keep its
	 * name. */
	snprintf(fresh.name, sizeof(fresh.name), "%s", self->name[0] ? self->name : "MainThread");
	*self = fresh;
	list_add(self);
}

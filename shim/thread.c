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

/* Set around the lock, so that a handler that interrupts this thread there knows. */
static __thread bool in_list __attribute__((tls_model("initial-exec")));

static void enter_list(void)
{
	in_list = true;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void leave_list(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	in_list = false;
}

static void lock_list(void)
{
	enter_list();
	symbols.mutex_lock(&list_lock);
}

static bool try_lock_list(void)
{
	enter_list();
	if (symbols.mutex_trylock(&list_lock) == 0)
		return true;
	leave_list();
	return false;
}

static void unlock_list(void)
{
	symbols.mutex_unlock(&list_lock);
	leave_list();
}

bool thread_has_list(void)
{
	return in_list;
}

static void list_add(struct thread *thread)
{
	lock_list();
	thread->previous = NULL;
	thread->next = list;
	if (list)
		list->previous = thread;
	list = thread;
	thread->listed = true;
	unlock_list();
}

static void list_remove(struct thread *thread)
{
	lock_list();
	if (thread->previous)
		thread->previous->next = thread->next;
	else
		list = thread->next;
	if (thread->next)
		thread->next->previous = thread->previous;
	thread->listed = false;
	unlock_list();
}

void thread_enlist(enum thread_kind kind, const char *name)
{
	struct thread *self = &thread_self;

	if (self->listed || self->ended)
		return;
	self->tid = gettid();
	self->id = pthread_self();
	self->kind = kind;
	snprintf(self->name, sizeof(self->name), "%s", name);
	list_add(self);
}

void thread_delist(void)
{
	list_remove(&thread_self);
	thread_self.ended = true;
}

__attribute__((noinline)) struct gil *thread_find_gil(struct thread *self, uintptr_t cond)
{
	struct gil *gil = gils_of_cond((const void *)cond);

	if (gil)
		self->recent = gil;
	return gil;
}

/* The kernel's name of a thread: 15 bytes, set by pthread_setname_np or inherited. */
static void kernel_name(pid_t tid, char *name, size_t size)
{
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
}

/* What every thread is called that nobody gave a name says nothing of this one. */
static void native_name(pid_t tid, char *name, size_t size)
{
	int saved_errno = errno;
	pid_t first = recording_pid();
	char inherited[32];

	kernel_name(tid, name, size);
	if (tid != first) {
		kernel_name(first, inherited, sizeof(inherited));
		if (strcmp(name, inherited) == 0)
			name[0] = '\0';
	}
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

static void visit_all(void (*visit)(const struct thread *thread))
{
	for (const struct thread *thread = list; thread; thread = thread->next)
		visit(thread);
}

void thread_for_each(void (*visit)(const struct thread *thread))
{
	lock_list();
	visit_all(visit);
	unlock_list();
}

bool thread_try_for_each(void (*visit)(const struct thread *thread))
{
	if (!try_lock_list())
		return false;
	visit_all(visit);
	unlock_list();
	return true;
}

void thread_for_one(pthread_t id, void (*visit)(const struct thread *thread))
{
	lock_list();
	for (const struct thread *thread = list; thread; thread = thread->next)
		if (pthread_equal(thread->id, id))
			visit(thread);
	unlock_list();
}

static bool any_of_all(bool (*test)(const struct thread *thread))
{
	bool any = false;

	for (const struct thread *thread = list; thread && !any; thread = thread->next)
		any = test(thread);
	return any;
}

bool thread_any(bool (*test)(const struct thread *thread))
{
	bool any;

	lock_list();
	any = any_of_all(test);
	unlock_list();
	return any;
}

bool thread_perhaps_any(bool (*test)(const struct thread *thread))
{
	bool any;

	if (!try_lock_list())
		return true;
	any = any_of_all(test);
	unlock_list();
	return any;
}

void thread_before_fork(void)
{
	lock_list();
}

void thread_after_fork_parent(void)
{
	unlock_list();
}

void thread_after_fork_child(void)
{
	struct thread *self = &thread_self;
	struct thread fresh = {.tid = gettid(), .id = pthread_self(), .kind = THREAD_MAIN};

	unlock_list();
	list = NULL;
	/* Python, too, makes the thread that forked the child's main thread and lets it keep its
	 * name. */
	snprintf(fresh.name, sizeof(fresh.name), "%s", self->name[0] ? self->name : "MainThread");
	*self = fresh;
	list_add(self);
}

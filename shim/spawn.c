/* Threads as they begin and end; see spawn.h. */
#include "spawn.h"

#include <errno.h>
#include <stdlib.h>

#include "emit.h"
#include "flush.h"
#include "last.h"
#include "python.h"
#include "recording.h"
#include "stacks.h"
#include "state.h"
#include "symbols.h"
#include "thread.h"

struct start {
	void *(*function)(void *);
	void *argument;
	enum thread_kind kind;
	char name[sizeof(((struct thread *)NULL)->name)];
};

/* Tells of the end of threads that did not begin in thread_main. */
static pthread_key_t adopted;
static bool can_adopt;

/* Runs also when the thread ends by pthread_exit. */
static void thread_end(void *unused)
{
	struct thread *self = &thread_self;

	(void)unused;
	if (!self->listed)
		return;
	if (self->blocked_on)
		state_leave(self->blocked_on, self);
	/* Who has ended has no holds to come. */
	if (self->released)
		flush_all();
	emit_thread(self, THREAD_EXITED);
	if (self->stack)
		stacks_give_back(self->stack);
	thread_delist();
}

void spawn_prepare(void)
{
	can_adopt = can_adopt || pthread_key_create(&adopted, thread_end) == 0;
}

void spawn_adopt(struct thread *self)
{
	/* In the list only where it is sure to leave it again: it is the thread's own memory. */
	if (self->listed || self->ended || !can_adopt || pthread_setspecific(adopted, self) != 0)
		return;
	thread_enlist(THREAD_NATIVE, "");
}

static void emit_name(const struct thread *thread)
{
	if (thread->kind == THREAD_NATIVE)
		emit_thread(thread, THREAD_NAMED);
}

bool spawn_names_now(void)
{
	return thread_try_for_each(emit_name);
}

void spawn_renamed(pthread_t id)
{
	int saved_errno = errno;

	if (recording_on(recording_generation()))
		thread_for_one(id, emit_name);
	errno = saved_errno;
}

static void *thread_main(void *argument)
{
	struct start start = *(struct start *)argument;
	void *result;

	free(argument);
	thread_enlist(start.kind, start.name);
	last_enter();
	thread_self.generation = recording_generation();
	emit_thread(&thread_self, THREAD_STARTED);
	pthread_cleanup_push(thread_end, NULL);
	result = start.function(start.argument);
	pthread_cleanup_pop(1);
	return result;
}

int spawn_thread(
	pthread_t *id, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
	struct start *start = malloc(sizeof(*start));
	int result;

	if (!start)
		return symbols.create(id, attributes, function, argument);
	start->function = function;
	start->argument = argument;
	start->name[0] = '\0';
	start->kind = python_starting_thread_name(start->name, sizeof(start->name)) == 0
			      ? THREAD_PYTHON
			      : THREAD_NATIVE;
	result = symbols.create(id, attributes, thread_main, start);
	if (result != 0)
		free(start);
	return result;
}

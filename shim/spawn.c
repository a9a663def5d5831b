/* Threads as they begin and end; see spawn.h. */
#include "spawn.h"

#include <stdlib.h>

#include "emit.h"
#include "python.h"
#include "recording.h"
#include "state.h"
#include "symbols.h"
#include "thread.h"

struct start {
	void *(*function)(void *);
	void *argument;
	enum thread_kind kind;
	char name[sizeof(((struct thread *)NULL)->name)];
};

/* Runs also when the thread ends by pthread_exit. */
static void thread_end(void *unused)
{
	struct thread *self = &thread_self;

	(void)unused;
	if (self->blocked_on)
		state_leave(self->blocked_on, self);
	emit_thread(self, THREAD_EXITED);
	thread_delist();
}

static void *thread_main(void *argument)
{
	struct start start = *(struct start *)argument;
	void *result;

	free(argument);
	thread_enlist(start.kind, start.name);
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

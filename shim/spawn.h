/* Threads as they begin and end: what the hook of pthread_create does for a process with a GIL. */
#ifndef GILTRACE_SPAWN_H
#define GILTRACE_SPAWN_H

#include <pthread.h>

#include "thread.h"

/* Once, before any of the others. */
void spawn_prepare(void);

/* As pthread_create; the new thread enters the list of threads under its Python name. */
int spawn_thread(
	pthread_t *id, const pthread_attr_t *attributes, void *(*function)(void *), void *argument);

/*
 * A thread that was created before the first GIL, or in a way that we did not see,
 * uses a GIL: it enters the list now. Called by that thread.
 */
void spawn_adopt(struct thread *self);

/*
 * Tells the names of native threads once more: a program need not set them by a function of ours.
 * False when the list of threads is not to be had now.
 */
bool spawn_names_now(void);

/* The thread `id` was given another name. */
void spawn_renamed(pthread_t id);

#endif /* GILTRACE_SPAWN_H */

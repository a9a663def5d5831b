/* Threads as they begin and end: what the hook of pthread_create does for a process with a GIL. */
#ifndef GILTRACE_SPAWN_H
#define GILTRACE_SPAWN_H

#include <pthread.h>

/* As pthread_create; the new thread enters the list of threads under its Python name. */
int spawn_thread(
	pthread_t *id, const pthread_attr_t *attributes, void *(*function)(void *), void *argument);

#endif /* GILTRACE_SPAWN_H */

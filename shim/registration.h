/*
 * LTTng-UST registers this process with the session daemon while it is loaded: its
 * listener threads do so, and its constructor waits for them, by default for up to
 * three seconds. Meanwhile dlopen holds the dynamic linker's lock, and whoever calls
 * dlsym waits for that: other threads of the program, and the listeners themselves
 * where another preloaded library looks for the function behind its own when a thread
 * first calls it (libeatmydata does, at open). They would wait for each other.
 *
 * So here the listeners begin when dlopen has returned, and then they are waited for.
 *
 * And LTTng gives buffers of a process a folder that is called by its name, its number
 * and the second in which it registers. A program that becomes another one by exec in
 * that second would write over what it has recorded: so it registers by a name that has
 * more digits of the time.
 */
#ifndef GILTRACE_REGISTRATION_H
#define GILTRACE_REGISTRATION_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <time.h>

extern __thread bool registration_deferred __attribute__((tls_model("initial-exec")));

/* The calling thread is about to load LTTng-UST; it has done so, and waits now. */
void registration_defer(void);
void registration_wait(void);

/* As pthread_create and sem_timedwait, of the thread that loads LTTng-UST. */
int registration_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int registration_timedwait(sem_t *semaphore, const struct timespec *deadline);

#endif /* GILTRACE_REGISTRATION_H */

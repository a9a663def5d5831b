/*
 * The functions behind our hooks: the next definitions in the search order, so
 * glibc's, or those of another library preloaded after us.
 */
#ifndef GILTRACE_SYMBOLS_H
#define GILTRACE_SYMBOLS_H

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

struct symbols {
	int (*mutex_init)(pthread_mutex_t *, const pthread_mutexattr_t *);
	int (*mutex_lock)(pthread_mutex_t *);
	int (*mutex_trylock)(pthread_mutex_t *);
	int (*mutex_unlock)(pthread_mutex_t *);
	int (*cond_init)(pthread_cond_t *, const pthread_condattr_t *);
	int (*cond_signal)(pthread_cond_t *);
	int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *);
	int (*cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	int (*set_name)(pthread_t, const char *);
	int (*semaphore_timedwait)(sem_t *, const struct timespec *);
	void (*exit_now)(int) __attribute__((noreturn));
	void (*abort_now)(void) __attribute__((noreturn));
	int (*execv)(const char *, char *const[]);
	int (*execve)(const char *, char *const[], char *const[]);
	int (*execvp)(const char *, char *const[]);
	int (*execvpe)(const char *, char *const[], char *const[]);
	int (*fexecve)(int, char *const[], char *const[]);
	int (*execveat)(
		int, const char *, char *const[], char *const[], int); /* from glibc 2.34 on */
	int (*close)(int);
	int (*close_range)(unsigned, unsigned, int); /* the same, as the next */
	void (*closefrom)(int);
	int (*pipe2)(int[2], int);
	FILE *(*fopen)(const char *, const char *);
	FILE *(*fopen64)(const char *, const char *);
};

/* NULL everywhere until symbols_resolve; recording.h says why the hooks need not look. */
extern struct symbols symbols;

/* Fills the table. May run on several threads at once: all write the same. */
void symbols_resolve(void);

#endif /* GILTRACE_SYMBOLS_H */

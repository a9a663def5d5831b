/*
 * The functions behind our hooks: the next definitions in the search order, so
 * glibc's, or those of another library preloaded after us.
 */
#ifndef GILTRACE_SYMBOLS_H
#define GILTRACE_SYMBOLS_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

struct symbols {
	bool ready;
	int (*mutex_init)(pthread_mutex_t *, const pthread_mutexattr_t *);
	int (*mutex_lock)(pthread_mutex_t *);
	int (*mutex_trylock)(pthread_mutex_t *);
	int (*mutex_unlock)(pthread_mutex_t *);
	int (*cond_init)(pthread_cond_t *, const pthread_condattr_t *);
	int (*cond_signal)(pthread_cond_t *);
	int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *);
	int (*cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void (*exit_now)(int) __attribute__((noreturn));
};

extern struct symbols symbols_table;

/* Fills the table; may run on several threads at once, all write the same. */
void symbols_resolve(void);

/*
 * Resolved at the first call, not in a constructor: other libraries' constructors
 * and threads call pthread functions before ours has run.
 */
static inline const struct symbols *symbols(void)
{
	if (__builtin_expect(!__atomic_load_n(&symbols_table.ready, __ATOMIC_ACQUIRE), 0))
		symbols_resolve();
	return &symbols_table;
}

#endif /* GILTRACE_SYMBOLS_H */

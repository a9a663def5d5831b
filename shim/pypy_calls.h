/*
 * The part of the hooks that is PyPy's: calls on an object of which pypy_is_*
 * says yes, while a recording is on. Each forwards its call and returns its
 * result.
 */
#ifndef GILTRACE_PYPY_CALLS_H
#define GILTRACE_PYPY_CALLS_H

#include <pthread.h>

#include "pypy.h"

int pypy_lock_stealer(pthread_mutex_t *mutex, unsigned generation);
int pypy_unlock(pthread_mutex_t *mutex, unsigned generation);

/* `frame`: what __builtin_dwarf_cfa() says in the hook itself. */
int pypy_signal(pthread_cond_t *cond, const void *frame);

#endif /* GILTRACE_PYPY_CALLS_H */

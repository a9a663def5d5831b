/*
 * What the program's Python says about itself, through its public C API alone,
 * found in the object that created the GIL (an executable, a libpython, also
 * one opened with RTLD_LOCAL).
 */
#ifndef GILTRACE_PYTHON_H
#define GILTRACE_PYTHON_H

#include <stdbool.h>
#include <stddef.h>

#include "contract.h"

/* Looks the API up in the object that `code` (an address within it) belongs to. */
void python_found(const void *code);

/* "CPython" or "" when the API was not found. */
const char *python_implementation(void);

/* "3.11.7", "" when not known. */
const char *python_version(void);

/* True for a build that can run without the GIL. */
bool python_free_threaded(void);

/*
 * The name of the threading.Thread that the calling thread is about to start
 * (it is inside Thread.start and holds the GIL). Returns 0, or -1 when it is
 * not. Leaves no Python error behind.
 */
int python_starting_thread_name(char *name, size_t size);

/*
 * Whether the calling thread is about to fork only to exec another program: the
 * callers of _posixsubprocess.fork_exec. Such a child closes all descriptors,
 * LTTng's among them.
 */
bool python_forks_to_exec(void);

#endif /* GILTRACE_PYTHON_H */

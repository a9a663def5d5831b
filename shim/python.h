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

/*
 * Looks the API up in the object that `code` (an address within it) belongs to.
 * False when that is where it was found before. An object that was unloaded
 * since, and may have come back elsewhere, is another one.
 */
bool python_found(const void *code);

/* Whether the object with the API has the address `code`. Takes the dynamic linker's lock. */
bool python_contains(const void *code);

/*
 * Whether `code` is PyPy's; then that is what python_implementation says from
 * now on. PyPy has no C API that may be called: of itself it says no more than
 * its file's name does.
 */
bool python_found_pypy(const void *code);

/* "CPython", "PyPy", or "" when the API was not found. */
const char *python_implementation(void);

/* Of the language: "3.11.7", of PyPy "3.11"; "" when not known. */
const char *python_version(void);

/* True for a build that can run without the GIL. */
bool python_free_threaded(void);

/*
 * What tells Python's objects and threads apart; NULL each where the interpreter
 * does not export it. `runtime`: _PyRuntime. `this_thread`: the state of the
 * calling thread, for any thread at any time.
 */
struct python_internals {
	const void *runtime, *code_type, *text_type;
	int (*is_finalizing)(void);
	void *(*this_thread)(void);
};
const struct python_internals *python_internals(void);

/*
 * Whether this is a Python that has been finalized and that treats threads which come
 * back to it as if it had not: up to 3.11 it does, from 3.12 on it ends them.
 */
bool python_forgets_threads(void);

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

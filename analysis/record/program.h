/* The program that a command names. */
#ifndef GILTRACE_PROGRAM_H
#define GILTRACE_PROGRAM_H

#include "base/error.h"

/*
 * Finds the file that execvp(3) would execute for `name`. On 0 the caller frees
 * `*path`, which holds a slash. -ENOENT: there is none; -EACCES: there is, but it
 * may not be executed or is no file.
 */
int program_find(const char *name, char **path, struct error *error);

#endif /* GILTRACE_PROGRAM_H */

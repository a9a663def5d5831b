/* What sort of program a command is, without running it. */
#ifndef GILTRACE_INSPECT_H
#define GILTRACE_INSPECT_H

#include "base/nature.h"

/*
 * Follows `command` (argv) to what it starts. `*path` is the file at the end,
 * which the caller frees, NULL when there is none.
 */
void inspect_command(char *const *command, struct nature *nature, char **path);

/* The privileges that make the loader ignore LD_PRELOAD for `path`, in words; NULL when it would
 * heed it. */
const char *inspect_privileges(const char *path);

#endif /* GILTRACE_INSPECT_H */

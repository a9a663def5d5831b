/* Where libgiltrace.so is, and the LD_PRELOAD that has it loaded. */
#ifndef GILTRACE_PRELOAD_H
#define GILTRACE_PRELOAD_H

#include "base/error.h"

#define PRELOAD_LIBRARY "libgiltrace.so"
#define PRELOAD_RECORDER "libgiltrace-lttng.so"

/*
 * Finds the library beside the running giltrace: in the build tree, else where
 * `cmake --install` puts it. On 0 the caller frees `*path` (absolute). -ENOENT:
 * not there; -EINVAL: a path that LD_PRELOAD cannot express.
 */
int preload_find(char **path, struct error *error);

/* LD_PRELOAD with `library` in front of what `old` (may be NULL) lists; other copies of it left
 * out. Caller frees. */
char *preload_join(const char *library, const char *old);

#endif /* GILTRACE_PRELOAD_H */

/* Small files, read as a whole. */
#ifndef GILTRACE_CHECK_FILE_H
#define GILTRACE_CHECK_FILE_H

#include "base/error.h"

/* The text of a file, which the caller frees with g_free(). 0, or -errno: -EINVAL when it has zero
 * bytes. */
int file_text(const char *path, char **text, struct error *error);

#endif /* GILTRACE_CHECK_FILE_H */

/* Text that was put together goes out. */
#ifndef GILTRACE_WRITE_TEXT_H
#define GILTRACE_WRITE_TEXT_H

#include <stdio.h>

#include <glib.h>

/* Writes `text` to `out`, flushes it, and frees `text` in any case. Returns 0 or -errno. */
int write_text(GString *text, FILE *out);

#endif /* GILTRACE_WRITE_TEXT_H */

/* What processes and threads are called in a report. Each returns a new clean string, to be freed
 * with g_free(). */
#ifndef GILTRACE_LABELS_H
#define GILTRACE_LABELS_H

#include <stddef.h>

#include "stats/report.h"

/* Its command line, else the file it runs, without folders before its name; else "?". */
char *label_process(const struct process_report *process);

/* Its name; "tid 123" when it has none or another thread of the GIL has the same. */
char *label_thread(const struct gil_report *gil, size_t thread);

/* "CPython 3.11.2", or "" when neither is known. */
char *label_interpreter(const struct process_report *process);

#endif /* GILTRACE_LABELS_H */

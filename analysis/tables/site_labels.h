/* What lines of Python are called in a report. Each returns a new clean string, to be freed with
 * g_free(). */
#ifndef GILTRACE_SITE_LABELS_H
#define GILTRACE_SITE_LABELS_H

#include "stats/report.h"

/*
 * "image.py:88 decode": the file without folders, or with as many of them as it
 * takes to tell it from the other files of the GIL. "(line not known)",
 * "(other lines)" where there is no line; "" for a negative `site`.
 */
char *label_site(const struct gil_report *gil, int site);

/* The same without the function: "image.py:88". */
char *label_site_line(const struct gil_report *gil, int site);

#endif /* GILTRACE_SITE_LABELS_H */

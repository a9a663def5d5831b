/*
 * The report as one HTML file that needs nothing else: the figures of the JSON
 * report, the story of what happened when, and the program that draws them
 * (assets/, embedded at build).
 */
#ifndef GILTRACE_PAGE_PAGE_H
#define GILTRACE_PAGE_PAGE_H

#include <stdio.h>

#include "page/story.h"

/* Writes the page to `out` and flushes it. Returns 0, or -errno when that failed. */
int render_page(const struct report *report, const struct story *story, FILE *out);

#endif /* GILTRACE_PAGE_PAGE_H */

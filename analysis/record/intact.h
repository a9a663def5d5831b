/* Whether a trace on disk is whole: what a full disk or a quota leaves behind without any count. */
#ifndef GILTRACE_INTACT_H
#define GILTRACE_INTACT_H

#include <stdbool.h>

/*
 * Compares each stream below `folder` with LTTng's index of it, and looks for
 * metadata that are empty. True when nothing is missing that the index names.
 */
bool intact_check(const char *folder);

#endif /* GILTRACE_INTACT_H */

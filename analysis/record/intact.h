/*
 * Whether a trace on disk is whole: what a full disk or a quota leaves behind without any
 * count. And what LTTng's indexes count as discarded: of the buffers of processes that
 * have ended the session itself does not know it any more.
 */
#ifndef GILTRACE_INTACT_H
#define GILTRACE_INTACT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Compares each stream below `folder` with LTTng's index of it, and looks for
 * metadata that are empty. True when nothing is missing that the index names.
 * Adds to `discarded` the events that found the buffers full.
 */
bool intact_check(const char *folder, uint64_t *discarded);

#endif /* GILTRACE_INTACT_H */

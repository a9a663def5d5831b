/* The folder of several runs of a program: each is a recording in a folder below it, 1, 2 and so
 * on. */
#ifndef GILTRACE_RUN_FOLDERS_H
#define GILTRACE_RUN_FOLDERS_H

#include <stdbool.h>

#include "base/error.h"

/* Where run `number` is recorded, counted from 1. Caller frees with g_free(). */
char *run_folders_name(const char *folder, unsigned number);

/*
 * Sees to it that no recording in `folder` could be taken for a run that is to come: with
 * `replace` those of earlier runs are removed, never anything else; other files stay.
 * `several`: so many runs are to come that the folder cannot be a recording itself. A folder
 * that is not there is all right. -EEXIST, -ENOTEMPTY (recordings that nobody numbered),
 * -EBUSY (one goes on) and other errno.
 */
int run_folders_prepare(const char *folder, bool several, bool replace, struct error *error);

#endif /* GILTRACE_RUN_FOLDERS_H */

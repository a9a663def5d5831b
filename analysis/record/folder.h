/* The folder of one recording: its name, what may stand there already, its removal. */
#ifndef GILTRACE_FOLDER_H
#define GILTRACE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* The file that makes a folder a recording. */
#define FOLDER_MANIFEST "giltrace.json"

/* The folder in it that LTTng writes into. */
#define FOLDER_TRACE "ust"

/*
 * A name that says what was recorded and when: giltrace-PROGRAM-YYYYMMDD-hhmmss,
 * PROGRAM being the script of a Python command line. Not there yet. Caller frees.
 */
char *folder_name_for(char *const *command);

struct folder {
	char *path;   /* absolute */
	bool created; /* by giltrace */
};

/*
 * Makes `name` a folder that can be recorded into: creates it with what is
 * missing above it, or takes it when empty. With `replace` an earlier, finished
 * recording in it is removed, never anything else. -EEXIST, -ENOTEMPTY, -EBUSY
 * (recording still going on), -EACCES and other errno of mkdir(2).
 */
int folder_prepare(struct folder *folder, const char *name, bool replace, struct error *error);

/* Creates an empty folder for a recording that is not kept, in $TMPDIR or /var/tmp. */
int folder_temporary(struct folder *folder, struct error *error);

/* Removes what a recording has put into the folder, and the folder if giltrace created it. Returns
 * 0 or -errno. */
int folder_discard(const struct folder *folder);

/* Bytes of all files in it. */
uint64_t folder_size(const struct folder *folder);

/* Whether LTTng has written a trace into it. */
bool folder_has_trace(const struct folder *folder);

void folder_release(struct folder *folder);

#endif /* GILTRACE_FOLDER_H */

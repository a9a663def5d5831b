/* Finds the CTF folders of a trace: every folder, at any depth, with a file named metadata in it.
 */
#ifndef GILTRACE_DECODE_FIND_H
#define GILTRACE_DECODE_FIND_H

#include <glib.h>

#include "base/error.h"

/*
 * Appends to `folders` (struct ctf_folder *, owned by it) those at or below
 * `path`, in the order of their paths, and to `notes` (char *, owned by it) a
 * sentence for each that cannot be read, or has lost its metadata. Returns 0 when
 * there is at least one, else negative errno with `error`: -ENOENT, -ENOTDIR,
 * -EACCES …, -ENODATA when there is none, -EBADMSG when there are none but broken
 * ones.
 */
int find_folders(const char *path, GPtrArray *folders, GPtrArray *notes, struct error *error);

/* The next step where a trace is damaged. */
#define FIND_BROKEN_NEXT                                                                           \
	"if this is a copy, copy the whole folder once more; what is missing there, too, is "      \
	"lost: "                                                                                   \
	"record again"

#endif /* GILTRACE_DECODE_FIND_H */

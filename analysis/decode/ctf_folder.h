/*
 * One CTF folder (a "physical trace": a metadata file and the data streams
 * beside it), its damage, and a view of it that babeltrace2 can read in spite of
 * the damage: a temporary folder of symbolic links, with repaired copies of the
 * damaged files. The trace itself is never changed.
 */
#ifndef GILTRACE_DECODE_CTF_FOLDER_H
#define GILTRACE_DECODE_CTF_FOLDER_H

#include <glib.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/metadata.h"

struct ctf_folder {
	char *path;
	struct metadata metadata;
	GPtrArray *streams; /* struct stream *, the data streams of the last ctf_folder_prepare() */
	GHashTable *excluded; /* name of a stream that is left out -> reason */
	char *view;	      /* what babeltrace2 reads: `path`, or a temporary folder */
	GArray *copies;	      /* int: descriptors of the repaired copies */
	uint64_t first_clock; /* raw values of the clock; both 0 when unknown */
	uint64_t last_clock;
};

/*
 * Reads the metadata in `path`. NULL with `*code` of metadata_read() when it cannot.
 * ctf_folder_free() releases it, temporary files included.
 */
struct ctf_folder *ctf_folder_open(const char *path, int *code);
void ctf_folder_free(struct ctf_folder *folder);

/*
 * Looks at each data stream, makes the view, and appends to `notes` (char *,
 * owned by it) a sentence for everything that is damaged. May be called again
 * when the trace has grown since. Returns 0 or negative errno with `error`.
 */
int ctf_folder_prepare(struct ctf_folder *folder, GPtrArray *notes, struct error *error);

/* Makes the view show stream `i` of `streams` alone, to find out whether that is what babeltrace2
 * refuses. */
int ctf_folder_single_out(struct ctf_folder *folder, guint i, struct error *error);

/* From the next ctf_folder_prepare() on, stream `i` is left out and `reason` noted. */
void ctf_folder_exclude(struct ctf_folder *folder, guint i, const char *reason);

#endif /* GILTRACE_DECODE_CTF_FOLDER_H */

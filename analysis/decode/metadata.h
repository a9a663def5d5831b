/*
 * The metadata of one CTF folder as text. babeltrace2 reads it again by itself;
 * this looks at it first, because a trace of something else need not be read at
 * all, and because babeltrace2 2.0.4 never returns from a metadata file that
 * ends inside a packet.
 */
#ifndef GILTRACE_DECODE_METADATA_H
#define GILTRACE_DECODE_METADATA_H

#include <glib.h>
#include <stdbool.h>

struct metadata {
	char *text;    /* whole blocks only */
	char uuid[40]; /* of the trace, "" when it has none; traces of equal UUID are one */
	bool damaged;  /* the file ends early: `text` is what can still be used */
};

/*
 * Reads `path`. -EBADMSG when it is not CTF metadata, -ENODATA when it begins like it and
 * ends before the first block or record does, else -errno of opening and reading. After 0,
 * metadata_release().
 */
int metadata_read(struct metadata *metadata, const char *path);
void metadata_release(struct metadata *metadata);

/* Whether it describes an event of `provider`. */
bool metadata_has_provider(const struct metadata *metadata, const char *provider);

/* Appends to `names` (char *, owned by it) the events that it describes, each once. */
void metadata_event_names(const struct metadata *metadata, GPtrArray *names);

#endif /* GILTRACE_DECODE_METADATA_H */

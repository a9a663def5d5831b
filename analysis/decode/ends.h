/*
 * Where the data streams of a trace end. When a session is stopped, or a process that
 * has buffers of its own ends, LTTng closes the last packet of each of them, so all
 * streams of a folder end behind its last event. One that ends before is not whole: a
 * process was killed while it wrote into that buffer, which blocks it for all others
 * that share it, or nobody has stopped the session. No count of LTTng's tells of that.
 * (One without any packet is no stream to babeltrace2: ctf_folder.c has a word for it.)
 */
#ifndef GILTRACE_DECODE_ENDS_H
#define GILTRACE_DECODE_ENDS_H

#include <glib.h>
#include <stdint.h>

/* Clock values are raw; 0: there is none. */
struct stream_end {
	char *path;	     /* of the file */
	uint64_t last_event; /* of giltrace */
	uint64_t packet_end;
};

void stream_end_free(void *end);

/*
 * Appends to `notes` (char *, owned by it) a sentence for each of `ends` (struct
 * stream_end *, which it sorts) that is not whole.
 */
void ends_note(GPtrArray *ends, GPtrArray *notes);

#endif /* GILTRACE_DECODE_ENDS_H */

/*
 * DIR/giltrace.json, schema "giltrace-recording/1": what was recorded, written
 * when a recording starts and completed when it ends. Without "end" the
 * recording goes on, or giltrace was killed.
 *
 *     { schema, giltrace, run, pid, started, command: [...], cwd, begin, buffer_bytes,
 *       end, exit_status | signal, lost_events, lost_packets, stopped_early }
 *
 * `begin` and `end` are ISO 8601 times in UTC; `buffer_bytes` all CPUs together;
 * `started`: field 22 of /proc/PID/stat, so that another process with the number
 * of a dead giltrace is not taken for it; `stopped_early`: recording ended
 * before the command did because the disk was nearly full.
 */
#ifndef GILTRACE_MANIFEST_H
#define GILTRACE_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct manifest_end {
	int exit_status; /* when `signal` is 0 */
	int signal;
	uint64_t lost_events;
	uint64_t lost_packets;
	bool stopped_early;
};

enum manifest_state {
	MANIFEST_NONE,	  /* no recording of giltrace */
	MANIFEST_RUNNING, /* its giltrace is alive */
	MANIFEST_OVER,	  /* ended, or its giltrace is gone */
};

/* Creates the file in `folder`; -EEXIST when another recording was faster. `run`: id of the
 * recording. */
int manifest_begin(const char *folder, const char *run, char *const *command, uint64_t buffer_bytes,
	struct error *error);

/* Completes the file, replacing it as a whole. */
int manifest_end(const char *folder, const struct manifest_end *end, struct error *error);

enum manifest_state manifest_inspect(const char *folder);

#endif /* GILTRACE_MANIFEST_H */

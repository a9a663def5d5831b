/*
 * DIR/giltrace.json, schema "giltrace-recording/1": what was recorded, written
 * when a recording starts and completed when it ends. Without "end" the
 * recording goes on, or giltrace was killed.
 *
 *     { schema, giltrace, run, pid, started, command: [...], cwd, begin, buffer_bytes,
 *       end, exit_status | signal, lost_events, lost_packets, stopped_early, crowded, damaged,
 *       program: {pid, path, kind, barrier} }
 *
 * or, of processes that ran already,
 *
 *     { schema, giltrace, attached: {pids: [...], descendants}, pid, started, cwd, begin, ... }
 *
 * `pids`: the named ones, and with `descendants` those that they had then; no
 * `pids`: all. `begin` and `end` are ISO 8601 times in UTC; `buffer_bytes` all CPUs together;
 * `started`: field 22 of /proc/PID/stat, so that another process with the number
 * of a dead giltrace is not taken for it; `stopped_early`: recording ended
 * before the command did because the disk was nearly full; `crowded`: /dev/shm was
 * full for a while, so that processes may be missing; `damaged`: LTTng could not
 * write all of the trace; `program`: what the
 * command started, with the keys of base/nature.h, for the case that it writes
 * no event.
 */
#ifndef GILTRACE_MANIFEST_H
#define GILTRACE_MANIFEST_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/nature.h"

struct manifest_end {
	int exit_status; /* of the command when `signal` is 0; -1: there was none */
	int signal;
	uint64_t lost_events;
	uint64_t lost_packets;
	bool stopped_early;
	bool crowded;
	bool damaged;
	pid_t pid;	     /* of the command */
	const char *program; /* file that it started, NULL: not known */
	struct nature nature;
};

enum manifest_state {
	MANIFEST_NONE,	  /* no recording of giltrace */
	MANIFEST_RUNNING, /* its giltrace is alive */
	MANIFEST_OVER,	  /* ended, or its giltrace is gone */
};

/* What is recorded: a command, or processes that run already. */
struct manifest_subject {
	const char *run;      /* id of the recording; NULL: those processes carry none */
	char *const *command; /* NULL likewise */
	const GArray *pids;   /* pid_t; NULL: all preloaded processes */
	bool descendants;     /* of `pids`, too */
};

/* Creates the file in `folder`; -EEXIST when another recording was faster. */
int manifest_begin(const char *folder, const struct manifest_subject *subject,
	uint64_t buffer_bytes, struct error *error);

/* Completes the file, replacing it as a whole. */
int manifest_end(const char *folder, const struct manifest_end *end, struct error *error);

enum manifest_state manifest_inspect(const char *folder);

#endif /* GILTRACE_MANIFEST_H */

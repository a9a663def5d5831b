/* What `giltrace record` wrote about a recording beside its trace: FOLDER/giltrace.json, schema
 * "giltrace-recording/1". */
#ifndef GILTRACE_DECODE_RECORDING_H
#define GILTRACE_DECODE_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/nature.h"
#include "base/program_end.h"
#include "selection.h"

struct recording {
	bool present;
	bool ended;			/* false: it goes on, or giltrace was killed */
	bool stopped_early;		/* before its command ended: the disk was nearly full */
	bool crowded;			/* processes may be missing: /dev/shm was full */
	bool damaged;			/* LTTng could not write all of the trace */
	struct selection selection;	/* the processes that were to be recorded; owned */
	struct program_end program_end; /* of the command */
	uint64_t lost_events;
	uint64_t lost_packets;
	char *command; /* words joined by spaces; NULL when not known */
	char *program; /* file that it started; NULL when not known */
	struct nature nature;
	int32_t pid; /* of the command, with `program` */
	int32_t ppid;
};

/*
 * Reads it; no file is no error (`present` false). -EBADMSG when the file is not
 * what giltrace writes, or a newer giltrace wrote it. recording_release() after 0.
 */
int recording_read(struct recording *recording, const char *folder, struct error *error);
void recording_release(struct recording *recording);

#endif /* GILTRACE_DECODE_RECORDING_H */

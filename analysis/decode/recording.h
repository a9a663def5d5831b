/* What `giltrace record` wrote about a recording beside its trace: FOLDER/giltrace.json, schema
 * "giltrace-recording/1". */
#ifndef GILTRACE_DECODE_RECORDING_H
#define GILTRACE_DECODE_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct recording {
	bool present;
	bool ended;	    /* false: it goes on, or giltrace was killed */
	bool stopped_early; /* before its command ended: the disk was nearly full */
	char *run;	    /* id that its processes carry; NULL when there is none */
	uint64_t lost_events;
	uint64_t lost_packets;
};

/*
 * Reads it; no file is no error (`present` false). -EBADMSG when the file is not
 * what giltrace writes, or a newer giltrace wrote it. recording_release() after 0.
 */
int recording_read(struct recording *recording, const char *folder, struct error *error);
void recording_release(struct recording *recording);

#endif /* GILTRACE_DECODE_RECORDING_H */

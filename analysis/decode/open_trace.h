/* What an open trace consists of; for decode/trace.c, which opens it, and decode/reading.c, which
 * reads it. */
#ifndef GILTRACE_DECODE_OPEN_TRACE_H
#define GILTRACE_DECODE_OPEN_TRACE_H

#include "decode/recording.h"
#include "decode/trace.h"

struct trace {
	char *path;
	bool live;	    /* `path` is the URL of a session, and there are no folders */
	GPtrArray *folders; /* struct ctf_folder *, only those with events of giltrace */
	GPtrArray *notes;   /* char *, what finding them met with */
	struct recording recording;
};

#endif /* GILTRACE_DECODE_OPEN_TRACE_H */

/*
 * Writing a trace for other tools. Each format is one struct exporter: it is told
 * what happened when while the trace is read (model/timeline.h), writes as that
 * comes, in memory bounded by threads and lines, and ends with the report, which
 * has the names. Its figures are those of the report.
 *
 * Text from the trace is made valid UTF-8 and escaped as the format wants it.
 */
#ifndef GILTRACE_EXPORT_EXPORT_H
#define GILTRACE_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "model/timeline.h"
#include "stats/report.h"

/* What the width of a frame is in a flame graph. */
enum export_weight {
	WEIGHT_HELD,	/* how long it held the GIL */
	WEIGHT_BLOCKED, /* how long others waited behind its holds: the harm */
	WEIGHT_WAITED,	/* how long it waited itself */
};

/* What an exporter writes to. */
enum export_target {
	EXPORT_STREAM, /* a file or pipe */
	EXPORT_FILE,   /* a file, which it opens itself */
	EXPORT_FOLDER, /* several files in a new folder */
};

struct export_options {
	FILE *stream;	   /* of a stream */
	const char *path;  /* of a file, which exists and is empty, or of an empty folder */
	const char *table; /* csv as a stream: this table */
	enum export_weight weight;
};

struct exporter {
	const char *name;
	enum export_target target;
	bool binary;   /* nothing for a terminal */
	bool regional; /* it can be of a region alone: what it writes are figures of the report */
	/*
	 * Begins to write. Sets the callbacks of `timeline` that it wants, zeroed
	 * before. Returns 0 and a state, or negative errno with `error`.
	 */
	int (*begin)(void **state, const struct export_options *options,
		struct model_timeline *timeline, struct error *error);
	/*
	 * Writes what is left and frees the state. `report` NULL: reading failed, what was
	 * written is of no use. Errors of writing to the stream show in ferror().
	 */
	int (*end)(void *state, const struct report *report, struct error *error);
};

/* NULL: there is none of that name. */
const struct exporter *export_find(const char *name);

/* The same format for one table alone; `table` NULL: `exporter` itself. */
const struct exporter *export_for(const struct exporter *exporter, const char *table);

/* Whether csv has such a table. */
bool export_has_table(const char *name);

#endif /* GILTRACE_EXPORT_EXPORT_H */

/*
 * What the halves of the exporter for the Firefox Profiler share: firefox.c hears
 * what happened, firefox_tables.c knows the lines and names, firefox_json.c writes.
 *
 * The format is the profiler's own, the "processed profile", in version 57, which
 * CPython 3.15's sampling profiler writes, too; newer profilers read it. Its source is
 * docs-developer/CHANGELOG-formats.md and src/types/profile.ts of
 * https://github.com/firefox-devtools/profiler. A thread there is a lane here: columns
 * of markers and samples, which cannot be written before the last event of the trace.
 */
#ifndef GILTRACE_EXPORT_FIREFOX_H
#define GILTRACE_EXPORT_FIREFOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "export/marks.h"
#include "model/model.h"
#include "stats/report.h"

/* Strings that do not depend on the program. */
enum {
	STRING_NONE,
	STRING_HOLD,
	STRING_HOLD_UNSEEN,
	STRING_HOLD_UNENDED,
	STRING_WAIT,
	STRING_WAIT_UNSEEN,
	STRING_SWITCH,
	STRING_SWITCH_UNSEEN,
	STRING_REQUEST,
	STRING_HANDOFF,
	STRING_FREE,
	STRING_LINE_UNKNOWN,
	STRING_LINE_REST,
	STRINGS_FIXED,
};

/* All text of the profile, by number. What is reserved gets its text later, or stays empty. */
struct strings {
	GPtrArray *texts;    /* valid UTF-8; NULL: reserved */
	GHashTable *numbers; /* of texts */
};

struct function {
	uint32_t name;
	uint32_t file; /* 0: not known */
	int32_t line;  /* its first; 0: not known */
};

/* A place of the lane, where it held or waited. */
struct spot {
	uint32_t site;	   /* of the model */
	uint32_t text;	   /* the line, as it is shown */
	uint32_t function; /* of the lane; these two from lane_settle() on */
	int32_t line;
};

/* A thread under a GIL, or a GIL by itself. */
struct lane {
	struct marks marks;
	uint64_t holds; /* of its marks, with both ends: its samples */
	uint32_t name;
	char *tid;	   /* as JSON */
	bool main;	   /* of its process */
	bool known;	   /* a thread that used a GIL */
	uint64_t begin_ns; /* these two 0 when not known, or without an end */
	uint64_t end_ns;
	GArray *spots;	   /* struct spot */
	GArray *functions; /* struct function; from lane_settle() on */
};

/* A process. */
struct image {
	int32_t pid;
	uint32_t again; /* of how many with this pid it is one, from 0 */
	char *name;
	bool exited;
	uint64_t begin_ns; /* 0: not known */
	uint64_t end_ns;
	GPtrArray *lanes; /* struct lane, the main one first */
};

struct firefox {
	FILE *out;
	struct marks_file file;
	struct strings strings;
	GPtrArray *images;
	GHashTable *pids;  /* pid -> how many images */
	uint64_t begin_ns; /* the earliest time; UINT64_MAX: none */
	uint64_t end_ns;
};

void strings_begin(struct strings *strings);
void strings_end(struct strings *strings);
uint32_t strings_put(struct strings *strings, const char *text);
uint32_t strings_reserve(struct strings *strings);
void strings_fill(struct strings *strings, uint32_t number, const char *text);

struct lane *lane_new(struct strings *strings, char *tid);
void lane_free(void *lane);

/* Where the sites of its spots are, as long as the process is there to say so. */
void lane_settle(struct lane *lane, const struct model_process *process, struct strings *strings);

/* The line of a site, as it is shown. */
void strings_fill_site(struct strings *strings, uint32_t number,
	const struct model_process *process, uint32_t site);

/* The whole profile. */
void firefox_write(struct firefox *firefox, const struct report *report);

#endif /* GILTRACE_EXPORT_FIREFOX_H */

/*
 * What happened when, in as much detail as a page has room for: told by the model
 * (model/timeline.h) in the pass that makes the report, bounded in memory. The sums
 * over the buckets of a thread are the held_ns and wait_ns of a report on
 * everything.
 */
#ifndef GILTRACE_PAGE_STORY_H
#define GILTRACE_PAGE_STORY_H

#include <glib.h>

#include "model/timeline.h"
#include "page/cells.h"
#include "page/gaps.h"
#include "page/moments.h"
#include "stats/report.h"

/* Holds and waits by length: eight buckets for every doubling. */
#define LENGTH_STEP_BITS 3
#define LENGTH_BUCKETS (64 << LENGTH_STEP_BITS)

struct story_lane {
	uint32_t index; /* of the model's thread */
	int32_t tid;
	char *name;	   /* "" when not known */
	uint64_t begin_ns; /* when the thread was there */
	uint64_t end_ns;
	struct cell_row *cells;
	uint64_t *holds; /* LENGTH_BUCKETS each; NULL: none */
	uint64_t *waits;
	const struct model_thread *thread; /* NULL once the GIL is done */
};

/* A thread at a line. `file` and `function` "" unless kind is SITE_LINE. */
struct story_place {
	uint32_t lane;
	enum site_kind kind;
	int32_t line;
	char *file;
	char *function;
	const struct model_place *place; /* NULL once the GIL is done */
};

struct story_gil {
	uint32_t process; /* these two are the model's */
	uint32_t index;
	uint64_t begin_ns;
	uint64_t end_ns;
	GPtrArray *lanes;  /* struct story_lane, in the order of their index */
	GPtrArray *places; /* struct story_place, by the model's index */
	struct cell_board *board;
	struct moment_line *line;
	struct gaps gaps;
	uint64_t last_number; /* of the holds that were told, 0 before the first; */
	uint64_t last_end_ns; /* and where it ended, as far as that is known */
};

struct story {
	struct cell_pool cells;
	struct moments *moments;
	GPtrArray *gils; /* struct story_gil, in the order in which they appeared */
};

/* Lengths below 2^LENGTH_STEP_BITS have a bucket each. */
uint32_t story_length_bucket(uint64_t ns);

/* The least length of a bucket. */
uint64_t story_length_least(uint32_t bucket);

/* `cells`, `moments`: CELLS_KEPT and MOMENTS_KEPT, or less for a test. */
struct story *story_new(size_t cells, size_t moments);
void story_free(struct story *story);

/* What the model is to be given so that it tells the story. */
struct model_timeline story_listener(struct story *story);

#endif /* GILTRACE_PAGE_STORY_H */

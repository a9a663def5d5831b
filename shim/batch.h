/*
 * Where a GIL keeps its short holds back until they leave together; bursts.h fills
 * and empties it.
 */
#ifndef GILTRACE_BATCH_H
#define GILTRACE_BATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cycles.h"
#include "frames.h"

/* Part of a `cycles` event: what a buffer has, and what a thread takes from it. */
struct batch {
	uint16_t gil; /* its number */
	uint16_t count;
	uint64_t seq; /* of the first hold's release */
	uint64_t at;  /* when that hold began */
	uint64_t words[CYCLES_WORDS];
};

/* The buffer of a GIL. What each hold looks at is one line of the cache, and the last word. */
struct burst {
	bool locked;
	bool single;	  /* the last word is one cycle, which can still become two */
	uint8_t place;	  /* of the last hold, with its position, as below */
	uint16_t waiters; /* at its end */
	pid_t tid;
	unsigned generation; /* of the recording that its holds belong to */
	struct position position;
	uint64_t stamp;	 /* of its code: see sites_stamp, */
	uint64_t moment; /* and when that was looked at: see sites_moment */
	uint64_t seq;	 /* of the last hold's release */
	struct batch batch;
	uint64_t told;			/* a bit for each place that this batch has told, */
	uint64_t places[CYCLES_PLACES]; /* and its word */
};

#endif /* GILTRACE_BATCH_H */

/*
 * The bursts of one GIL that have arrived and are not settled yet, because something
 * with a lower number is missing: by number, each as it came, a word for one or two
 * holds.
 */
#ifndef GILTRACE_MODEL_EARLY_H
#define GILTRACE_MODEL_EARLY_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* Memory that they take at most, in words. */
#define EARLY_WORDS (UINT32_C(1) << 20)

/* Consecutive holds whose words were found to be right. */
struct burst {
	uint64_t first; /* number */
	uint64_t end;	/* that of the last one, + 1 */
	uint64_t at;	/* since when the first gap is counted */
	struct event_numbers words;
};

/* All zero: empty. */
struct early {
	struct burst *bursts; /* by `first`; those before `begin` are gone */
	uint32_t begin;
	uint32_t end;
	uint32_t size;
	uint64_t words; /* of all, with what a burst takes besides */
};

static inline bool early_is_empty(const struct early *early)
{
	return early->begin == early->end;
}

static inline const struct burst *early_first(const struct early *early)
{
	return &early->bursts[early->begin];
}

static inline const struct burst *early_last(const struct early *early)
{
	return &early->bursts[early->end - 1];
}

/* Is there no room for one of so many words? */
bool early_is_full(const struct early *early, size_t words);

/* Copies the words. */
void early_add(struct early *early, const struct burst *burst);

/* Takes the first out; its words are to be freed with g_free(). */
struct burst early_take(struct early *early);

void early_release(struct early *early);

#endif /* GILTRACE_MODEL_EARLY_H */

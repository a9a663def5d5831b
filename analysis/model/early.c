/* Bursts that came too early; see early.h. */
#include "model/early.h"

#include <glib.h>
#include <string.h>

enum { FIRST_SIZE = 16 };

/* What a burst takes besides its words: its entry, twice when the table has just grown, and the
 * allocator's part. */
#define BURST_WORDS (2 * sizeof(struct burst) / sizeof(uint64_t) + 2)

bool early_is_full(const struct early *early, size_t words)
{
	return early->words + words + BURST_WORDS > EARLY_WORDS;
}

static void make_room(struct early *early)
{
	uint32_t count = early->end - early->begin;

	if (early->end < early->size)
		return;
	if (count > early->size / 2 || !early->size) {
		early->size = early->size ? 2 * early->size : FIRST_SIZE;
		early->bursts = g_renew(struct burst, early->bursts, early->size);
	}
	memmove(early->bursts, early->bursts + early->begin, count * sizeof(*early->bursts));
	early->begin = 0;
	early->end = count;
}

void early_add(struct early *early, const struct burst *burst)
{
	uint32_t place;
	struct burst *added;

	make_room(early);
	/* Mostly it is the last one. */
	for (place = early->end; place > early->begin; place--)
		if (early->bursts[place - 1].first <= burst->first)
			break;
	added = &early->bursts[place];
	memmove(added + 1, added, (early->end - place) * sizeof(*added));
	early->end++;
	*added = *burst;
	added->words.numbers =
		g_memdup2(burst->words.numbers, burst->words.count * sizeof(*burst->words.numbers));
	early->words += burst->words.count + BURST_WORDS;
}

struct burst early_take(struct early *early)
{
	struct burst *first = &early->bursts[early->begin++];

	early->words -= first->words.count + BURST_WORDS;
	return *first;
}

void early_release(struct early *early)
{
	while (!early_is_empty(early))
		g_free((void *)(uintptr_t)early_take(early).words.numbers);
	g_free(early->bursts);
	*early = (struct early){0};
}

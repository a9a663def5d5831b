/* Sums by number; see tally.h. */
#include "model/tally.h"

#include <glib.h>
#include <stdlib.h>

#define FIRST_SIZE 8

static struct tally_entry *find(const struct tally *tally, uint32_t tag)
{
	for (uint32_t i = tally_hash(tag);; i++) {
		struct tally_entry *entry = &tally->entries[i & tally->mask];

		if (!entry->tag || entry->tag == tag)
			return entry;
	}
}

static void grow(struct tally *tally)
{
	struct tally old = *tally;
	uint32_t size = old.entries ? 2 * (old.mask + 1) : FIRST_SIZE;

	tally->entries = g_new0(struct tally_entry, size);
	tally->mask = size - 1;
	for (uint32_t i = 0; old.entries && i <= old.mask; i++) {
		if (old.entries[i].tag)
			*find(tally, old.entries[i].tag) = old.entries[i];
	}
	g_free(old.entries);
}

void tally_insert(struct tally *tally, uint32_t key, uint64_t amount)
{
	/* At most three quarters full, so that a search always meets a free entry. */
	if (!tally->entries || 4 * (tally->used + 1) > 3 * (tally->mask + 1))
		grow(tally);
	*find(tally, key + 1) = (struct tally_entry){.tag = key + 1, .sum = amount};
	tally->used++;
}

void tally_merge(struct tally *into, const struct tally *from)
{
	for (uint32_t i = 0; from->entries && i <= from->mask; i++) {
		if (from->entries[i].tag)
			tally_add(into, from->entries[i].tag - 1, from->entries[i].sum);
	}
}

static int by_tag(const void *a, const void *b)
{
	uint32_t left = ((const struct tally_entry *)a)->tag;
	uint32_t right = ((const struct tally_entry *)b)->tag;

	return (left > right) - (left < right);
}

struct tally_entry *tally_sorted(const struct tally *tally)
{
	struct tally_entry *sorted = g_new(struct tally_entry, tally->used + 1);
	uint32_t count = 0;

	for (uint32_t i = 0; tally->entries && i <= tally->mask; i++) {
		if (tally->entries[i].tag)
			sorted[count++] = tally->entries[i];
	}
	qsort(sorted, count, sizeof(*sorted), by_tag);
	return sorted;
}

void tally_release(struct tally *tally)
{
	g_free(tally->entries);
	*tally = (struct tally){0};
}

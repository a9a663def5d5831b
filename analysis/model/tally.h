/* Sums by number, kept only for the numbers that occur: blame by holder, counts by histogram
 * bucket. */
#ifndef GILTRACE_MODEL_TALLY_H
#define GILTRACE_MODEL_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_entry {
	uint64_t sum;
	uint32_t tag; /* key + 1; 0: free */
};

/* All zero: empty. */
struct tally {
	struct tally_entry *entries;
	uint32_t mask;
	uint32_t used;
};

/* a + b, or UINT64_MAX when that is too large: hostile input must not wrap a total. */
static inline uint64_t tally_plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint32_t tally_hash(uint32_t tag)
{
	return (uint32_t)((tag * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* The part of tally_add for a key that is not there yet. */
void tally_insert(struct tally *tally, uint32_t key, uint64_t amount);

/* False, and nothing is added, when the key is not there yet. */
static inline bool tally_add_known(struct tally *tally, uint32_t key, uint64_t amount)
{
	if (!tally->entries)
		return false;
	for (uint32_t i = tally_hash(key + 1);; i++) {
		struct tally_entry *entry = &tally->entries[i & tally->mask];

		if (entry->tag == key + 1) {
			entry->sum = tally_plus(entry->sum, amount);
			return true;
		}
		if (!entry->tag)
			return false;
	}
}

/* `key` < UINT32_MAX. Aborts when memory is exhausted, as GLib does. */
static inline void tally_add(struct tally *tally, uint32_t key, uint64_t amount)
{
	if (!tally_add_known(tally, key, amount))
		tally_insert(tally, key, amount);
}

/* Adds every sum of `from` to `into`. */
void tally_merge(struct tally *into, const struct tally *from);

/* A new array of the `used` entries in the order of their keys (tag - 1); g_free it. */
struct tally_entry *tally_sorted(const struct tally *tally);

void tally_release(struct tally *tally);

#endif /* GILTRACE_MODEL_TALLY_H */

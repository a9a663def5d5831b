/* The latest turns of a GIL; see turns.h. */
#include "model/turns.h"

#include <glib.h>

void turns_add(struct turns *turns, uint64_t end, uint64_t latency_ns)
{
	if (!turns->kept)
		turns->kept = g_new(struct turn, TURNS_KEPT);
	turns->kept[turns->count++ % TURNS_KEPT] = (struct turn){end, latency_ns};
}

/* The number of the first turn kept that ended after `time`. */
static uint64_t first_after(const struct turns *turns, uint64_t time)
{
	uint64_t low = turns->count > TURNS_KEPT ? turns->count - TURNS_KEPT : 0;
	uint64_t high = turns->count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (turns->kept[middle % TURNS_KEPT].end <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t turns_within(const struct turns *turns, uint64_t begin, uint64_t end, struct turn *first)
{
	uint64_t from = first_after(turns, begin), to = first_after(turns, end);

	if (from < to)
		*first = turns->kept[from % TURNS_KEPT];
	return to - from;
}

void turns_release(struct turns *turns)
{
	g_free(turns->kept);
	*turns = (struct turns){0};
}

/*
 * A free-threaded interpreter switches its GIL off and on: when that was, and what
 * it means for those who waited.
 */
#include "model/state.h"

static struct cover_span *last_off(const struct gil *gil)
{
	if (!gil->off || !gil->off->len)
		return NULL;
	return &g_array_index(gil->off, struct cover_span, gil->off->len - 1);
}

static bool is_off(const struct gil *gil)
{
	const struct cover_span *last = last_off(gil);

	return last && last->end == UINT64_MAX;
}

/* Nobody waits for a GIL that is off. */
static void end_waits(struct gil *gil, uint64_t at)
{
	for (struct open_wait *open = gil->opens; open; open = open->next)
		if (open->thread->open == open)
			wait_end(gil, open->thread, at);
}

static void switch_off(struct gil *gil, uint64_t at)
{
	const struct cover_span *last = last_off(gil);
	struct cover_span off = {last ? MAX(at, last->end) : at, UINT64_MAX};

	if (!gil->off)
		gil->off = g_array_new(FALSE, FALSE, sizeof(struct cover_span));
	g_array_append_val(gil->off, off);
	end_waits(gil, off.begin);
}

void switch_feed(struct gil *gil, enum gil_mode mode, uint64_t at)
{
	struct cover_span *last = last_off(gil);

	gil->facts.mode = mode;
	if (mode == GIL_DISABLED && !is_off(gil))
		switch_off(gil, at);
	else if (mode != GIL_DISABLED && is_off(gil))
		last->end = MIN(MAX(at, last->begin), UINT64_MAX - 1);
}

void switch_end_wait(struct gil *gil, struct thread *thread)
{
	const struct cover_span *first = NULL;

	for (guint i = gil->off ? gil->off->len : 0; i-- > 0;) {
		const struct cover_span *off = &g_array_index(gil->off, struct cover_span, i);

		if (off->begin < thread->open->since)
			break;
		first = off;
	}
	if (first)
		wait_end(gil, thread, first->begin);
}

uint64_t switch_on_ns(const struct gil *gil, uint64_t from, uint64_t to)
{
	uint64_t on = to > from ? to - from : 0;

	for (guint i = 0; gil->off && i < gil->off->len; i++) {
		const struct cover_span *off = &g_array_index(gil->off, struct cover_span, i);
		uint64_t begin = MAX(off->begin, from), end = MIN(off->end, to);

		if (end > begin)
			on -= end - begin;
	}
	return on;
}

/* When threads were inside of regions; see stays.h. */
#include "model/stays.h"

#define FIRST_SIZE 4

void stays_enter(struct stays *stays, struct region *region, uint64_t at)
{
	struct span span = {region, at, UINT64_MAX};

	if (!stays->open)
		stays->open = g_array_new(FALSE, FALSE, sizeof(struct span));
	g_array_append_val(stays->open, span);
}

static void grow(struct stays *stays)
{
	uint32_t size = stays->size ? 2 * stays->size : FIRST_SIZE;
	struct span *closed = g_new(struct span, size);

	for (uint64_t number = stays->pushed - stays->count;
		stays->closed && number < stays->pushed; number++)
		closed[number & (size - 1)] = stays->closed[number & (stays->size - 1)];
	g_free(stays->closed);
	stays->closed = closed;
	stays->size = size;
}

static void forget(struct stays *stays, const struct span *oldest, uint64_t floor)
{
	if (oldest->end > floor)
		stays->forgotten = oldest->end;
	stays->count--;
}

static void push(struct stays *stays, struct span span, uint64_t floor)
{
	const struct span *oldest;

	if (stays_is_full(stays)) {
		oldest = stays->size ? &stays->closed[stays->pushed & (stays->size - 1)] : NULL;
		if (!oldest || (oldest->end > floor && stays->size < STAYS_KEPT))
			grow(stays);
		else
			forget(stays, oldest, floor);
	}
	stays->count++;
	stays->closed[stays->pushed++ & (stays->size - 1)] = span;
}

void stays_leave(struct stays *stays, struct region *region, uint64_t at, uint64_t floor)
{
	for (guint i = stays->open ? stays->open->len : 0; i-- > 0;) {
		struct span span = g_array_index(stays->open, struct span, i);

		if (span.region != region)
			continue;
		g_array_remove_index(stays->open, i);
		span.end = MAX(at, span.begin);
		push(stays, span, floor);
		return;
	}
}

static void add_part(const struct span *span, uint64_t begin, uint64_t end, GArray *parts)
{
	struct span part = {span->region, MAX(span->begin, begin), MIN(span->end, end)};

	if (part.begin < part.end || (begin == end && part.begin == begin && begin < span->end))
		g_array_append_val(parts, part);
}

bool stays_within(const struct stays *stays, uint64_t begin, uint64_t end, GArray *parts)
{
	for (guint i = 0; stays->open && i < stays->open->len; i++)
		add_part(&g_array_index(stays->open, struct span, i), begin, end, parts);
	for (uint64_t back = 1; back <= stays->count; back++) {
		const struct span *span =
			&stays->closed[(stays->pushed - back) & (stays->size - 1)];

		if (span->end <= begin)
			return true;
		add_part(span, begin, end, parts);
	}
	return begin >= stays->forgotten;
}

void stays_release(struct stays *stays)
{
	if (stays->open)
		g_array_free(stays->open, TRUE);
	g_free(stays->closed);
	*stays = (struct stays){0};
}

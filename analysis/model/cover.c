/* The length of a union of time intervals; see cover.h. */
#include "model/cover.h"

#include <glib.h>
#include <string.h>

#define FIRST_SIZE 16

/* The first span that ends at or after `time`, `count` when there is none. */
static uint32_t first_ending(const struct cover *cover, uint64_t time)
{
	uint32_t low = 0, high = cover->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (cover->spans[middle].end < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Replaces the spans [from, to) by one. */
static void replace(struct cover *cover, uint32_t from, uint32_t to, struct cover_span span)
{
	if (from == to && cover->count == cover->size) {
		cover->size = cover->size ? 2 * cover->size : FIRST_SIZE;
		cover->spans = g_renew(struct cover_span, cover->spans, cover->size);
	}
	if (to != from + 1)
		memmove(&cover->spans[from + 1], &cover->spans[to],
			(cover->count - to) * sizeof(*cover->spans));
	cover->count += 1 - (to - from);
	cover->spans[from] = span;
}

void cover_add_kept(struct cover *cover, uint64_t begin, uint64_t end)
{
	uint32_t from, to;

	if (end <= begin)
		return;
	/* Mostly it continues the last span, or comes behind it. */
	if (cover->count && begin >= cover->spans[cover->count - 1].begin)
		from = cover->count - (begin <= cover->spans[cover->count - 1].end);
	else
		from = first_ending(cover, begin);
	for (to = from; to < cover->count && cover->spans[to].begin <= end; to++) {
		begin = MIN(begin, cover->spans[to].begin);
		end = MAX(end, cover->spans[to].end);
	}
	replace(cover, from, to, (struct cover_span){begin, end});
}

void cover_add(struct cover *cover, uint64_t begin, uint64_t end)
{
	cover_add_kept(cover, MAX(begin, cover->floor), end);
}

void cover_bridge(struct cover *cover, uint64_t since)
{
	uint64_t begin = MAX(since, cover->floor);
	uint32_t from = first_ending(cover, begin), to = cover->count / 2;

	/* The newest half stays apart: the wait may turn out to have ended a little ago. */
	if (from >= to)
		return;
	begin = MIN(begin, cover->spans[from].begin);
	replace(cover, from, to, (struct cover_span){begin, cover->spans[to - 1].end});
}

void cover_compact(struct cover *cover, const struct cover_span *kept, uint32_t kept_count)
{
	uint32_t half = cover->count / 2, count = 0;
	bool *keep = g_new0(bool, half + 1);

	for (uint32_t k = 0; k < kept_count; k++) {
		for (uint32_t i = first_ending(cover, kept[k].begin);
			i < half && cover->spans[i].begin <= kept[k].end; i++)
			keep[i] = true;
	}
	for (uint32_t i = 0; i < cover->count; i++) {
		if (i >= half || keep[i]) {
			cover->spans[count++] = cover->spans[i];
		} else {
			cover->done_ns += cover->spans[i].end - cover->spans[i].begin;
			cover->floor = MAX(cover->floor, cover->spans[i].end);
		}
	}
	cover->count = count;
	g_free(keep);
}

uint64_t cover_length(const struct cover *cover)
{
	uint64_t length = cover->done_ns;

	for (uint32_t i = 0; i < cover->count; i++)
		length += cover->spans[i].end - cover->spans[i].begin;
	return length;
}

uint64_t cover_within(const struct cover *cover, uint64_t from, uint64_t to)
{
	uint64_t length = from < cover->floor ? cover->done_ns : 0;

	for (uint32_t i = first_ending(cover, from); i < cover->count; i++) {
		uint64_t begin = MAX(cover->spans[i].begin, from);
		uint64_t end = MIN(cover->spans[i].end, to);

		if (begin >= to)
			break;
		length += end > begin ? end - begin : 0;
	}
	return length;
}

void cover_release(struct cover *cover)
{
	g_free(cover->spans);
	*cover = (struct cover){0};
}

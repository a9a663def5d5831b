/*
 * The length of a union of time intervals that come nearly in order, in fixed
 * memory: recent intervals are kept apart, older ones are only summed up.
 */
#ifndef GILTRACE_MODEL_COVER_H
#define GILTRACE_MODEL_COVER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Every acquisition adds at most two, so the cover reaches back at least as far
 * as RING_HOLDS: what it has to clip was already reported as time whose holder
 * is not known.
 */
#ifndef COVER_SPANS
#define COVER_SPANS (UINT32_C(1) << 18)
#endif

struct cover_span {
	uint64_t begin;
	uint64_t end;
};

/* All zero: empty. */
struct cover {
	struct cover_span *spans; /* in order, with gaps between them */
	uint32_t count;
	uint32_t size;
	uint32_t limit;	  /* of spans kept apart, where it is to be fewer than COVER_SPANS; or 0 */
	uint64_t done_ns; /* of the spans that are no longer kept */
	uint64_t floor;	  /* the end of the last of them */
};

/* Adds [begin, end), but not what lies before the floor. Call cover_compact first when it is full.
 */
void cover_add(struct cover *cover, uint64_t begin, uint64_t end);

/* The same without the floor, for times at which all spans were kept. */
void cover_add_kept(struct cover *cover, uint64_t begin, uint64_t end);

static inline bool cover_is_full(const struct cover *cover)
{
	uint32_t most = cover->limit && cover->limit < COVER_SPANS ? cover->limit : COVER_SPANS;

	return cover->count >= most - 1;
}

/* [since, now) is going to be covered: joins what is old and within it. */
void cover_bridge(struct cover *cover, uint64_t since);

/* Sums up the older half, except spans that touch one of the `kept_count` intervals of `kept`. */
void cover_compact(struct cover *cover, const struct cover_span *kept, uint32_t kept_count);

/* The length of the union. */
uint64_t cover_length(const struct cover *cover);

/* Of [from, to) what the union has; what is no longer kept counts as a whole if `from` lies before.
 */
uint64_t cover_within(const struct cover *cover, uint64_t from, uint64_t to);

void cover_release(struct cover *cover);

#endif /* GILTRACE_MODEL_COVER_H */

/*
 * The story as a page takes it in: what there is as JSON, and the many numbers of it
 * packed, in the order given here. Times are nanoseconds from `base_ns` on.
 *
 *   {base_ns, gils: [{process, gil (indices into the report), begin, end, bucket_ns,
 *     kept, left_out (moments), windows: [[begin, end]], moments: [of each kind],
 *     gaps: [[begin, end]] (of which nothing is known), places: [[lane, site (index into the
 * report's; -1)]], lanes: [{tid, name, thread (index into the report's; -1), begin, end, first
 *       (begin of the first bucket), buckets, holds, waits: [[least ns, count]]}]}]}
 *
 * Packed, GIL after GIL, each of these a run of numbers:
 *   holds      place; begin, from the end of the one before (signed); length;
 *              requested_ns; waiters; unknown
 *   waits      place; begin, from that of the one before; length; place behind + 2, or 0
 *              (the GIL was free), 1 (not known); unknown
 *   yields     place; begin, as of waits; length
 *   requests   lane; begin, as of waits; lane asked + 1, or 0 (not known)
 *   lanes      held_ns, wait_ns, holds, waits, requests of each bucket, lane after lane
 */
#ifndef GILTRACE_PAGE_STORY_PACK_H
#define GILTRACE_PAGE_STORY_PACK_H

#include <jansson.h>

#include "page/pack.h"
#include "page/story.h"

/* A new reference, NULL when memory ran out; only GILs that are in the report are told of. */
json_t *story_pack(const struct story *story, const struct report *report, struct pack *pack);

#endif /* GILTRACE_PAGE_STORY_PACK_H */

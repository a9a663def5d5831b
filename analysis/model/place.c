/* Where threads hold and wait: each pair of a thread and a line is a place; see model.h. */
#include "model/state.h"

/*
 * Places of one GIL that are told apart; of more, those of a thread count as one.
 * Tests of what happens beyond it set a small one.
 */
#ifndef PLACES_KEPT
#define PLACES_KEPT (UINT32_C(1) << 16)
#endif

static struct place *new_place(struct thread *thread, uint32_t site)
{
	struct gil *gil = thread->gil;
	struct place *place = g_new0(struct place, 1);

	place->thread = thread;
	place->facts.thread = &thread->facts;
	place->facts.site = site;
	place->facts.index = gil->places->len;
	g_ptr_array_add(gil->places, place);
	map_set(&thread->places, site, place);
	gil->sink->place_seen(gil->sink->user, &place->facts);
	if (gil->timeline->place_seen)
		gil->timeline->place_seen(gil->timeline->user, &place->facts);
	return place;
}

struct place *place_find(struct thread *thread, uint32_t site)
{
	struct place *place = map_get(&thread->places, site);

	if (place)
		return place;
	if (thread->gil->places->len < PLACES_KEPT || site == SITE_UNKNOWN ||
		site == MODEL_SITE_REST)
		return new_place(thread, site);
	return place_find(thread, MODEL_SITE_REST);
}

/* Waits: announced ones until they end, and what each finished one adds up to. */
#include "model/state.h"

/* Of the spans kept apart for forced switches that are not told yet; more would not leave room. */
#define KEPT_SPANS 128

void wait_announce(struct gil *gil, struct thread *thread, const struct event *event)
{
	struct open_wait *open = thread->open;
	uint64_t since = event->at;

	/* Told twice, or late, by who looked while it ended. */
	if ((open && open->since >= since) || since < thread->waited_until)
		return;
	if (open) {
		/* It never ended, as far as the trace tells. */
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		wait_discard(gil, open);
	}
	open = g_new0(struct open_wait, 1);
	open->thread = thread;
	open->since = since;
	open->end = EVENT_UNKNOWN;
	open->cut = EVENT_UNKNOWN;
	/* One from before that, which its thread was late to tell. */
	open->again = gil->base_at > since ? gil->base_at : EVENT_UNKNOWN;
	open->folded_from = MAX(since, gil->ring.floor);
	open->next = gil->opens;
	if (open->next)
		open->next->previous = open;
	gil->opens = open;
	gil->fold_from = MIN(gil->fold_from, since);
	thread->open = open;
	thread->first_seen = MIN(thread->first_seen, since);
	thread->last_seen = MAX(thread->last_seen, since);
	gil_extend(gil, since);
	if (gil->timeline->wait_begun)
		gil->timeline->wait_begun(gil->timeline->user, &thread->facts, since);
	if (gil->off)
		switch_end_wait(gil, thread);
	if (event->wait.holder > HOLDER_NONE &&
		(gil->seen_holder != event->wait.holder || gil->seen_since < gil->known_until)) {
		gil->seen_holder = event->wait.holder;
		gil->seen_since = since;
	}
}

void wait_discard(struct gil *gil, struct open_wait *open)
{
	if (open->thread->open == open)
		open->thread->open = NULL;
	if (open->end != EVENT_UNKNOWN)
		gil->ending--;
	if (open == gil->opens)
		gil->opens = open->next;
	else
		open->previous->next = open->next;
	if (open->next)
		open->next->previous = open->previous;
	if (!gil->opens)
		gil->fold_from = UINT64_MAX;
	tally_release(&open->folded);
	g_free(open);
}

bool wait_is_acquired(const struct open_wait *open)
{
	return open->end == EVENT_UNKNOWN && open->thread->open != open;
}

void wait_end(struct gil *gil, struct thread *thread, uint64_t at)
{
	if (!thread->open)
		return;
	at = MIN(at, thread->open->cut);
	thread->open->end = MIN(MAX(at, thread->open->since), EVENT_UNKNOWN - 1);
	thread->open = NULL;
	gil->ending++;
}

void wait_cut(struct gil *gil, uint64_t at, uint64_t restarted_at)
{
	for (struct open_wait *open = gil->opens; open; open = open->next) {
		if (open->since >= restarted_at)
			continue;
		open->cut = MIN(open->cut, MAX(at, open->since));
		open->again = MIN(open->again, restarted_at);
		/* Its thread has exited: perhaps long after, but ahead of this news. */
		if (open->end != EVENT_UNKNOWN)
			open->end = MIN(open->end, open->cut);
	}
}

/* It ended where the hold began, unless it is one from before recording stopped. */
void wait_recover(struct gil *gil, struct slot *slot)
{
	struct open_wait *open = slot->open;
	uint64_t begin = slot->at - slot->held_ns;

	if (slot->flags & SLOT_UNSEEN || begin < open->since || begin >= open->again) {
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		wait_discard(gil, open);
		slot->open = NULL;
		return;
	}
	gil_anomaly(gil, ANOMALY_GAP, 1);
	slot->flags |= SLOT_ACQUIRED;
	slot->wait_ns = begin - open->since;
}

/* The cover is full: what is going to be covered anyway, or lies far back, is joined or summed up.
 */
void wait_compact(struct gil *gil, struct view *view)
{
	struct cover *cover = view ? &view->cover : &gil->cover;
	struct cover_span kept[KEPT_SPANS];
	uint32_t count = 0;
	uint64_t since = UINT64_MAX;

	for (struct open_wait *open = gil->opens; open; open = open->next) {
		if (open->end == EVENT_UNKNOWN)
			since = MIN(since, view ? view_open_since(view, open) : open->since);
	}
	if (since != UINT64_MAX)
		cover_bridge(cover, since);
	if (!cover_is_full(cover))
		return;
	for (guint i = 0; i < gil->thread_order->len; i++) {
		struct thread *thread = g_ptr_array_index(gil->thread_order, i);
		struct watch *watch = thread->watch;

		if (!watch || !watch->pending)
			continue;
		if (!view)
			watch->kept = count < KEPT_SPANS;
		if (count < KEPT_SPANS)
			kept[count++] = (struct cover_span){watch->since, watch_horizon(watch)};
	}
	cover_compact(cover, kept, count);
}

static void add_cover(struct gil *gil, uint64_t begin, uint64_t end)
{
	if (cover_is_full(&gil->cover))
		wait_compact(gil, NULL);
	cover_add(&gil->cover, begin, end);
}

static void add_yield_cover(struct thread *thread, uint64_t begin, uint64_t end)
{
	struct gil *gil = thread->gil;
	const struct watch *watch = thread->watch;

	if (cover_is_full(&gil->cover))
		wait_compact(gil, NULL);
	if (begin >= gil->cover.floor || !watch || !watch->kept || watch->since != begin)
		cover_add(&gil->cover, begin, end);
	else
		cover_add_kept(&gil->cover, begin, MIN(end, watch_horizon(watch)));
}

/* The forced switch that began with the thread's last release. It ended before the wait. */
static void settle_yield(struct place *place, uint64_t yield_ns, const struct wait_times *times)
{
	struct thread *thread = place->thread;
	struct gil *gil = thread->gil;
	struct model_view *all = &gil->facts.everything;
	uint64_t begin = times->yield_since, room = times->since > begin ? times->since - begin : 0;

	if (!times->yield_known) {
		blame_unknown(all, place, yield_ns);
		return;
	}
	if (yield_ns > room) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		blame_unknown(all, place, yield_ns - room);
		yield_ns = room;
	}
	blame_yield(all, place, begin, begin, begin + yield_ns);
	add_yield_cover(thread, begin, begin + yield_ns);
}

/* Blames both parts of a wait, in the order of time, which is the order that a cover takes best. */
static void settle_parts(struct place *place, const struct model_wait *wait,
	const struct wait_times *times, const struct open_wait *open)
{
	struct gil *gil = place->thread->gil;

	if (wait->yield_ns)
		settle_yield(place, wait->yield_ns, times);
	if (wait->wait_ns) {
		blame_wait(&gil->facts.everything, place, times->since, times->until, open);
		add_cover(gil, times->since, times->until);
	}
}

/* The release that a forced switch began with may be among what is missing. */
static struct wait_times times_of(
	const struct thread *thread, const struct model_wait *wait, uint64_t acquired_at)
{
	struct wait_times times = {
		.since = acquired_at - wait->wait_ns,
		.until = acquired_at,
		.yield_since = thread->last_release,
		.yield_known = thread->last_hold > thread->gil->gap_after,
	};

	times.yield_until = MIN(times.since, tally_plus(times.yield_since, wait->yield_ns));
	return times;
}

static void count_turns(const struct gil *gil, struct model_wait *wait, uint64_t acquired_at)
{
	uint64_t since = acquired_at - wait->wait_ns;
	struct turn first;

	if (!wait->wait_ns || !gil->turns.count)
		return;
	wait->turns = turns_within(&gil->turns, since, acquired_at, &first);
	if (wait->turns) {
		wait->first_turn_ns = first.end - since;
		wait->first_latency_ns = first.latency_ns;
	}
}

/* Where the forced switch before a wait began; see struct timeline_wait. */
static uint64_t yield_begin(const struct thread *thread, uint64_t yield_ns, uint64_t limit)
{
	bool known = thread->last_hold > thread->gil->gap_after;

	if (!known || limit < thread->last_release || limit - thread->last_release < yield_ns)
		return EVENT_UNKNOWN;
	return thread->last_release;
}

static uint32_t behind(const struct gil *gil, uint64_t since, bool follows)
{
	const struct hold *last = ring_count(&gil->ring) ? ring_newest(&gil->ring, 0) : NULL;

	if (!follows || !last || pypy_is(gil))
		return MODEL_UNKNOWN;
	return since == EVENT_UNKNOWN || last->end > since ? last->holder : MODEL_HANDOFF;
}

static void tell_time(
	struct place *place, const struct slot *slot, struct timeline_wait wait, bool follows)
{
	struct gil *gil = place->thread->gil;
	uint64_t wait_ns = slot->wait_ns;

	if (!wait_ns && !slot->yield_ns)
		return;
	wait.begin_ns = wait_ns == EVENT_UNKNOWN ? EVENT_UNKNOWN : wait.end_ns - wait_ns;
	wait.yield_ns = slot->yield_ns;
	if (wait.yield_ns)
		wait.yield_begin_ns = yield_begin(place->thread, wait.yield_ns,
			wait_ns == EVENT_UNKNOWN ? wait.end_ns : wait.begin_ns);
	wait.behind = behind(gil, wait.begin_ns, follows);
	gil->timeline->wait(gil->timeline->user, &place->facts, &wait);
}

void wait_settle(
	struct gil *gil, uint64_t number, struct slot *slot, uint64_t acquired_at, bool follows)
{
	struct thread *thread = slot->thread;
	struct place *place = place_at(thread, slot->wait_site, &thread->waited_at);
	struct model_wait wait = {
		.yield_ns = slot->yield_ns,
		.ended = true,
		.turn = follows && gil->last_forced,
		.answered = follows && gil->last_answered,
	};
	struct wait_times times;

	if (slot->wait_ns != EVENT_UNKNOWN && slot->wait_ns > acquired_at) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		slot->wait_ns = EVENT_UNKNOWN;
	}
	wait.wait_ns = slot->wait_ns;
	if (wait.wait_ns == EVENT_UNKNOWN) {
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		gil->sink->wait(gil->sink->user, &gil->facts.everything, &place->facts, &wait);
		if (gil->process->watched)
			view_wait_unknown(place, &wait, acquired_at);
	} else if (wait.wait_ns || wait.yield_ns) {
		times = times_of(thread, &wait, acquired_at);
		gil_extend(gil, times.since);
		thread->first_seen = MIN(thread->first_seen, times.since);
		settle_parts(place, &wait, &times, slot->open);
		count_turns(gil, &wait, acquired_at);
		gil->sink->wait(gil->sink->user, &gil->facts.everything, &place->facts, &wait);
		if (gil->process->watched)
			view_wait(place, &wait, &times, slot->open);
	}
	if (gil->timeline->wait)
		tell_time(place, slot,
			(struct timeline_wait){
				.number = number,
				.end_ns = acquired_at,
				.waited_ns = wait.wait_ns == EVENT_UNKNOWN
						     ? 0
						     : tally_plus(wait.wait_ns, wait.yield_ns),
			},
			follows);
	if (slot->open)
		wait_discard(gil, slot->open);
	slot->open = NULL;
}

/* A wait that no acquire ended. */
static void settle_ended(struct gil *gil, struct open_wait *open, uint64_t end)
{
	struct thread *thread = open->thread;
	struct place *place = place_find(thread, SITE_UNKNOWN);
	struct model_wait wait = {.wait_ns = end - open->since};
	struct wait_times times = {.since = open->since, .until = end};

	thread->last_seen = MAX(thread->last_seen, end);
	settle_parts(place, &wait, &times, open);
	gil->sink->wait(gil->sink->user, &gil->facts.everything, &place->facts, &wait);
	if (gil->process->watched)
		view_wait(place, &wait, &times, open);
	if (gil->timeline->wait)
		gil->timeline->wait(gil->timeline->user, &place->facts,
			&(struct timeline_wait){
				.begin_ns = open->since,
				.end_ns = end,
				.behind = MODEL_UNKNOWN,
				.waited_ns = wait.wait_ns,
			});
	wait_discard(gil, open);
}

void wait_settle_ended(struct gil *gil, uint64_t until)
{
	struct open_wait *next;

	for (struct open_wait *open = gil->opens; open; open = next) {
		next = open->next;
		if (open->end != EVENT_UNKNOWN && open->end <= until)
			settle_ended(gil, open, open->end);
	}
}

void wait_settle_all(struct gil *gil)
{
	struct open_wait *next;

	for (struct open_wait *open = gil->opens; open; open = next) {
		uint64_t end = MIN(MIN(open->end, open->cut), gil->facts.end_ns);

		/* The longest of all would look like one of unknown length. */
		if (end - open->since == EVENT_UNKNOWN)
			end--;
		next = open->next;
		settle_ended(gil, open, end);
	}
}

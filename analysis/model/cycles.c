/* Many finished holds in one event: each is what a release would have said of it. */
#include "../shim/cycles.h"

#include "model/state.h"

/* What has been read of the words. */
struct reader {
	uint64_t number; /* of the next hold */
	uint64_t at;	 /* end of the one before */
	uint64_t told;	 /* a bit for each place */
};

/* Whether `count` cycles can follow. */
static bool pass(struct reader *reader, unsigned place, uint64_t count, uint64_t ns)
{
	reader->number += count;
	return reader->told >> place & 1 && !__builtin_add_overflow(reader->at, ns, &reader->at) &&
	       reader->at != EVENT_UNKNOWN && reader->number <= EVENT_UNKNOWN / 2;
}

static uint64_t length_of(struct cycle cycle)
{
	return cycle.gap_ns + cycle.hold_ns;
}

static uint64_t first_gap(uint64_t word)
{
	return cycles_kind(word) == CYCLES_ONE ? cycles_of_one(word).gap_ns
					       : cycles_of_two(word, 0).gap_ns;
}

/* Of the one or two cycles that it has. */
static uint64_t length_of_word(uint64_t word)
{
	if (cycles_kind(word) == CYCLES_ONE)
		return length_of(cycles_of_one(word));
	return length_of(cycles_of_two(word, 0)) + length_of(cycles_of_two(word, 1));
}

/* Whether it can be. */
static bool check(struct reader *reader, uint64_t word)
{
	unsigned place = cycles_place(word);

	switch (cycles_kind(word)) {
	case CYCLES_ONE:
		return pass(reader, place, 1, length_of_word(word));
	case CYCLES_TWO:
		return pass(reader, place, 2, length_of_word(word));
	case CYCLES_PLACE:
		reader->told |= UINT64_C(1) << place;
		return cycles_tid(word) != 0;
	case CYCLES_WAIT:
		return word == cycles_wait_word(cycles_wait_ns(word), cycles_wait_site(word));
	default:
		return word == cycles_waiters_word(cycles_waiters(word));
	}
}

/* What is behind a word that cannot be has no number, and is left out. */
static bool read_burst(const struct event *event, struct burst *burst, uint64_t *until)
{
	struct reader reader = {.number = event->cycles.seq / 2, .at = event->at}, good = reader;
	const struct event_numbers *words = &event->cycles.words;
	size_t i;

	*burst = (struct burst){.first = reader.number, .at = event->at};
	for (i = 0; i < words->count && check(&reader, words->numbers[i]); i++)
		good = reader;
	burst->end = good.number;
	burst->words = (struct event_numbers){words->numbers, i};
	*until = good.at;
	return i == words->count;
}

/*
 * The waits that a thread had announced before a hold that is in a burst: none of those holds
 * ends an announced wait. They were over, when is missing.
 */
static void discard_waits_of(struct gil *gil, uint64_t place_word, uint64_t hold_end)
{
	const struct thread *thread = gil_thread_at(gil, cycles_tid(place_word), hold_end);
	struct open_wait *next;

	for (struct open_wait *open = gil->opens; open; open = next) {
		next = open->next;
		if (open->thread != thread || open->since >= hold_end || wait_is_acquired(open))
			continue;
		gil_anomaly(gil, ANOMALY_UNKNOWN_WAIT, 1);
		wait_discard(gil, open);
	}
}

/*
 * The wait before a hold, if it was announced after all, while it went on, by who knew no more
 * of it: it is acquired from now on. NULL: it was not.
 */
static struct open_wait *take_announced(struct gil *gil, struct thread *thread, uint64_t since)
{
	struct open_wait *open = gil->opens;

	while (open && (open->thread != thread || open->since != since))
		open = open->next;
	if (open && thread->open == open)
		thread->open = NULL;
	return open;
}

static void end_announced(struct gil *gil, uint64_t place_word, uint64_t wait, uint64_t begin)
{
	struct thread *thread = gil_thread_at(gil, cycles_tid(place_word), begin);
	uint64_t since = begin - cycles_wait_ns(wait);

	if (take_announced(gil, thread, since))
		thread->waited_until = MAX(thread->waited_until, begin);
}

/* When it arrives, because the end of a thread takes a wait for one that lasted until then. */
static void discard_waits(struct gil *gil, const struct burst *burst)
{
	uint64_t words[CYCLES_PLACES], ends[CYCLES_PLACES] = {0}; /* 0: no hold there yet */
	uint64_t at = burst->at, wait = 0;

	for (size_t i = 0; i < burst->words.count; i++) {
		uint64_t word = burst->words.numbers[i];
		unsigned place = cycles_place(word);

		switch (cycles_kind(word)) {
		case CYCLES_PLACE:
			if (ends[place])
				discard_waits_of(gil, words[place], ends[place]);
			words[place] = word;
			ends[place] = 0;
			break;
		case CYCLES_WAITERS:
			break;
		case CYCLES_WAIT:
			wait = word;
			break;
		default:
			if (wait)
				end_announced(gil, words[place], wait, at + first_gap(word));
			wait = 0;
			ends[place] = at += length_of_word(word);
			break;
		}
	}
	for (unsigned place = 0; place < CYCLES_PLACES; place++)
		if (ends[place])
			discard_waits_of(gil, words[place], ends[place]);
}

void cycles_feed(struct gil *gil, const struct event *event)
{
	struct burst burst;
	uint64_t until;
	bool right;

	if (!event->cycles.seq || event->cycles.seq % 2 || pypy_is(gil)) {
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
		return;
	}
	gil->bursts = true;
	right = read_burst(event, &burst, &until);
	/* Those that come after they were given up are missing. */
	if (!right || (burst.first <= gil->settled && burst.first < burst.end))
		gil_anomaly(gil, ANOMALY_IMPOSSIBLE, 1);
	if (burst.end <= gil->settled + 1)
		return;
	gil->heard_at = MAX(gil->heard_at, until);
	if (gil->opens)
		discard_waits(gil, &burst);
	order_burst(gil, &burst);
}

/* The holds of a burst while they are settled. */
struct holds {
	struct gil *gil;
	uint64_t number; /* of the next one */
	uint64_t at;	 /* end of the one before */
	uint16_t waiters;
	uint64_t wait; /* the word of the next one's, or 0 */
	uint64_t words[CYCLES_PLACES];
	struct thread *threads[CYCLES_PLACES]; /* NULL before the first hold there */
	/* A run of holds at one place, of which only the sums are not told yet. */
	struct place *place; /* NULL: there is none */
	unsigned run;	     /* the number of that place */
};

static struct thread *thread_at(struct holds *holds, unsigned place)
{
	if (!holds->threads[place])
		holds->threads[place] =
			gil_thread_at(holds->gil, cycles_tid(holds->words[place]), holds->at);
	return holds->threads[place];
}

/* The wait before the next hold, which begins at `begin`. */
static void take_wait(struct holds *holds, struct slot *slot, uint64_t begin)
{
	slot->flags |= SLOT_ACQUIRED;
	slot->wait_ns = cycles_wait_ns(holds->wait);
	slot->wait_site = cycles_wait_site(holds->wait);
	slot->thread->waited_until = MAX(slot->thread->waited_until, begin);
	slot->open = take_announced(holds->gil, slot->thread, begin - slot->wait_ns);
	holds->wait = 0;
}

static void settle_alone(struct holds *holds, unsigned place, struct cycle cycle)
{
	uint64_t number = holds->number++;
	struct slot slot = {
		.at = holds->at += length_of(cycle),
		.held_ns = cycle.hold_ns,
		.waiters = holds->waiters,
		.flags = SLOT_RELEASED,
		.site = cycles_site(holds->words[place]),
	};

	if (number > holds->gil->settled || holds->wait)
		slot.thread = thread_at(holds, place);
	if (holds->wait)
		take_wait(holds, &slot, slot.at - slot.held_ns);
	if (number > holds->gil->settled)
		order_cycle(holds->gil, number, &slot);
	else if (slot.open)
		wait_discard(holds->gil, slot.open);
}

/* Is there nothing that the next hold ends, and nothing to say of it but how long it was? */
static bool is_quiet(const struct holds *holds, const struct thread *thread, struct cycle cycle)
{
	const struct gil *gil = holds->gil;

	return !holds->wait && !holds->waiters && holds->number == gil->settled + 1 && !gil->gap &&
	       !gil->last_forced && !gil->last_waiters &&
	       holds->at + cycle.gap_ns >= gil->known_until && window_is_empty(&gil->window) &&
	       !gil->opens && !gil->watched && !gil->requests && !gil->process->watched &&
	       !gil->timeline->hold && !thread->pending_count &&
	       !(thread->watch && thread->watch->pending);
}

static bool begin_run(struct holds *holds, unsigned number, struct cycle cycle)
{
	struct thread *thread = thread_at(holds, number);
	uint64_t begin = holds->at + cycle.gap_ns;

	if (!is_quiet(holds, thread, cycle))
		return false;
	holds->place = place_at(thread, cycles_site(holds->words[number]), &thread->held_at);
	holds->run = number;
	gil_extend(holds->gil, begin);
	thread->first_seen = MIN(thread->first_seen, begin);
	return true;
}

static void end_run(struct holds *holds)
{
	struct gil *gil = holds->gil;
	struct thread *thread;

	if (!holds->place)
		return;
	thread = holds->place->thread;
	gil_extend(gil, holds->at);
	gil->settled = holds->number - 1;
	gil->any_settled = true;
	gil->last_answered = false;
	gil->known_until = holds->at;
	thread->last_seen = MAX(thread->last_seen, holds->at);
	thread->last_hold = gil->settled;
	thread->last_release = holds->at;
	holds->place = NULL;
}

/* As settle_hold does it, which would find nothing else to do. */
static void settle_in_run(struct holds *holds, struct cycle cycle)
{
	struct gil *gil = holds->gil;
	uint64_t begin = holds->at + cycle.gap_ns;

	holds->number++;
	holds->at = begin + cycle.hold_ns;
	gil->sink->hold(
		gil->sink->user, &gil->facts.everything, &holds->place->facts, cycle.hold_ns, true);
	if (cycle.hold_ns)
		ring_push(&gil->ring, begin, holds->at, holds->place->facts.index);
}

static inline void settle_cycle(struct holds *holds, unsigned place, struct cycle cycle)
{
	if (holds->place && holds->run == place) {
		settle_in_run(holds, cycle);
		return;
	}
	end_run(holds);
	if (begin_run(holds, place, cycle))
		settle_in_run(holds, cycle);
	else
		settle_alone(holds, place, cycle);
}

static void set_place(struct holds *holds, uint64_t word)
{
	unsigned place = cycles_place(word);

	end_run(holds);
	holds->words[place] = word;
	holds->threads[place] = NULL;
}

static void set_waiters(struct holds *holds, uint64_t word)
{
	end_run(holds);
	holds->waiters = cycles_waiters(word);
}

static void set_wait(struct holds *holds, uint64_t word)
{
	end_run(holds);
	holds->wait = word;
}

void cycles_settle(struct gil *gil, const struct burst *burst)
{
	struct holds holds;

	holds.gil = gil;
	holds.number = burst->first;
	holds.at = burst->at;
	holds.waiters = 0;
	holds.wait = 0;
	holds.place = NULL;
	for (size_t i = 0; i < burst->words.count; i++) {
		uint64_t word = burst->words.numbers[i];
		unsigned place = cycles_place(word);

		switch (cycles_kind(word)) {
		case CYCLES_ONE:
			settle_cycle(&holds, place, cycles_of_one(word));
			break;
		case CYCLES_TWO:
			settle_cycle(&holds, place, cycles_of_two(word, 0));
			settle_cycle(&holds, place, cycles_of_two(word, 1));
			break;
		case CYCLES_PLACE:
			set_place(&holds, word);
			break;
		case CYCLES_WAIT:
			set_wait(&holds, word);
			break;
		default:
			set_waiters(&holds, word);
			break;
		}
	}
	end_run(&holds);
}

/* A GIL with random threads; see simulator.h. */
#include "simulator.h"

#include "../shim/cycles.h"

#define NEVER UINT64_MAX

struct actor {
	uint64_t since;	      /* enters take_gil; NEVER: not going to, or not yet known */
	uint64_t released_at; /* a forced switch began here, 0: none goes on */
	uint64_t yield_ns;    /* of the forced switch that the next acquire tells */
	uint64_t yield_begin;
	uint64_t free_at; /* it let go of the GIL, and of a forced switch */
	unsigned depth;	  /* in the region, */
	uint64_t inside_since;
	uint64_t emitted; /* its last event */
	guint last;	  /* number of its latest event that is not a burst, from 1 */
};

struct pending {
	struct event event;
	uint64_t when; /* it is ready to be emitted */
	uint64_t emission;
	guint index;
	guint *after; /* of a burst: for each thread the event that it emitted before, from 1 */
};

/* Holds that are to leave in one event. */
struct burst {
	uint64_t *words;
	size_t count;	 /* 0: there are none */
	uint64_t number; /* of the first, */
	uint64_t at;	 /* and since when its gap is counted */
	uint64_t next;	 /* number of the one that can follow, */
	uint64_t end;	 /* and end of the one before it */
	uint64_t told;	 /* places */
	uint64_t places[CYCLES_PLACES];
	unsigned place;
	unsigned waiters;
	bool single; /* the last word can still become two */
	struct cycle last;
	guint *after;
};

struct world {
	const struct simulation_options *options;
	struct simulation *out;
	struct actor *actors;
	GRand *rand;
	GArray *pending;
	uint64_t free_at; /* the GIL has been free since */
	bool forced;	  /* by a forced release */
	struct burst burst;
	unsigned all_depth; /* all threads in the region of all, */
	uint64_t all_since;
};

static uint64_t draw(struct world *world, uint64_t low, uint64_t high)
{
	return low + (uint64_t)(g_rand_double(world->rand) * (double)(high - low + 1));
}

static uint32_t draw_site(struct world *world)
{
	return world->options->sites ? (uint32_t)draw(world, 1, world->options->sites)
				     : SITE_UNKNOWN;
}

static bool chance(struct world *world, unsigned percent)
{
	return g_rand_int_range(world->rand, 0, 100) < (int)percent;
}

/* Happened at `at`; when it arrives is settled at the end. */
static struct event *emit(struct world *world, enum event_kind kind, int thread, uint64_t at)
{
	struct pending pending = {
		.event = {.kind = kind,
			.pid = SIMULATED_PID,
			.tid = SIMULATED_PID + thread,
			.gil = 1,
			.at = at,
			.timestamp = at},
		.when = at,
		.index = world->pending->len,
	};

	g_array_append_val(world->pending, pending);
	if (kind != EVENT_CYCLES)
		world->actors[thread].last = world->pending->len;
	return &g_array_index(world->pending, struct pending, world->pending->len - 1).event;
}

static void emit_thread(struct world *world, enum thread_state state, int thread, uint64_t at)
{
	struct event *event = emit(world, EVENT_THREAD, thread, at);

	event->thread.state = state;
	event->thread.kind = thread ? THREAD_PYTHON : THREAD_MAIN;
	event->thread.name = "";
}

static void emit_wait(struct world *world, int thread)
{
	emit(world, EVENT_WAIT, thread, world->actors[thread].since)->wait.holder = -1;
}

static void leave_region(struct world *world, int thread, uint64_t at)
{
	struct actor *actor = &world->actors[thread];
	struct simulated_stay stay = {thread, actor->inside_since, at};

	actor->depth = 0;
	g_array_append_val(world->out->stays, stay);
}

/* Enters or leaves the region, some time from `low` to `high`; another one, too, as it likes. */
static void maybe_mark(struct world *world, int thread, uint64_t low, uint64_t high)
{
	struct actor *actor = &world->actors[thread];
	bool end = actor->depth > 0 && chance(world, 70);
	uint64_t at;
	struct event *event;

	if (!world->options->mark || low > high || !chance(world, 30))
		return;
	at = draw(world, low, high);
	if (!end && actor->depth++ == 0)
		actor->inside_since = at;
	else if (end && --actor->depth == 0)
		leave_region(world, thread, at);
	event = emit(world, EVENT_MARK, thread, at);
	event->mark.name = SIMULATED_REGION;
	event->mark.state = end ? MARK_END : MARK_BEGIN;
	event = emit(world, EVENT_MARK, thread, at);
	event->mark.name = "another";
	event->mark.state = end ? MARK_BEGIN : MARK_END;
}

/* All threads enter or leave the region for all of them, by a mark of one that has the GIL. */
static void maybe_mark_all(struct world *world, const struct simulated_hold *hold)
{
	bool end = world->all_depth > 0 && chance(world, 60);
	struct simulated_stay stay = {-1, world->all_since, draw(world, hold->begin, hold->end)};
	struct event *event;

	if (!world->options->mark || !chance(world, 15))
		return;
	if (!end && world->all_depth++ == 0)
		world->all_since = stay.end;
	else if (end && --world->all_depth == 0)
		g_array_append_val(world->out->all_stays, stay);
	event = emit(world, EVENT_MARK, hold->thread, stay.end);
	event->mark.name = SIMULATED_EVERYWHERE;
	event->mark.state = end ? MARK_END_ALL : MARK_BEGIN_ALL;
}

/* One of those who wait since `until` or before; -1 when there is none. */
static int pick_waiter(struct world *world, uint64_t until, int except)
{
	int count = 0, chosen = -1;

	for (int i = 0; i < world->options->threads; i++) {
		if (i == except || world->actors[i].since > until)
			continue;
		if (g_rand_int_range(world->rand, 0, ++count) == 0)
			chosen = i;
	}
	return chosen;
}

static int earliest(const struct world *world)
{
	int chosen = -1;

	for (int i = 0; i < world->options->threads; i++) {
		if (world->actors[i].since != NEVER &&
			(chosen < 0 || world->actors[i].since < world->actors[chosen].since))
			chosen = i;
	}
	return chosen;
}

/* Who gets the GIL next, and when. */
static int next_holder(struct world *world, unsigned left, uint64_t *at)
{
	int starved = world->options->starve && left > 20 ? 0 : -1;
	int chosen = pick_waiter(world, world->free_at, starved);

	if (chosen >= 0) {
		int barging;

		*at = world->free_at + (chance(world, 20) ? 0 : draw(world, 1, 5000));
		barging = pick_waiter(world, *at, starved);
		if (barging >= 0 && world->actors[barging].since > world->free_at)
			chosen = barging;
		*at = MAX(*at, world->actors[chosen].since);
		return chosen;
	}
	chosen = earliest(world);
	if (chosen == starved && starved >= 0) {
		uint64_t since = world->actors[0].since;

		world->actors[0].since = NEVER;
		chosen = earliest(world);
		world->actors[0].since = since;
	}
	if (chosen >= 0)
		*at = world->actors[chosen].since + (chance(world, 70) ? 0 : draw(world, 1, 300));
	return chosen;
}

/* A waiter gives up: 3.9 - 3.11 at the end of the interpreter. */
static void maybe_leave(struct world *world, int holder, uint64_t begin, uint64_t end)
{
	int thread = pick_waiter(world, begin, holder);
	struct simulated_wait wait = {.thread = thread};

	if (thread <= 0 || !chance(world, 1) || !chance(world, 20))
		return;
	emit_wait(world, thread);
	wait.begin = world->actors[thread].since;
	wait.end = draw(world, begin, end);
	g_array_append_val(world->out->waits, wait);
	emit_thread(world, THREAD_EXITED, thread, wait.end);
	world->out->exited_at[thread] = wait.end;
	if (world->actors[thread].depth)
		leave_region(world, thread, wait.end);
	world->actors[thread].since = NEVER;
}

/* Asks for a drop and returns how long before `end`; 0: nobody did. */
static uint64_t maybe_request(struct world *world, int holder, uint64_t begin, uint64_t end)
{
	int thread = pick_waiter(world, end - 1, holder);
	struct simulated_request request = {thread, holder};
	uint64_t at;

	if (thread < 0 || !chance(world, 40))
		return 0;
	at = draw(world, MAX(begin, world->actors[thread].since), end - 1);
	emit(world, EVENT_DROP_REQUEST, thread, at)->drop_request.holder = SIMULATED_PID + holder;
	g_array_append_val(world->out->requests, request);
	return end - at;
}

static unsigned count_waiters(const struct world *world, uint64_t at)
{
	unsigned count = 0;

	for (int i = 0; i < world->options->threads; i++)
		count += world->actors[i].since <= at;
	return count;
}

/* Others have taken the GIL: forced switches end a little later. */
static void end_yields(struct world *world, uint64_t taken_at)
{
	for (int i = 0; i < world->options->threads; i++) {
		struct actor *actor = &world->actors[i];
		uint64_t end = taken_at + draw(world, 0, 3000);

		if (!actor->released_at)
			continue;
		actor->yield_begin = actor->released_at;
		actor->yield_ns = end - actor->released_at;
		actor->released_at = 0;
		actor->free_at = end;
		actor->since =
			end + (chance(world, 90) ? draw(world, 0, 100) : draw(world, 0, 5000000));
	}
}

/* `when`: it is told. */
static void emit_acquire(struct world *world, uint64_t number, const struct simulated_hold *hold,
	uint64_t yield_ns, uint64_t when)
{
	struct event *event = emit(world, EVENT_ACQUIRE, hold->thread, hold->begin);

	g_array_index(world->pending, struct pending, world->pending->len - 1).when = when;
	event->timestamp = when;
	event->acquire.seq = 2 * number - 1;
	event->acquire.wait_ns = hold->begin - hold->since;
	event->acquire.yield_ns = yield_ns;
	event->acquire.site = hold->wait_site;
}

/* The acquire, with the wait that it ends. Returns whether it is told at once. */
static bool acquire(struct world *world, uint64_t number, struct simulated_hold *hold, bool tell)
{
	struct actor *actor = &world->actors[hold->thread];
	uint64_t yield_ns = actor->yield_ns, wait_ns = hold->begin - hold->since;
	struct simulated_wait wait = {hold->thread, hold->since, hold->begin, actor->yield_begin,
		actor->yield_begin + yield_ns, true, world->forced, draw_site(world)};
	bool announced =
		wait_ns && (world->options->announce || chance(world, 60) || wait_ns > 100000);

	hold->wait_site = wait.site;
	if (announced)
		emit_wait(world, hold->thread);
	if (wait_ns || yield_ns)
		g_array_append_val(world->out->waits, wait);
	hold->wait_kept = wait_ns && !yield_ns && !announced && !tell && world->options->bursts;
	if (hold->wait_kept || !(tell || wait_ns || yield_ns))
		return false;
	emit_acquire(world, number, hold, yield_ns, hold->begin);
	actor->yield_ns = 0;
	return true;
}

/* Some thread writes them, in its own time. */
static void flush(struct world *world, int thread, uint64_t when)
{
	struct burst *burst = &world->burst;
	struct event *event;

	if (!burst->count)
		return;
	event = emit(world, EVENT_CYCLES, thread, when);
	g_array_index(world->pending, struct pending, world->pending->len - 1).after = burst->after;
	event->at = burst->at;
	event->cycles.seq = 2 * burst->number;
	event->cycles.words = (struct event_numbers){burst->words, burst->count};
	g_ptr_array_add(world->out->words, burst->words);
	*burst = (struct burst){0};
}

static unsigned tell_place(struct burst *burst, uint64_t place_word, unsigned place)
{
	if (!(burst->told >> place & 1) || burst->places[place] != place_word) {
		burst->told |= UINT64_C(1) << place;
		burst->places[place] = place_word;
		burst->words[burst->count++] = place_word;
	}
	return place;
}

static void pack(struct world *world, uint64_t number, const struct simulated_hold *hold)
{
	struct burst *burst = &world->burst;
	struct cycle cycle = {.hold_ns = hold->end - hold->begin};
	unsigned place = hold->site % 7 + 7 * (unsigned)(hold->thread % 3);

	if (!burst->count) {
		burst->words = g_new(uint64_t, CYCLES_WORDS);
		burst->after = g_new0(guint, world->options->threads);
		burst->number = number;
		burst->at = burst->end =
			hold->begin - (chance(world, 50) ? 0 : draw(world, 0, 3000));
	}
	cycle.gap_ns = hold->begin - burst->end;
	tell_place(burst,
		cycles_place_word(place, (uint32_t)(SIMULATED_PID + hold->thread), hold->site),
		place);
	if (burst->waiters != hold->waiters) {
		burst->words[burst->count++] = cycles_waiters_word((uint16_t)hold->waiters);
		burst->waiters = hold->waiters;
		burst->single = false;
	}
	if (hold->wait_kept) {
		burst->words[burst->count++] =
			cycles_wait_word(hold->begin - hold->since, hold->wait_site);
		burst->single = false;
	}
	if (burst->single && burst->place == place && cycles_is_short(burst->last) &&
		cycles_is_short(cycle) &&
		cycles_kind(burst->words[burst->count - 1]) == CYCLES_ONE) {
		burst->words[burst->count - 1] = cycles_two(place, burst->last, cycle);
		burst->single = false;
	} else {
		burst->words[burst->count++] = cycles_one(place, cycle);
		burst->single = true;
	}
	burst->place = place;
	burst->last = cycle;
	burst->next = number + 1;
	burst->after[hold->thread] = world->actors[hold->thread].last;
	burst->end = hold->end;
	if (burst->count + CYCLES_NEEDED > CYCLES_WORDS || chance(world, 3))
		flush(world, hold->thread, hold->end);
}

static void emit_release(struct world *world, uint64_t number, const struct simulated_hold *hold)
{
	struct event *event = emit(world, EVENT_RELEASE, hold->thread, hold->end);

	event->release.seq = 2 * number;
	event->release.held_ns = hold->end - hold->begin;
	event->release.requested_ns = hold->requested_ns;
	event->release.waiters = (uint16_t)hold->waiters;
	event->release.acquired = 1;
	event->release.site = hold->site;
}

/* `alone`: its acquire is told. */
static void release(struct world *world, uint64_t number, struct simulated_hold *hold, bool alone)
{
	struct actor *actor = &world->actors[hold->thread];

	alone = alone || hold->requested_ns || !world->options->bursts || chance(world, 10);
	if (alone || world->burst.next != number)
		flush(world, hold->thread, hold->end);
	if (alone && hold->wait_kept)
		emit_acquire(world, number, hold, 0, hold->end);
	if (alone)
		emit_release(world, number, hold);
	else
		pack(world, number, hold);
	actor->free_at = hold->end;
	if (hold->requested_ns)
		actor->released_at = hold->end;
	else
		actor->since = hold->end +
			       (chance(world, 50) ? draw(world, 0, 2000) : draw(world, 0, 100000));
	world->free_at = hold->end;
	world->forced = hold->requested_ns > 0;
}

static bool step(struct world *world, uint64_t number, unsigned left)
{
	struct simulated_hold hold = {0};
	uint64_t length = chance(world, 95) ? draw(world, 50, 20000) : draw(world, 1, 300000);
	bool last = left == 1 && world->options->open_end, told;

	hold.thread = next_holder(world, left, &hold.begin);
	if (hold.thread < 0)
		return false;
	hold.since = world->actors[hold.thread].since;
	hold.end = hold.begin + length;
	maybe_mark(world, hold.thread, world->actors[hold.thread].free_at + 1, hold.since);
	told = acquire(world, number, &hold, last);
	world->actors[hold.thread].since = NEVER;
	end_yields(world, hold.begin);
	maybe_mark(world, hold.thread, hold.begin, hold.end);
	maybe_mark_all(world, &hold);
	if (!last) {
		maybe_leave(world, hold.thread, hold.begin, hold.end);
		hold.requested_ns = maybe_request(world, hold.thread, hold.begin, hold.end);
		hold.waiters = count_waiters(world, hold.end);
		hold.site = draw_site(world);
		release(world, number, &hold, told);
	}
	world->out->end = hold.end;
	g_array_append_val(world->out->holds, hold);
	return !last;
}

/* Whoever still waits does so until the process ends. */
static void end_process(struct world *world)
{
	struct simulation *out = world->out;

	for (int i = 0; i < world->options->threads; i++) {
		struct simulated_wait wait = {
			.thread = i, .begin = world->actors[i].since, .end = out->end};

		if (wait.begin >= out->end || !g_rand_boolean(world->rand))
			continue;
		emit_wait(world, i);
		g_array_append_val(out->waits, wait);
	}
	for (int i = 0; i < world->options->threads; i++)
		if (world->actors[i].depth)
			leave_region(world, i, out->end);
	if (world->all_depth) {
		struct simulated_stay stay = {-1, world->all_since, out->end};

		g_array_append_val(out->all_stays, stay);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct pending *left = a, *right = b;

	if (left->when != right->when)
		return left->when < right->when ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

static int by_emission(const void *a, const void *b)
{
	const struct pending *left = a, *right = b;

	if (left->emission != right->emission)
		return left->emission < right->emission ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

static bool is_mark_of_all(const struct event *event)
{
	return event->kind == EVENT_MARK &&
	       (event->mark.state == MARK_BEGIN_ALL || event->mark.state == MARK_END_ALL);
}

/* Whose holds are in a burst had written what it did before them. */
static uint64_t earliest_emission(
	const struct world *world, const struct pending *this, const uint64_t *emissions)
{
	uint64_t earliest = 0;

	for (int i = 0; this->after && i < world->options->threads; i++)
		if (this->after[i])
			earliest = MAX(earliest, emissions[this->after[i] - 1] + 1);
	return earliest;
}

/*
 * Each thread emits in its own order; it can be kept from it for long. Marks of all
 * threads are emitted with the GIL, so these are in order, too.
 */
static void arrive(struct world *world)
{
	GArray *pending = world->pending;
	uint64_t *emissions = g_new0(uint64_t, pending->len);
	uint64_t marked = 0;

	g_array_sort(pending, by_time);
	for (guint i = 0; i < pending->len; i++) {
		struct pending *this = &g_array_index(pending, struct pending, i);
		struct actor *actor = &world->actors[this->event.tid - SIMULATED_PID];

		this->emission = this->when + draw(world, 0, 200);
		if (chance(world, this->event.kind == EVENT_CYCLES ? 10 : 1))
			this->emission += draw(world, 0, world->options->late_ns);
		this->emission = MAX(this->emission, actor->emitted + 1);
		this->emission = MAX(this->emission, earliest_emission(world, this, emissions));
		if (is_mark_of_all(&this->event)) {
			this->emission = MAX(this->emission, marked + 1);
			marked = this->emission;
		}
		actor->emitted = this->emission;
		emissions[this->index] = this->emission;
		g_free(this->after);
		this->event.timestamp = this->emission;
	}
	g_free(emissions);
	g_array_sort(pending, by_emission);
	for (guint i = 0; i < pending->len; i++)
		g_array_append_val(
			world->out->events, g_array_index(pending, struct pending, i).event);
}

void simulate(struct simulation *simulation, const struct simulation_options *options)
{
	struct world world = {
		.options = options,
		.out = simulation,
		.actors = g_new0(struct actor, options->threads),
		.rand = g_rand_new_with_seed(options->seed),
		.pending = g_array_new(FALSE, FALSE, sizeof(struct pending)),
		.free_at = SIMULATED_BEGIN,
	};
	uint64_t number = 1;

	*simulation = (struct simulation){
		.holds = g_array_new(FALSE, FALSE, sizeof(struct simulated_hold)),
		.waits = g_array_new(FALSE, FALSE, sizeof(struct simulated_wait)),
		.requests = g_array_new(FALSE, FALSE, sizeof(struct simulated_request)),
		.stays = g_array_new(FALSE, FALSE, sizeof(struct simulated_stay)),
		.all_stays = g_array_new(FALSE, FALSE, sizeof(struct simulated_stay)),
		.events = g_array_new(FALSE, FALSE, sizeof(struct event)),
		.words = g_ptr_array_new_with_free_func(g_free),
		.exited_at = g_new0(uint64_t, options->threads),
	};
	for (int i = 0; i < options->threads; i++)
		world.actors[i].since = SIMULATED_BEGIN + draw(&world, 0, 1000);
	while (number <= options->holds &&
		step(&world, number, options->holds - (unsigned)number + 1))
		number++;
	flush(&world, 0, simulation->end);
	end_process(&world);
	arrive(&world);
	g_array_free(world.pending, TRUE);
	g_rand_free(world.rand);
	g_free(world.actors);
}

void simulation_release(struct simulation *simulation)
{
	g_array_free(simulation->holds, TRUE);
	g_array_free(simulation->waits, TRUE);
	g_array_free(simulation->requests, TRUE);
	g_array_free(simulation->stays, TRUE);
	g_array_free(simulation->all_stays, TRUE);
	g_array_free(simulation->events, TRUE);
	g_ptr_array_free(simulation->words, TRUE);
	g_free(simulation->exited_at);
}

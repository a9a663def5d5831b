/* A GIL with random threads; see simulator.h. */
#include "simulator.h"

#define NEVER UINT64_MAX

struct actor {
	uint64_t since;	      /* enters take_gil; NEVER: not going to, or not yet known */
	uint64_t released_at; /* a forced switch began here, 0: none goes on */
	uint64_t yield_ns;    /* of the forced switch that the next acquire tells */
	uint64_t yield_begin;
	uint64_t emitted; /* its last event */
};

struct pending {
	struct event event;
	uint64_t emission;
	guint index;
};

struct world {
	const struct simulation_options *options;
	struct simulation *out;
	struct actor *actors;
	GRand *rand;
	GArray *pending;
	uint64_t free_at; /* the GIL has been free since */
	bool forced;	  /* by a forced release */
};

static uint64_t draw(struct world *world, uint64_t low, uint64_t high)
{
	return low + (uint64_t)(g_rand_double(world->rand) * (double)(high - low + 1));
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
		.index = world->pending->len,
	};

	g_array_append_val(world->pending, pending);
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
		actor->since =
			end + (chance(world, 90) ? draw(world, 0, 100) : draw(world, 0, 5000000));
	}
}

/* The acquire, with the wait that it ends. */
static void acquire(struct world *world, int thread, uint64_t number, uint64_t at, bool tell)
{
	struct actor *actor = &world->actors[thread];
	struct simulated_wait wait = {thread, actor->since, at, actor->yield_begin,
		actor->yield_begin + actor->yield_ns, true, world->forced};
	struct event *event;

	if (at > actor->since || actor->yield_ns) {
		if (at > actor->since && (world->options->announce || chance(world, 60) || at - actor->since > 100000))
			emit_wait(world, thread);
		g_array_append_val(world->out->waits, wait);
		tell = true;
	}
	if (!tell)
		return;
	event = emit(world, EVENT_ACQUIRE, thread, at);
	event->acquire.seq = 2 * number - 1;
	event->acquire.wait_ns = at - actor->since;
	event->acquire.yield_ns = actor->yield_ns;
	actor->yield_ns = 0;
}

static void release(struct world *world, uint64_t number, struct simulated_hold *hold)
{
	struct actor *actor = &world->actors[hold->thread];
	struct event *event = emit(world, EVENT_RELEASE, hold->thread, hold->end);

	event->release.seq = 2 * number;
	event->release.held_ns = hold->end - hold->begin;
	event->release.requested_ns = hold->requested_ns;
	event->release.waiters = (uint16_t)hold->waiters;
	event->release.acquired = 1;
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
	bool last = left == 1 && world->options->open_end;

	hold.thread = next_holder(world, left, &hold.begin);
	if (hold.thread < 0)
		return false;
	hold.since = world->actors[hold.thread].since;
	hold.end = hold.begin + length;
	acquire(world, hold.thread, number, hold.begin, last);
	world->actors[hold.thread].since = NEVER;
	end_yields(world, hold.begin);
	if (!last) {
		maybe_leave(world, hold.thread, hold.begin, hold.end);
		hold.requested_ns = maybe_request(world, hold.thread, hold.begin, hold.end);
		hold.waiters = count_waiters(world, hold.end);
		release(world, number, &hold);
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
}

static int by_thread_and_time(const void *a, const void *b)
{
	const struct pending *left = a, *right = b;

	if (left->event.tid != right->event.tid)
		return left->event.tid < right->event.tid ? -1 : 1;
	if (left->event.at != right->event.at)
		return left->event.at < right->event.at ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

static int by_emission(const void *a, const void *b)
{
	const struct pending *left = a, *right = b;

	if (left->emission != right->emission)
		return left->emission < right->emission ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

/* Each thread emits in its own order; it can be kept from it for long. */
static void arrive(struct world *world)
{
	GArray *pending = world->pending;

	g_array_sort(pending, by_thread_and_time);
	for (guint i = 0; i < pending->len; i++) {
		struct pending *this = &g_array_index(pending, struct pending, i);
		struct actor *actor = &world->actors[this->event.tid - SIMULATED_PID];

		this->emission = this->event.at + draw(world, 0, 200);
		if (chance(world, 1))
			this->emission += draw(world, 0, world->options->late_ns);
		this->emission = MAX(this->emission, actor->emitted + 1);
		actor->emitted = this->emission;
		this->event.timestamp = this->emission;
	}
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
		.events = g_array_new(FALSE, FALSE, sizeof(struct event)),
		.exited_at = g_new0(uint64_t, options->threads),
	};
	for (int i = 0; i < options->threads; i++)
		world.actors[i].since = SIMULATED_BEGIN + draw(&world, 0, 1000);
	while (number <= options->holds &&
		step(&world, number, options->holds - (unsigned)number + 1))
		number++;
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
	g_array_free(simulation->events, TRUE);
	g_free(simulation->exited_at);
}

/* Listens to the model for the page; see story.h. */
#include "page/story.h"

static void free_lane(gpointer data)
{
	struct story_lane *lane = data;

	g_free(lane->name);
	g_free(lane->holds);
	g_free(lane->waits);
	g_free(lane);
}

static void free_place(gpointer data)
{
	struct story_place *place = data;

	g_free(place->file);
	g_free(place->function);
	g_free(place);
}

static void free_gil(gpointer data)
{
	struct story_gil *gil = data;

	g_ptr_array_free(gil->lanes, TRUE);
	g_ptr_array_free(gil->places, TRUE);
	gaps_release(&gil->gaps);
	g_free(gil);
}

struct story *story_new(size_t cells, size_t moments)
{
	struct story *story = g_new0(struct story, 1);

	cells_init(&story->cells, cells);
	story->moments = moments_new(moments);
	story->gils = g_ptr_array_new_with_free_func(free_gil);
	return story;
}

void story_free(struct story *story)
{
	g_ptr_array_free(story->gils, TRUE);
	moments_free(story->moments);
	cells_release(&story->cells);
	g_free(story);
}

uint32_t story_length_bucket(uint64_t ns)
{
	unsigned shift;

	if (ns >> LENGTH_STEP_BITS == 0)
		return (uint32_t)ns;
	shift = 63u - (unsigned)__builtin_clzll(ns) - LENGTH_STEP_BITS;
	return (uint32_t)(shift << LENGTH_STEP_BITS) + (uint32_t)(ns >> shift);
}

uint64_t story_length_least(uint32_t bucket)
{
	uint32_t octave = bucket >> LENGTH_STEP_BITS;
	uint64_t step = bucket & ((1u << LENGTH_STEP_BITS) - 1);

	/* In bucket numbers the leading bit of a length counts as one more octave. */
	return octave == 0 ? bucket : (step + (1u << LENGTH_STEP_BITS)) << (octave - 1);
}

static void count_length(uint64_t **buckets, uint64_t ns)
{
	if (!*buckets)
		*buckets = g_new0(uint64_t, LENGTH_BUCKETS);
	(*buckets)[story_length_bucket(ns)]++;
}

static void on_gil_seen(void *user, struct model_gil *gil)
{
	struct story *story = user;
	struct story_gil *told = g_new0(struct story_gil, 1);

	told->process = gil->process->index;
	told->index = gil->index;
	told->lanes = g_ptr_array_new_with_free_func(free_lane);
	told->places = g_ptr_array_new_with_free_func(free_place);
	told->board = cells_board(&story->cells);
	told->line = moments_line(story->moments);
	gaps_init(&told->gaps);
	g_ptr_array_add(story->gils, told);
	gil->timeline = told;
}

static void on_thread_seen(void *user, struct model_thread *thread)
{
	struct story_gil *gil = thread->gil->timeline;
	struct story_lane *lane = g_new0(struct story_lane, 1);

	(void)user;
	lane->index = thread->index;
	lane->tid = thread->tid;
	lane->thread = thread;
	lane->cells = cells_row(gil->board);
	g_ptr_array_add(gil->lanes, lane);
	thread->timeline = lane;
}

static void on_place_seen(void *user, struct model_place *place)
{
	struct story_gil *gil = place->thread->gil->timeline;
	struct story_place *told = g_new0(struct story_place, 1);

	(void)user;
	told->lane = place->thread->index;
	told->place = place;
	g_ptr_array_add(gil->places, told);
	place->timeline = told;
}

/* Numbers that are missing are holds of which nothing is known. */
static void note_gap(struct story_gil *gil, const struct moment *moment, uint64_t number)
{
	if (gil->last_number && number > gil->last_number + 1 &&
		moment->begin_ns > gil->last_end_ns)
		gaps_add(&gil->gaps, gil->last_end_ns, moment->begin_ns);
	gil->last_number = number;
	gil->last_end_ns = MAX(gil->last_end_ns, moment->end_ns);
}

static void on_hold(void *user, struct model_place *place, const struct timeline_hold *hold)
{
	struct story *story = user;
	struct story_gil *gil = place->thread->gil->timeline;
	struct story_lane *lane = place->thread->timeline;
	bool no_begin = hold->begin_ns == EVENT_UNKNOWN, no_end = hold->end_ns == EVENT_UNKNOWN;
	struct moment moment = {
		.begin_ns = no_begin ? hold->end_ns : hold->begin_ns,
		.end_ns = no_end ? hold->begin_ns : hold->end_ns,
		.requested_ns = hold->requested_ns,
		.who = place->index,
		.other = MODEL_UNKNOWN,
		.waiters = hold->waiters,
		.kind = MOMENT_HOLD,
		.unknown = (no_begin ? MOMENT_NO_BEGIN : 0) | (no_end ? MOMENT_NO_END : 0),
	};

	if (no_begin && no_end)
		return;
	note_gap(gil, &moment, hold->number);
	moments_add(gil->line, &moment);
	if (no_begin || no_end)
		return;
	cells_add(&story->cells, gil->board, lane->cells, CELL_HELD, hold->begin_ns, hold->end_ns);
	cells_count(&story->cells, gil->board, lane->cells, CELL_HOLD, hold->begin_ns);
	count_length(&lane->holds, hold->end_ns - hold->begin_ns);
}

/* A forced switch is part of the wait that follows, and of its length. */
static void add_yield(
	struct story *story, const struct model_place *place, uint64_t begin_ns, uint64_t ns)
{
	struct story_gil *gil = place->thread->gil->timeline;
	struct story_lane *lane = place->thread->timeline;

	moments_add(gil->line, &(struct moment){.begin_ns = begin_ns,
				       .end_ns = begin_ns + ns,
				       .who = place->index,
				       .other = MODEL_UNKNOWN,
				       .kind = MOMENT_YIELD});
	cells_add(&story->cells, gil->board, lane->cells, CELL_WAITED, begin_ns, begin_ns + ns);
}

/* Where that is not known, it is taken to be just before the wait. */
static uint64_t yield_begin(const struct timeline_wait *wait)
{
	if (wait->yield_begin_ns != EVENT_UNKNOWN)
		return wait->yield_begin_ns;
	return wait->begin_ns - MIN(wait->begin_ns, wait->yield_ns);
}

static void on_wait(void *user, struct model_place *place, const struct timeline_wait *wait)
{
	struct story *story = user;
	struct story_gil *gil = place->thread->gil->timeline;
	struct story_lane *lane = place->thread->timeline;
	bool no_begin = wait->begin_ns == EVENT_UNKNOWN;
	struct moment moment = {
		.begin_ns = no_begin ? wait->end_ns : wait->begin_ns,
		.end_ns = wait->end_ns,
		.who = place->index,
		.other = wait->behind,
		.kind = MOMENT_WAIT,
		.unknown = no_begin ? MOMENT_NO_BEGIN : 0,
	};

	/* Of a wait that began before recording nothing is in the figures. */
	if (wait->yield_ns && !no_begin)
		add_yield(story, place, yield_begin(wait), wait->yield_ns);
	moments_add(gil->line, &moment);
	if (no_begin)
		return;
	cells_add(
		&story->cells, gil->board, lane->cells, CELL_WAITED, wait->begin_ns, wait->end_ns);
	cells_count(&story->cells, gil->board, lane->cells, CELL_WAIT, wait->begin_ns);
	count_length(&lane->waits, wait->end_ns - wait->begin_ns + wait->yield_ns);
}

static void on_drop_request(
	void *user, struct model_thread *sender, struct model_thread *receiver, uint64_t at_ns)
{
	struct story *story = user;
	struct story_gil *gil = sender->gil->timeline;
	struct story_lane *lane = sender->timeline;

	moments_add(gil->line, &(struct moment){.begin_ns = at_ns,
				       .end_ns = at_ns,
				       .who = sender->index,
				       .other = receiver ? receiver->index : MODEL_UNKNOWN,
				       .kind = MOMENT_REQUEST});
	cells_count(&story->cells, gil->board, lane->cells, CELL_REQUEST, at_ns);
}

/* What is final only now. */
static void finish_lane(struct story_lane *lane)
{
	lane->name = g_strdup(lane->thread->name);
	lane->begin_ns = lane->thread->begin_ns;
	lane->end_ns = lane->thread->end_ns;
	lane->thread = NULL;
}

static void finish_place(struct story_place *told, const struct model_process *process)
{
	uint32_t number = told->place->site;
	const struct model_site *site = model_site(process, number);

	told->kind = site ? SITE_LINE : number == MODEL_SITE_REST ? SITE_REST : SITE_NOT_KNOWN;
	told->line = site ? site->line : 0;
	told->file = g_strdup(site ? site->file : "");
	told->function = g_strdup(site ? site->function : "");
	told->place = NULL;
}

static void on_gil_done(void *user, struct model_gil *gil)
{
	struct story_gil *told = gil->timeline;

	(void)user;
	told->begin_ns = gil->begin_ns;
	told->end_ns = gil->end_ns;
	moments_end(told->line, gil->end_ns);
	for (guint i = 0; i < told->lanes->len; i++)
		finish_lane(g_ptr_array_index(told->lanes, i));
	for (guint i = 0; i < told->places->len; i++)
		finish_place(g_ptr_array_index(told->places, i), gil->process);
}

struct model_timeline story_listener(struct story *story)
{
	return (struct model_timeline){
		.gil_seen = on_gil_seen,
		.thread_seen = on_thread_seen,
		.place_seen = on_place_seen,
		.hold = on_hold,
		.wait = on_wait,
		.drop_request = on_drop_request,
		.gil_done = on_gil_done,
		.user = story,
	};
}

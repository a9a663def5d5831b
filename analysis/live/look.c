/* One look at what goes on: the figures of the window that ends now; see watch.h. */
#include <math.h>

#include "live/watched.h"
#include "model/now.h"
#include "stats/report.h"

/* A thread that writes its event so much later is given up; of the first of all no longer. */
static const uint64_t missing_after_ns = UINT64_C(2000000000);
static const uint64_t first_after_ns = UINT64_C(250000000);

#define NS_PER_S UINT64_C(1000000000)

/* A look at one GIL. */
struct look {
	struct watched_gil *gil;
	struct model_now now;
	uint64_t from; /* the window; */
	uint64_t to;
	uint64_t unknown_ns; /* within it: before a holder that somebody saw */
	bool holds_known;    /* PyPy's are not */
	bool shares_known;   /* they are, and nothing was lost */
	bool last;
	uint64_t now_ns;
	uint64_t held_ns; /* these three of all threads together */
	uint64_t wait_ns;
	bool waiting;
};

static bool is_on(const struct model_gil *gil)
{
	return gil->mode == GIL_ENABLED || gil->mode == GIL_MODE_UNKNOWN;
}

/* Up to where all is known; see figures.h. */
static void set_window(struct look *look, uint64_t now)
{
	const struct model_now *state = &look->now;

	look->from = look->gil->begin_ns;
	if (!look->from && look->gil->facts->created)
		look->from = look->gil->facts->begin_ns;
	look->to = look->from;
	if (!look->holds_known) {
		look->to = MAX(now, look->from);
		return;
	}
	if (state->holder && (state->since_begin || state->seen || !state->told_until)) {
		uint64_t before = MAX(state->told_until, look->from);

		look->to = MAX(now, state->holding_since);
		if (!look->from)
			look->from = state->told_until ? state->told_until : state->holding_since;
		if (state->seen && state->holding_since > before && before)
			look->unknown_ns = state->holding_since - before;
	} else {
		look->to = MAX(state->told_until, look->from);
	}
	if (!look->from)
		look->from = look->to;
}

static uint64_t running_ns(const struct look *look, const struct watched_thread *thread)
{
	if (look->now.holder != thread->facts || look->to <= look->now.holding_since)
		return 0;
	return look->to - look->now.holding_since;
}

/* An acquisition whose wait has not been told counts in the window in which it came. */
static void add_acquired(
	void *user, struct model_thread *facts, uint64_t at, uint64_t wait_ns, uint64_t yield_ns)
{
	const struct look *look = user;
	struct watched_thread *thread = facts->timeline;
	uint64_t until = MIN(at, look->to);

	if (wait_ns == EVENT_UNKNOWN)
		return;
	thread->wait_ns += watched_part(at - MIN(at, wait_ns + yield_ns), until, look->from);
	thread->longest_ns = MAX(thread->longest_ns, wait_ns + yield_ns);
	thread->pending_ns += wait_ns + yield_ns;
	thread->pending = true;
}

static double mean(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : NAN;
}

/* Of a thread, or of all that can hold at a time; events that come late may make it a bit more. */
static double share(uint64_t part, uint64_t whole)
{
	return mean(MIN(part, whole), whole);
}

static char *name_line(const struct model_place *place)
{
	const struct model_site *site = model_site(place->thread->gil->process, place->site);
	g_autofree char *file = NULL;

	if (!site || !*site->file)
		return g_strdup("");
	file = g_path_get_basename(site->file);
	return site->line ? g_strdup_printf("%s:%d %s", file, site->line, site->function)
			  : g_strdup_printf("%s:? %s", file, site->function);
}

/* Where it held most, or waited most if it did not hold. A hold that goes on has no line yet. */
static char *top_line(const struct watched_thread *thread, uint64_t running)
{
	const struct watched_place *top = NULL;

	for (guint i = 0; i < thread->touched->len; i++) {
		const struct watched_place *place = g_ptr_array_index(thread->touched, i);

		if (!top || place->held_ns > top->held_ns ||
			(place->held_ns == top->held_ns && place->wait_ns > top->wait_ns))
			top = place;
	}
	return top && top->held_ns >= running ? name_line(top->facts) : g_strdup("");
}

static void begin_window(struct watched_thread *thread)
{
	for (guint i = 0; i < thread->touched->len; i++) {
		struct watched_place *place = g_ptr_array_index(thread->touched, i);

		place->touched = false;
		place->held_ns = place->wait_ns = 0;
	}
	g_ptr_array_set_size(thread->touched, 0);
	thread->held_ns = thread->wait_ns = thread->longest_ns = 0;
}

static void forget_pending(struct watched_thread *thread)
{
	thread->pending_ns = 0;
	thread->pending = false;
}

static enum live_state state_of(const struct look *look, const struct watched_thread *thread,
	const struct model_thread_now *now)
{
	if (now->waiting_since != EVENT_UNKNOWN)
		return LIVE_WAITS;
	if (look->now.holder == thread->facts && look->now_ns > look->now.holding_since)
		return LIVE_HOLDS;
	return look->holds_known ? LIVE_AWAY : LIVE_UNKNOWN;
}

/* What goes on is counted up to now, also behind the window. */
static void add_totals(const struct look *look, struct live_gil *gil, struct watched_thread *thread,
	const struct live_thread *figures)
{
	uint64_t holding = figures->state == LIVE_HOLDS ? figures->since_ns : 0;
	uint64_t waiting = figures->state == LIVE_WAITS ? figures->since_ns : 0;

	thread->shown_held_ns = MAX(thread->shown_held_ns, thread->total_held_ns + holding);
	thread->shown_wait_ns =
		MAX(thread->shown_wait_ns, thread->total_wait_ns + thread->pending_ns + waiting);
	thread->longest_ever_ns = MAX(thread->longest_ever_ns, thread->longest_ns);
	gil->acquisitions += thread->acquisitions + (holding > 0);
	gil->waits += thread->waits + thread->pending;
	gil->held_ns = look->holds_known ? gil->held_ns + thread->shown_held_ns : FIGURE_UNKNOWN;
	gil->wait_ns += thread->shown_wait_ns;
}

static void copy_totals(
	const struct look *look, struct live_thread *figures, const struct watched_thread *thread)
{
	figures->acquisitions = thread->acquisitions + (figures->state == LIVE_HOLDS);
	figures->waits = thread->waits + thread->pending;
	figures->held_ns = look->holds_known ? thread->shown_held_ns : FIGURE_UNKNOWN;
	figures->wait_ns = thread->shown_wait_ns;
	figures->longest_ever_ns = thread->longest_ever_ns;
}

/* What it does now, and for how long. */
static void set_state(struct look *look, struct live_thread *figures,
	const struct watched_thread *thread, const struct model_thread_now *state)
{
	figures->state = state_of(look, thread, state);
	if (figures->state == LIVE_WAITS && look->now_ns > state->waiting_since)
		figures->since_ns = look->now_ns - state->waiting_since;
	else if (figures->state == LIVE_HOLDS)
		figures->since_ns = look->now_ns - look->now.holding_since;
}

static void look_at_thread(struct look *look, struct live_gil *gil, struct watched_thread *thread)
{
	uint64_t known = look->to - look->from - look->unknown_ns;
	uint64_t held = thread->held_ns, waited = thread->wait_ns;
	uint64_t running = running_ns(look, thread);
	struct live_thread now = {0}, *figures;
	struct model_thread_now state;

	model_now_thread(thread->facts, &state);
	set_state(look, &now, thread, &state);
	held += watched_part(look->to - running, look->to, look->from);
	if (now.state == LIVE_WAITS) {
		waited += watched_part(state.waiting_since, look->to, look->from);
		thread->longest_ns = MAX(thread->longest_ns, now.since_ns);
	}
	add_totals(look, gil, thread, &now);
	look->held_ns += held;
	look->wait_ns += waited;
	look->waiting = look->waiting || now.state == LIVE_WAITS;
	if (state.exited && !held && !waited && !look->last)
		return;
	figures = live_figures_add_thread(gil);
	*figures = now;
	figures->tid = thread->facts->tid;
	figures->name = g_strdup(state.name);
	figures->held = look->shares_known ? share(held, known) : NAN;
	figures->waited = gil->lost ? NAN : share(waited, known);
	figures->longest_wait_ns = thread->longest_ns;
	figures->line = top_line(thread, running);
	copy_totals(look, figures, thread);
	if (figures->state == LIVE_HOLDS)
		gil->holder = figures;
}

static void begin_next_window(const struct look *look)
{
	struct watched_gil *gil = look->gil;

	if (look->to == gil->begin_ns)
		return; /* it goes on */
	for (guint i = 0; i < gil->threads->len; i++)
		begin_window(g_ptr_array_index(gil->threads, i));
	gil->begin_ns = look->to;
	gil->lost = gil->requests = 0;
}

static void look_at_gil(
	struct live_process *process, struct watched_gil *watched, uint64_t now, bool last)
{
	struct look look = {
		.gil = watched,
		.now_ns = now,
		.last = last,
		.holds_known = watched->facts->kind != INTERPRETER_PYPY,
	};
	struct live_gil *gil = live_figures_add_gil(process);
	uint64_t window;

	model_now(watched->facts, &look.now);
	set_window(&look, now);
	window = look.to - look.from;
	gil->lost = watched->lost > 0;
	look.unknown_ns = MIN(look.unknown_ns, window);
	look.shares_known = look.holds_known && !gil->lost;
	for (guint i = 0; i < watched->threads->len; i++)
		forget_pending(g_ptr_array_index(watched->threads, i));
	model_now_acquired(watched->facts, add_acquired, &look);
	for (guint i = 0; i < watched->threads->len; i++)
		look_at_thread(&look, gil, g_ptr_array_index(watched->threads, i));
	gil->index = watched->facts->index;
	gil->kind = watched->facts->kind;
	gil->mode = watched->facts->mode;
	gil->interval_us = watched->facts->interval_us;
	gil->drop_requests = watched->drop_requests;
	gil->window_ns = window;
	gil->load = gil->lost ? NAN : mean(look.wait_ns, window - look.unknown_ns);
	gil->requests = mean(watched->requests * NS_PER_S, window);
	gil->held = look.shares_known ? share(look.held_ns, window - look.unknown_ns) : NAN;
	if (look.holds_known && !gil->holder && !look.waiting && now > look.to)
		gil->unknown_ns = now - look.to;
	begin_next_window(&look);
}

static void look_at_process(struct live_figures *figures, const struct watched_process *watched,
	uint64_t now, bool last)
{
	const struct model_process *facts = watched->facts;
	struct live_process *process;

	process = live_figures_add_process(figures);
	process->pid = facts->pid;
	process->command = g_strdup(*facts->command ? facts->command : facts->executable);
	process->interpreter =
		g_strstrip(g_strdup_printf("%s %s", facts->implementation, facts->version));
	process->gil_mode = facts->gil_mode;
	process->exited = facts->exited;
	for (guint i = 0; i < watched->gils->len; i++) {
		struct watched_gil *gil = g_ptr_array_index(watched->gils, i);

		if ((!gil->facts->ended || facts->exited) && gil->threads->len && is_on(gil->facts))
			look_at_gil(process, gil,
				facts->exited ? MIN(now, gil->facts->end_ns) : now, last);
	}
}

struct live_figures *watch_look(struct watch *watch, uint64_t now, bool last)
{
	struct live_figures *figures = live_figures_new();

	model_now_settle(
		watch->model, now - MIN(now, missing_after_ns), now - MIN(now, first_after_ns));
	figures->now = now;
	figures->stalled = now == watch->looked_at;
	watch->looked_at = now;
	for (guint i = 0; i < watch->processes->len; i++) {
		const struct watched_process *process = g_ptr_array_index(watch->processes, i);

		if (last || !process->facts->exited)
			look_at_process(figures, process, now, last);
	}
	figures->missing_events = watch->missing;
	return figures;
}

/* Looks at a live session again and again; see viewing.h. */
#include "live/viewing.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "decode/trace.h"
#include "live/stop.h"
#include "live/watch.h"

/* Between two looks at what wants to end this, and at a connection that has nothing new. */
enum { PAUSE_MS = 50 };

/* What is left of a session that has ended comes at once, event after event, or never: of a
 * process that was killed in the middle of one. On a busy machine all of it takes longer. */
enum { LAST_MS = 3000 };

/* Connections that break off one after the other before that is the end. */
enum { ATTEMPTS = 4 };

struct work {
	struct viewing *viewing;
	const struct viewing_options *options;
	struct watch *watch;
	struct live_figures *latest;
	struct viewing_state state;
	uint64_t trace_now; /* raw clock value up to which everything has come */
	int64_t next_us;    /* when the next look is due */
	int64_t looked_us;  /* when the latest was */
	int64_t moved_us;   /* when there was something new */
	int64_t until_us;   /* when to give up what is left; 0: the session goes on */
	bool fed;	    /* something has come since that was set */
	bool began;	    /* the session has been started with a viewer there */
	bool ever;	    /* that was so at some time */
	bool done;
	int code; /* why the source could not begin */
	struct error error;
};

static bool is_own(const struct work *work)
{
	return !work->options->url;
}

static void end_with(struct work *work, enum viewing_end end)
{
	work->viewing->end = end;
	work->done = true;
}

static int feed(const struct event *event, void *user)
{
	struct work *work = user;

	watch_feed(work->watch, event);
	work->fed = true;
	return 0;
}

static void take_over(struct work *work, const struct trace_state *state)
{
	work->state.lost_events = state->lost_events;
	work->state.lost_unknown = state->lost_unknown;
	work->trace_now = state->now;
}

static void refresh(struct work *work, bool last)
{
	if (!work->latest)
		return;
	work->state.last = last;
	if (!work->options->refresh(work->latest, &work->state, work->options->user) && !last)
		end_with(work, VIEWING_ENOUGH);
	work->state.fresh = false;
}

static void look(struct work *work, bool last)
{
	int64_t now = g_get_monotonic_time();

	live_figures_free(work->latest);
	work->latest = watch_look(work->watch, work->trace_now, last);
	if (!work->latest->stalled)
		work->moved_us = now;
	work->state.stalled_s = (double)(now - work->moved_us) / G_USEC_PER_SEC;
	work->looked_us = now;
	work->state.fresh = true;
}

/* By the clock, and not all of those that were missed while there was much to read. */
static void look_when_due(struct work *work)
{
	int64_t now = g_get_monotonic_time();
	int64_t delay = (int64_t)(work->options->delay_ns / 1000);

	if (now < work->next_us || work->until_us)
		return;
	look(work, false);
	refresh(work, false);
	work->next_us += delay;
	if (work->next_us <= now)
		work->next_us = now + delay;
}

/* Now that the viewer is there. */
static void begin(struct work *work)
{
	int64_t now = g_get_monotonic_time();

	work->began = work->ever = true;
	work->moved_us = now;
	work->next_us = now + (int64_t)(work->options->delay_ns / 1000);
	if (!is_own(work))
		return;
	if (!work->viewing->source.ran)
		work->code = live_source_begin(&work->viewing->source, &work->error);
	else
		work->code = session_retell(&work->viewing->source.session, &work->error);
	work->done = work->code < 0;
}

static void wait_for_the_rest(struct work *work)
{
	work->until_us = g_get_monotonic_time() + (int64_t)LAST_MS * 1000;
	work->fed = false;
}

/* Is it over, or has somebody asked for an end? The session then ends, and is read to its end. */
static void watch_source(struct work *work)
{
	struct live_source *source = &work->viewing->source;

	if (!is_own(work)) {
		if (stop_asked(NULL))
			end_with(work, VIEWING_SIGNAL);
		return;
	}
	if (work->until_us || !work->began || !live_source_over(source, 0))
		return;
	if (!source->ended) {
		end_with(work, VIEWING_SIGNAL);
		return;
	}
	work->code = live_source_end(source, &work->error);
	work->done = work->code < 0;
	wait_for_the_rest(work);
}

static int pause_ms(const struct work *work)
{
	int64_t left = work->next_us - g_get_monotonic_time();

	return work->until_us ? PAUSE_MS / 10 : (int)CLAMP(left / 1000, 1, PAUSE_MS);
}

static bool go_on(const struct trace_state *state, void *user)
{
	struct work *work = user;

	take_over(work, state);
	if (!work->began && state->idle)
		begin(work);
	watch_source(work);
	if (work->began && !work->done)
		look_when_due(work);
	if (work->until_us && work->fed)
		wait_for_the_rest(work);
	else if (work->until_us && g_get_monotonic_time() > work->until_us)
		end_with(work, VIEWING_OVER);
	if (state->idle && !work->done && !work->options->idle(pause_ms(work), work->options->user))
		end_with(work, VIEWING_ENOUGH);
	return !work->done;
}

/* The figures of what came since the latest look, when that was some time ago. */
static void look_last(struct work *work)
{
	int64_t passed = g_get_monotonic_time() - work->looked_us;

	if (work->viewing->end != VIEWING_ENOUGH &&
		(!work->latest || work->options->to_the_end ||
			passed * 2000 >= (int64_t)work->options->delay_ns))
		look(work, true);
	refresh(work, true);
}

/* 0: the session is over, or enough was seen of it. -ENODATA: or else it broke off at once. */
static int read_once(struct work *work, const char *url, struct error *error)
{
	const struct trace_handler handler = {.event = feed, .go_on = go_on, .user = work};
	struct trace_info info;
	struct trace *trace;
	int code = trace_open(&trace, url, error);

	if (code < 0)
		return code;
	code = trace_read(trace, &handler, &info, error);
	if (code == 0) {
		work->state.lost_events = info.lost_events;
		work->state.lost_unknown = info.lost_unknown;
		if (info.truncated)
			code = error_set(
				error, -EIO, "%s", (const char *)g_ptr_array_index(info.notes, 0));
		trace_info_release(&info);
	}
	trace_close(trace);
	return code;
}

/* Begins anew: what is missing between two connections would make figures wrong. */
static void restart(struct work *work)
{
	watch_free(work->watch);
	work->watch = watch_new(&work->viewing->source.selection);
	if (work->began)
		work->state.restarts++;
	work->began = false;
}

static bool is_gone(int code)
{
	return code == -ENOENT || code == -ECONNREFUSED;
}

static void read_until_end(struct work *work, const char *url)
{
	struct viewing *viewing = work->viewing;
	int code = -EIO;

	for (int i = 0; i < ATTEMPTS && code < 0 && !is_gone(code); i++) {
		if (i > 0)
			restart(work);
		code = read_once(work, url, &viewing->reason);
		/* After it has ended there is no such session any more. */
		if (work->done || work->until_us || work->code < 0 ||
			(code == -ENOENT && work->ever && !is_own(work)))
			code = 0;
	}
	if (!work->done)
		viewing->end = code < 0 ? VIEWING_BROKEN : VIEWING_OVER;
	if (code < 0 && !work->ever) {
		work->code = code;
		work->error = viewing->reason;
	}
}

int viewing_run(struct viewing *viewing, const struct viewing_options *options,
	const struct signals *signals, struct error *error)
{
	struct work work = {.viewing = viewing, .options = options};
	struct stop stop;
	const char *url = options->url;

	memset(viewing, 0, sizeof(*viewing));
	if (!url) {
		int code = live_source_open(&viewing->source, &options->source, signals, error);

		if (code < 0)
			return code;
		url = viewing->source.url;
	}
	work.watch = watch_new(url == options->url ? NULL : &viewing->source.selection);
	if (url == options->url)
		stop_take(&stop);
	read_until_end(&work, url);
	if (url == options->url)
		stop_give_back(&stop);
	if (work.code < 0)
		*error = work.error;
	else
		look_last(&work);
	watch_free(work.watch);
	live_figures_free(work.latest);
	return work.code;
}

int viewing_close(
	struct viewing *viewing, const struct viewing_options *options, struct error *error)
{
	return options->url ? 0 : live_source_close(&viewing->source, error);
}

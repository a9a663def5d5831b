/* Single moments in windows, of which the most telling are kept; see moments.h. */
#include "page/moments.h"

#include <stdbool.h>
#include <stdlib.h>

struct window {
	struct moment_line *line;
	uint64_t number; /* from 0, of its line */
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t longest_wait_ns;
	uint64_t longest_hold_ns;
	GArray *moments;
};

struct moments {
	size_t limit;
	size_t kept;	 /* in closed windows */
	uint64_t stride; /* every so many windows of a line one is kept */
	GPtrArray *lines;
	GPtrArray *windows; /* closed ones, in the order in which they were closed */
};

struct moment_line {
	struct moments *all;
	uint64_t windows;
	uint64_t added;
	struct window *open;
	GArray *pending;     /* requests, told ahead of what was earlier */
	GArray *strays;	     /* of windows that were dropped, but reaching into others */
	guint strays_pruned; /* how many were left when they were last looked through */
};

static struct window *window_new(struct moment_line *line, uint64_t begin_ns)
{
	struct window *window = g_new0(struct window, 1);

	window->line = line;
	window->number = line->windows++;
	window->begin_ns = begin_ns;
	window->end_ns = begin_ns;
	window->moments = g_array_new(FALSE, FALSE, sizeof(struct moment));
	return window;
}

static void window_free(gpointer data)
{
	struct window *window = data;

	g_array_free(window->moments, TRUE);
	g_free(window);
}

static void line_free(gpointer data)
{
	struct moment_line *line = data;

	if (line->open)
		window_free(line->open);
	g_array_free(line->pending, TRUE);
	g_array_free(line->strays, TRUE);
	g_free(line);
}

struct moments *moments_new(size_t limit)
{
	struct moments *moments = g_new0(struct moments, 1);

	moments->limit = limit;
	moments->stride = 1;
	moments->lines = g_ptr_array_new_with_free_func(line_free);
	moments->windows = g_ptr_array_new_with_free_func(window_free);
	return moments;
}

void moments_free(struct moments *moments)
{
	g_ptr_array_free(moments->windows, TRUE);
	g_ptr_array_free(moments->lines, TRUE);
	g_free(moments);
}

struct moment_line *moments_line(struct moments *moments)
{
	struct moment_line *line = g_new0(struct moment_line, 1);

	line->all = moments;
	line->pending = g_array_new(FALSE, FALSE, sizeof(struct moment));
	line->strays = g_array_new(FALSE, FALSE, sizeof(struct moment));
	line->open = window_new(line, 0);
	g_ptr_array_add(moments->lines, line);
	return line;
}

/* Too many GILs for one window each: none is safe. */
#define STRIDE_MAX (UINT64_C(1) << 32)

static bool protected(const struct window *window)
{
	uint64_t stride = window->line->all->stride;

	return stride < STRIDE_MAX && window->number % stride == 0;
}

static bool less_telling(const struct window *one, const struct window *other)
{
	if (one->longest_wait_ns != other->longest_wait_ns)
		return one->longest_wait_ns < other->longest_wait_ns;
	return one->longest_hold_ns < other->longest_hold_ns;
}

static bool touches(const struct window *window, const struct moment *moment)
{
	return moment->begin_ns <= window->end_ns && moment->end_ns >= window->begin_ns;
}

static bool in_kept_window(const struct moment_line *line, const struct moment *moment)
{
	const GPtrArray *windows = line->all->windows;

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = g_ptr_array_index(windows, i);

		if (window->line == line && touches(window, moment))
			return true;
	}
	return false;
}

/* Windows that a stray was kept for may be gone by now. */
static void prune_strays(struct moment_line *line)
{
	guint left = 0;

	for (guint i = 0; i < line->strays->len; i++) {
		struct moment stray = g_array_index(line->strays, struct moment, i);

		if (in_kept_window(line, &stray))
			g_array_index(line->strays, struct moment, left++) = stray;
	}
	g_array_set_size(line->strays, left);
	line->strays_pruned = left;
}

/* What began before this window, or ended after it, may be missing in another that stays. */
static void keep_strays(const struct window *window)
{
	struct moment_line *line = window->line;

	for (guint i = 0; i < window->moments->len; i++) {
		const struct moment *moment = &g_array_index(window->moments, struct moment, i);

		if ((moment->begin_ns <= window->begin_ns || moment->end_ns >= window->end_ns) &&
			in_kept_window(line, moment))
			g_array_append_val(line->strays, *moment);
	}
	if (line->strays->len > 2 * line->strays_pruned + MOMENTS_WINDOW)
		prune_strays(line);
}

static void drop(struct moments *all, guint index)
{
	struct window *window = g_ptr_array_steal_index(all->windows, index);

	all->kept -= window->moments->len;
	keep_strays(window);
	window_free(window);
}

/* Drops the least telling window that is not one of every `stride`; false: there is none. */
static bool drop_one(struct moments *all)
{
	guint least = G_MAXUINT;
	size_t safe = 0;

	for (guint i = 0; i < all->windows->len; i++) {
		const struct window *window = g_ptr_array_index(all->windows, i);

		if (protected(window))
			safe += window->moments->len;
		else if (least == G_MAXUINT ||
			 less_telling(window, g_ptr_array_index(all->windows, least)))
			least = i;
	}
	if (safe > all->limit / 2) {
		all->stride *= 2;
		return true;
	}
	if (least == G_MAXUINT)
		return false;
	drop(all, least);
	return true;
}

/* Requests that lie within the window. */
static void take_pending(struct window *window, bool all)
{
	GArray *pending = window->line->pending;
	guint left = 0;

	for (guint i = 0; i < pending->len; i++) {
		struct moment moment = g_array_index(pending, struct moment, i);

		if (all || moment.begin_ns <= window->end_ns)
			g_array_append_val(window->moments, moment);
		else
			g_array_index(pending, struct moment, left++) = moment;
	}
	g_array_set_size(pending, left);
}

static void close_window(struct moment_line *line, bool last)
{
	struct moments *all = line->all;
	struct window *window = line->open;

	take_pending(window, last);
	line->open = last ? NULL : window_new(line, window->end_ns);
	all->kept += window->moments->len;
	g_ptr_array_add(all->windows, window);
	while (all->kept > all->limit && drop_one(all))
		continue;
}

void moments_add(struct moment_line *line, const struct moment *moment)
{
	struct window *window = line->open;
	uint64_t ns = moment->end_ns - moment->begin_ns;
	guint size;

	line->added++;
	if (moment->kind == MOMENT_REQUEST) {
		g_array_append_val(line->pending, *moment);
		if (line->pending->len > MOMENTS_WINDOW)
			take_pending(window, true);
	} else {
		g_array_append_val(window->moments, *moment);
	}
	size = window->moments->len;
	if (moment->kind == MOMENT_HOLD) {
		window->longest_hold_ns = MAX(window->longest_hold_ns, ns);
		window->end_ns = MAX(window->end_ns, moment->end_ns);
	} else if (moment->kind == MOMENT_WAIT) {
		window->longest_wait_ns = MAX(window->longest_wait_ns, ns);
	}
	/* Between a wait and its hold is no good place, but of PyPy no holds are known. */
	if ((moment->kind == MOMENT_HOLD && size >= MOMENTS_WINDOW) || size >= 2 * MOMENTS_WINDOW) {
		window->end_ns = MAX(window->end_ns, moment->end_ns);
		close_window(line, false);
	}
}

void moments_end(struct moment_line *line, uint64_t end_ns)
{
	line->open->end_ns = MAX(line->open->end_ns, end_ns);
	close_window(line, true);
}

static int by_window_begin(const void *a, const void *b)
{
	const struct moment_window *one = a, *other = b;

	return one->begin_ns < other->begin_ns ? -1 : one->begin_ns > other->begin_ns;
}

GArray *moments_windows(const struct moment_line *line)
{
	const GPtrArray *windows = line->all->windows;
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct moment_window));
	guint count = 0;

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = g_ptr_array_index(windows, i);
		struct moment_window range = {window->begin_ns, window->end_ns};

		if (window->line == line)
			g_array_append_val(found, range);
	}
	g_array_sort(found, by_window_begin);
	for (guint i = 0; i < found->len; i++) {
		struct moment_window *next = &g_array_index(found, struct moment_window, i);
		struct moment_window *last =
			count ? &g_array_index(found, struct moment_window, count - 1) : NULL;

		if (last && next->begin_ns <= last->end_ns)
			last->end_ns = MAX(last->end_ns, next->end_ns);
		else
			g_array_index(found, struct moment_window, count++) = *next;
	}
	g_array_set_size(found, count);
	return found;
}

static int by_begin(const void *a, const void *b)
{
	const struct moment *one = a, *other = b;

	if (one->begin_ns != other->begin_ns)
		return one->begin_ns < other->begin_ns ? -1 : 1;
	return one->end_ns < other->end_ns ? -1 : one->end_ns > other->end_ns;
}

static size_t in_windows(const struct moment_line *line)
{
	const GPtrArray *windows = line->all->windows;
	size_t count = 0;

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = g_ptr_array_index(windows, i);

		if (window->line == line)
			count += window->moments->len;
	}
	return count;
}

GArray *moments_kept(const struct moment_line *line)
{
	const GPtrArray *windows = line->all->windows;
	GArray *kept = g_array_new(FALSE, FALSE, sizeof(struct moment));

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = g_ptr_array_index(windows, i);

		if (window->line == line && window->moments->len)
			g_array_append_vals(kept, window->moments->data, window->moments->len);
	}
	for (guint i = 0; i < line->strays->len; i++) {
		const struct moment *stray = &g_array_index(line->strays, struct moment, i);

		if (in_kept_window(line, stray))
			g_array_append_val(kept, *stray);
	}
	g_array_sort(kept, by_begin);
	return kept;
}

uint64_t moments_left_out(const struct moment_line *line)
{
	return line->added - in_windows(line);
}

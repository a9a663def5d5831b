/* The reorder window of one GIL; see window.h. */
#include "model/window.h"

#include <glib.h>

/* Chunks. */
enum { FIRST_SIZE = 2, MOST = WINDOW_HOLDS / WINDOW_CHUNK };

static struct chunk **place_of(const struct window *window, uint64_t number)
{
	return &window->chunks[number / WINDOW_CHUNK & window->mask];
}

/* Makes room for the chunks of the numbers [first, end). */
static void reserve(struct window *window, uint64_t first, uint64_t end)
{
	struct window old = *window;
	uint64_t count = (end - 1) / WINDOW_CHUNK - first / WINDOW_CHUNK + 1;
	uint32_t size = old.chunks ? old.mask + 1 : FIRST_SIZE;

	if (old.chunks && count <= size)
		return;
	while (size < count)
		size *= 2;
	window->chunks = g_new0(struct chunk *, size);
	window->mask = size - 1;
	if (old.chunks && !window_is_empty(&old))
		for (uint64_t i = old.first / WINDOW_CHUNK; i <= (old.end - 1) / WINDOW_CHUNK; i++)
			window->chunks[i & window->mask] = old.chunks[i & old.mask];
	g_free(old.chunks);
}

static struct chunk *take(struct window *window)
{
	struct chunk *chunk = window->spare;

	if (chunk) {
		window->spare = chunk->next;
	} else if (window->taken < MOST) {
		window->taken++;
		chunk = g_new0(struct chunk, 1);
	}
	return chunk;
}

static void give_back(struct window *window, struct chunk **place)
{
	(*place)->next = window->spare;
	window->spare = *place;
	*place = NULL;
}

struct slot *window_at(struct window *window, uint64_t number)
{
	uint64_t first = number, end = number + 1;
	struct chunk **place;

	if (number == UINT64_MAX)
		return NULL;
	if (!window_is_empty(window)) {
		first = MIN(first, window->first);
		end = MAX(end, window->end);
		if (end - first > WINDOW_SPAN)
			return NULL;
	}
	reserve(window, first, end);
	place = place_of(window, number);
	if (!*place && !(*place = take(window)))
		return NULL;
	window->first = first;
	window->end = end;
	return &(*place)->slots[number % WINDOW_CHUNK];
}

/* The chunk that `first` was in has nothing more. */
static void leave(struct window *window)
{
	give_back(window, place_of(window, window->first - 1));
	while (window->first < window->end && !*place_of(window, window->first))
		window->first += WINDOW_CHUNK - window->first % WINDOW_CHUNK;
}

void window_pop(struct window *window)
{
	window_first(window)->flags = 0;
	do {
		window->first++;
		if (window->first == window->end || window->first % WINDOW_CHUNK == 0)
			leave(window);
	} while (window->first < window->end && !window_first(window)->flags);
}

void window_release(struct window *window)
{
	while (!window_is_empty(window))
		window_pop(window);
	while (window->spare) {
		struct chunk *next = window->spare->next;

		g_free(window->spare);
		window->spare = next;
	}
	g_free(window->chunks);
	*window = (struct window){0};
}

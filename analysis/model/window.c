/* The reorder window of one GIL; see window.h. */
#include "model/window.h"

#include <glib.h>

#define FIRST_SIZE 16

/* Makes room for `count` holds from `first` on. */
static void reserve(struct window *window, uint64_t count)
{
	struct window old = *window;
	uint32_t size = old.slots ? old.mask + 1 : FIRST_SIZE;

	if (old.slots && count <= size)
		return;
	while (size < count)
		size *= 2;
	window->slots = g_new0(struct slot, size);
	window->mask = size - 1;
	for (uint64_t i = old.first; old.slots && i < old.end; i++)
		window->slots[i & window->mask] = old.slots[i & old.mask];
	g_free(old.slots);
}

struct slot *window_at(struct window *window, uint64_t number)
{
	uint64_t first = number, end = number + 1;

	if (!window_is_empty(window)) {
		first = MIN(first, window->first);
		end = MAX(end, window->end);
		if (end - first > WINDOW_HOLDS)
			return NULL;
	}
	reserve(window, end - first);
	window->first = first;
	window->end = end;
	return &window->slots[number & window->mask];
}

void window_pop(struct window *window)
{
	window_first(window)->flags = 0;
	do
		window->first++;
	while (window->first < window->end && !window_first(window)->flags);
}

void window_release(struct window *window)
{
	g_free(window->slots);
	*window = (struct window){0};
}

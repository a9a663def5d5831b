/* Finds a GIL by the calls that create it; see discovery.h. */
#include "discovery.h"

#include "layout.h"

enum { NOTHING, MUTEX, SWITCH_MUTEX, COND };

void discovery_mutex_init(struct discovery *discovery, const void *mutex)
{
	uintptr_t address = (uintptr_t)mutex;

	if (discovery->step == MUTEX &&
		address == discovery->mutex + LAYOUT_SWITCH_MUTEX - LAYOUT_MUTEX) {
		discovery->step = SWITCH_MUTEX;
		return;
	}
	discovery->before = discovery->step == MUTEX ? discovery->mutex : 0;
	discovery->mutex = address;
	discovery->step = MUTEX;
}

bool discovery_pypy(const struct discovery *discovery, const void *cond, struct pypy_parts *parts)
{
	if (discovery->step != MUTEX || !discovery->before ||
		(uintptr_t)cond != discovery->mutex + sizeof(pthread_mutex_t))
		return false;
	parts->stealer = discovery->before;
	parts->mutex = discovery->mutex;
	return true;
}

bool discovery_cond_init(struct discovery *discovery, const void *cond, void **gil_cond)
{
	uintptr_t address = (uintptr_t)cond;
	uintptr_t expected = discovery->mutex - LAYOUT_MUTEX;

	if (discovery->step == SWITCH_MUTEX && address == expected) {
		discovery->step = COND;
		return false;
	}
	if (discovery->step == COND && address == expected + LAYOUT_SWITCH_COND) {
		discovery->step = NOTHING;
		*gil_cond = (void *)expected;
		return true;
	}
	discovery->step = NOTHING;
	return false;
}

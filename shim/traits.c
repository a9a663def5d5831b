/* What is true of all GILs of one build of CPython; see traits.h. */
#include "traits.h"

#include <errno.h>
#include <limits.h>

#include "layout.h"
#include "memory.h"

enum { LONGEST_INTERVAL_US = 1000000000 };

static bool is_locked_word(int locked)
{
	return locked >= -1 && locked <= 1;
}

uint8_t traits_of(uintptr_t cond, bool free_threaded)
{
	unsigned long interval_us = layout_interval_us(cond);
	/* A Python that has just begun: its interval is the default, nobody has taken its GIL. */
	bool known = interval_us >= 1 && interval_us <= LONGEST_INTERVAL_US &&
		     is_locked_word(layout_locked_word(cond)) && layout_switch_number(cond) == 0;
	int enabled;

	if (!free_threaded)
		return known ? 0 : TRAIT_OPAQUE;
	enabled = layout_enabled_word(cond);
	return known && (enabled == 0 || enabled == INT_MAX) ? TRAIT_SWITCHABLE : TRAIT_OPAQUE;
}

enum gil_mode traits_mode(uintptr_t cond, uint8_t traits, bool free_threaded)
{
	int enabled;

	if (!free_threaded)
		return GIL_ENABLED;
	if (!(traits & TRAIT_SWITCHABLE) ||
		!memory_read_foreign(&enabled, cond + LAYOUT_ENABLED, sizeof(enabled)))
		return GIL_MODE_UNKNOWN;
	return enabled ? GIL_ENABLED : GIL_DISABLED;
}

/*
 * CPython makes it without attributes, so its kind is 0, apart from what glibc notes of lock
 * elision, and -1 once it is destroyed. On what is not a mutex any more glibc aborts.
 */
static bool is_mutex_of_gil(const pthread_mutex_t *mutex)
{
	enum { ELISION = 0x300, LARGEST_ID = 1 << 22 };
	int kind = mutex->__data.__kind, lock = mutex->__data.__lock, owner = mutex->__data.__owner;

	return (kind & ~ELISION) == 0 && lock >= 0 && lock <= 2 && owner >= 0 &&
	       owner <= LARGEST_ID;
}

bool traits_gone(uintptr_t cond, uint8_t traits)
{
	pthread_mutex_t mutex;
	int locked = 0;
	int reason = memory_copy(&locked, cond + LAYOUT_LOCKED, sizeof(locked));

	if (!reason)
		reason = memory_copy(&mutex, cond + LAYOUT_MUTEX, sizeof(mutex));
	if (reason)
		return reason == EFAULT;
	return !is_mutex_of_gil(&mutex) || (!(traits & TRAIT_OPAQUE) && !is_locked_word(locked));
}

/* Whether this process is being recorded, since when, and by what; see recording.h. */
#include "recording.h"

#include <stddef.h>
#include <time.h>

#include "hot.h"
#include "symbols.h"

/* Longer than LTTng-UST takes to enable all events of a session that starts. */
#define START_PATIENCE_NS UINT64_C(1000000000)

static const int never;
const int *recording_enabled HOT_DATA = &never;
unsigned recording_current HOT_DATA = 1;

static const struct recorder *current_recorder HOT_DATA;
static pid_t process_id HOT_DATA;

HOT_CODE uint64_t recording_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

pid_t recording_pid(void)
{
	return __atomic_load_n(&process_id, __ATOMIC_ACQUIRE);
}

const struct recorder *recording_recorder(void)
{
	return current_recorder;
}

static uint64_t wanted_since; /* by a session that has not said that it has started */

static bool wanted_for_long(void)
{
	uint64_t now = recording_now(), since = 0;

	return !__atomic_compare_exchange_n(
		       &wanted_since, &since, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED) &&
	       now - since >= START_PATIENCE_NS;
}

static unsigned agree(bool may_start)
{
	unsigned current = __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);
	const int *enabled = __atomic_load_n(&recording_enabled, __ATOMIC_ACQUIRE);
	bool on = __atomic_load_n(enabled, __ATOMIC_RELAXED) != 0;

	if (!__atomic_load_n(&symbols.mutex_lock, __ATOMIC_RELAXED))
		symbols_resolve();
	if ((current & 1) == on || (on && !may_start && !wanted_for_long()))
		return current;
	__atomic_store_n(&wanted_since, 0, __ATOMIC_RELAXED);
	__atomic_compare_exchange_n(&recording_current, &current, current + 1, false,
		__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	return __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);
}

unsigned recording_turn(void)
{
	return agree(false);
}

unsigned recording_start(void)
{
	return agree(true);
}

/* LTTng's listener threads run already: who sees that there is a recorder must see which one. */
void recording_use(const struct recorder *recorder)
{
	current_recorder = recorder;
	__atomic_store_n(&recording_enabled, recorder->enabled, __ATOMIC_RELEASE);
}

/* And who sees the process's id must see what is known of the process by then. */
void recording_set_pid(pid_t pid)
{
	__atomic_store_n(&process_id, pid, __ATOMIC_RELEASE);
}

void recording_stop(void)
{
	__atomic_store_n(&recording_enabled, &never, __ATOMIC_RELEASE);
}

/* Whether this process is being recorded, since when, and by what; see recording.h. */
#include "recording.h"

#include <stddef.h>
#include <time.h>

#include "symbols.h"

static const int never;
const int *recording_enabled = &never;
unsigned recording_current = 1;

static const struct recorder *current_recorder;
static pid_t process_id;

uint64_t recording_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

pid_t recording_pid(void)
{
	return process_id;
}

const struct recorder *recording_recorder(void)
{
	return current_recorder;
}

unsigned recording_turn(void)
{
	unsigned current = __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);
	bool on = __atomic_load_n(recording_enabled, __ATOMIC_RELAXED) != 0;

	if (!__atomic_load_n(&symbols.mutex_lock, __ATOMIC_RELAXED))
		symbols_resolve();
	if ((current & 1) != on)
		__atomic_compare_exchange_n(&recording_current, &current, current + 1, false,
			__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
	return __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);
}

void recording_use(const struct recorder *recorder)
{
	current_recorder = recorder;
	recording_enabled = recorder->enabled;
}

void recording_set_pid(pid_t pid)
{
	process_id = pid;
}

void recording_stop(void)
{
	recording_enabled = &never;
}

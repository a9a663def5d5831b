/*
 * Whether this process is being recorded, and by what: loads the recorder when
 * the first GIL is created, notices when a session starts or stops, follows
 * fork and the end of the process.
 */
#ifndef GILTRACE_RECORDING_H
#define GILTRACE_RECORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gils.h"
#include "recorder.h"

extern const int *recording_enabled;
extern unsigned recording_current;

/* A session started or stopped since the last call; returns the new generation. */
unsigned recording_turn(bool on);

/*
 * The generation of the recording in force: odd while one is, and another one
 * after each pause. This is the flag test that a GIL operation pays when there
 * is no session.
 */
static inline unsigned recording_generation(void)
{
	unsigned current = __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);
	bool on = __atomic_load_n(recording_enabled, __ATOMIC_RELAXED) != 0;

	if (__builtin_expect((current & 1) != on, 0))
		return recording_turn(on);
	return current;
}

static inline bool recording_on(unsigned generation)
{
	return __builtin_expect(generation & 1, 0);
}

/* CLOCK_MONOTONIC, ns. */
uint64_t recording_now(void);

/* This process's id, 0 before its first GIL. */
pid_t recording_pid(void);

/* What writes the records; never NULL while recording is on. */
const struct recorder *recording_recorder(void);

/* The GIL whose cond is at `cond` was created; `caller` is an address within the code that did it. */
void recording_gil_created(void *cond, const void *caller);

/* What was a GIL is being initialised as something else, or as a GIL again. */
void recording_gil_destroyed(struct gil *gil);

/* The process ends, by exit() or _exit(). Writes what is still open; may run more than once. */
void recording_exiting(void);

#endif /* GILTRACE_RECORDING_H */

/* Whether this process is being recorded, since when, and by what. */
#ifndef GILTRACE_RECORDING_H
#define GILTRACE_RECORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder.h"

/*
 * The recording in force: odd while one is on, another number after each pause.
 * It begins odd, so that the first hook of all turns it, which also resolves
 * the symbols: until then nothing may be forwarded. Constructors come too late
 * for that, other libraries' constructors and threads call pthread functions
 * before ours has run.
 */
extern unsigned recording_current;
extern const int *recording_enabled;

/*
 * Ends the recording in force when no session wants one, and returns what is in
 * force then.
 */
unsigned recording_turn(void);

/*
 * The same, and begins one that a session wants. Not before LTTng-UST says that
 * the session has started: it enables one kind of event after the other, and
 * whatever is written before it has enabled the last is lost, uncounted. (Events
 * that are enabled in a session that has started already come without a word:
 * recording_turn begins, too, when they have been wanted for a second.)
 */
unsigned recording_start(void);

/* All that a GIL operation pays when there is no session. */
static inline bool recording_off(void)
{
	return __builtin_expect(!(__atomic_load_n(&recording_current, __ATOMIC_ACQUIRE) & 1), 1);
}

/* Does a session want one? */
static inline bool recording_is_wanted(void)
{
	return __atomic_load_n(recording_enabled, __ATOMIC_RELAXED) != 0;
}

/* The generation of the recording in force, even when it is off after all. */
static inline unsigned recording_generation(void)
{
	unsigned current = __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);

	if (__builtin_expect((current & 1) != recording_is_wanted(), 0))
		return recording_turn();
	return current;
}

/* That of the last look: for what needs not know at once that recording has ended. */
static inline unsigned recording_last(void)
{
	return __atomic_load_n(&recording_current, __ATOMIC_ACQUIRE);
}

static inline bool recording_on(unsigned generation)
{
	return generation & 1;
}

/* CLOCK_MONOTONIC, ns. */
uint64_t recording_now(void);

/* This process's id, 0 before its first GIL. */
pid_t recording_pid(void);

/* What writes the records; never NULL while recording is on. */
const struct recorder *recording_recorder(void);

/* From now on `recorder` writes the records, of this process; `pid` 0: of none. */
void recording_use(const struct recorder *recorder);
void recording_set_pid(pid_t pid);

/* Nothing more is recorded here, whatever the sessions want. */
void recording_stop(void);

#endif /* GILTRACE_RECORDING_H */

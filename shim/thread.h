/*
 * The threads of this process: what a GIL operation keeps per thread (in
 * thread-local storage, so that it needs neither allocation nor lock), and the
 * list of all of them for a session that starts later.
 */
#ifndef GILTRACE_THREAD_H
#define GILTRACE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bursts.h"
#include "counter.h"
#include "discovery.h"
#include "frames.h"
#include "gils.h"
#include "recorder.h"

/* What waits to be written until the GIL's mutex is free again. */
enum {
	PENDING_THREAD = 1 << 0,
	PENDING_GIL = 1 << 1,
	PENDING_WAIT = 1 << 2,
	PENDING_DROP_REQUEST = 1 << 3,
	PENDING_ACQUIRE = 1 << 4,
	PENDING_RELEASE = 1 << 5,
	PENDING_STACK = 1 << 6,
	PENDING_UNANSWERED = 1 << 7,
	PENDING_CYCLES = 1 << 8,
	PENDING_OTHER = 1 << 9, /* a record that is no GIL operation's is being written */
};

/* How many interpreters deep a thread's forced switches are remembered, until it is back. */
enum { YIELDS_KEPT = 4 };

struct yield {
	uint16_t gil; /* its number */
	uint64_t ns;
};

struct thread {
	/* First what every GIL operation looks at. */
	unsigned generation; /* of the recording that this state belongs to */
	unsigned pending;
	pid_t tid;
	unsigned yield_count; /* GILs that it was forced to give up, see yields */

	struct gil *recent;	/* the last one that it had to do with, for thread_gil_of */
	struct gil *entered;	/* whose mutex this thread locked last, until it unlocks it */
	uint64_t entered_at;	/* 0: the clock was not read */
	struct gil *blocked_on; /* GIL it is kept waiting by */
	struct gil *released;	/* last GIL it released, and when */
	uint64_t released_at;
	struct counter counter;
	struct position position; /* of the acquire or release that is pending */

	uint64_t since; /* it waits; EVENT_UNKNOWN: from before recording */
	uint64_t timed_out_at;
	bool slept;	/* on the cond, in this wait */
	bool told;	/* its `wait` is written, or is to be at once */
	bool timed_out; /* CPython will set a drop request */

	struct yield yields[YIELDS_KEPT]; /* for how long it was kept each time */
	const uintptr_t *gave_up; /* PyPy: where the return address of its last release stood, */
	uintptr_t gave_up_return; /* and that address; see pypy_calls.c */
	struct stack *stack;	  /* that is pending, with PENDING_STACK or PENDING_UNANSWERED */

	struct gil_record gil;
	struct wait_record wait;
	struct drop_request_record drop_request;
	struct acquire_record acquire;
	struct release_record release;

	struct batch batch;

	struct discovery discovery;

	bool wrote; /* its first event, a `thread`; see ending_at_once */
	bool listed;
	bool ended; /* was taken out of the list, and does not come back */
	enum thread_kind kind;
	pthread_t id;
	struct thread *previous, *next;
	char name[128]; /* of a Python thread */
};

/*
 * Initial-exec: one instruction from the thread pointer, and no allocation in
 * the first access, which may be within an allocator. Allowed, because a
 * preloaded library is there when the static TLS block is laid out.
 */
extern __thread struct thread thread_self __attribute__((tls_model("initial-exec")));

/*
 * The calling thread's, in a register: the compiler would compute its place anew for each access,
 * in longer instructions.
 */
static inline struct thread *thread_own(void)
{
	struct thread *self = &thread_self;

	__asm__("" : "+r"(self));
	return self;
}

/* For the next one: any GIL; the last one from now on. */
struct gil *thread_find_gil(struct thread *self, uintptr_t cond);

/*
 * As gils_of_cond, faster where it is the same GIL as the last time. `self` is the
 * calling thread.
 */
static inline struct gil *thread_gil_of(struct thread *self, uintptr_t cond)
{
	struct gil *gil = self->recent;

	if (__builtin_expect(gil && __atomic_load_n(&gil->key, __ATOMIC_RELAXED) == cond, 1))
		return gil;
	return thread_find_gil(self, cond);
}

/* Where the cond of that last GIL is; 0 or GILS_GIVEN_UP, which nothing is at: there is none. */
static inline uintptr_t thread_recent_key(const struct thread *self)
{
	const struct gil *gil = self->recent;

	return gil ? __atomic_load_n(&gil->key, __ATOMIC_RELAXED) : 0;
}

/* Enters the calling thread into the list under its kernel id. Not for the path of a GIL operation.
 */
void thread_enlist(enum thread_kind kind, const char *name);

/* Takes it out again; it is about to end. */
void thread_delist(void);

/*
 * Fills the record for `thread`; its name is copied to `name` (128 bytes). That of
 * a native thread is the kernel's, as it is now: set by the program or inherited
 * from the thread that created it. One that has only the program's name in the
 * end has none.
 */
void thread_describe(const struct thread *thread, enum thread_state state,
	struct thread_record *record, char *name);

/* Calls `visit` for each thread of the list, with the list locked. */
void thread_for_each(void (*visit)(const struct thread *thread));

/* Calls `visit` for the thread with this id, with the list locked, if it is in the list. */
void thread_for_one(pthread_t id, void (*visit)(const struct thread *thread));

/* Whether `test` says yes of some thread of the list. */
bool thread_any(bool (*test)(const struct thread *thread));

/*
 * The same for who must not wait: another thread keeps the list while it forks, and may
 * itself wait then for what the calling thread has. False when the list is not to be had.
 */
bool thread_try_for_each(void (*visit)(const struct thread *thread));
/* Yes also when that cannot be known. */
bool thread_perhaps_any(bool (*test)(const struct thread *thread));

/* Whether the calling thread is inside of the list's code: then it cannot wait for it. */
bool thread_has_list(void);

/* Keeps the list whole across fork(): the child has only the thread that forked. */
void thread_before_fork(void);
void thread_after_fork_parent(void);
void thread_after_fork_child(void);

#endif /* GILTRACE_THREAD_H */

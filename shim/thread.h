/*
 * The threads of this process: what a GIL operation keeps per thread (in
 * thread-local storage, so that it needs neither allocation nor lock), and the
 * list of all of them for a session that starts later.
 */
#ifndef GILTRACE_THREAD_H
#define GILTRACE_THREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "discovery.h"
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
	PENDING_OTHER = 1 << 6, /* a record that is no GIL operation's is being written */
};

struct thread {
	unsigned generation; /* of the recording that this state belongs to */
	unsigned pending;
	pid_t tid;

	struct gil *entered;	/* whose mutex this thread locked last, until it unlocks it */
	uint64_t entered_at;	/* 0: the clock was not read */
	struct gil *blocked_on; /* GIL it is kept waiting by */
	uint64_t since;		/* EVENT_UNKNOWN: from before recording */
	uint64_t timed_out_at;
	bool slept;	/* has written its `wait` */
	bool timed_out; /* CPython will set a drop request */

	struct gil *released; /* last GIL it released, and when */
	uint64_t released_at;
	struct gil *yielded; /* GIL that it was forced to give up, and for how long it was kept */
	uint64_t yield_ns;

	struct gil_record gil;
	struct wait_record wait;
	struct drop_request_record drop_request;
	union {
		struct acquire_record acquire;
		struct release_record release;
	};

	struct discovery discovery;

	bool listed;
	enum thread_kind kind;
	struct thread *previous, *next;
	char name[128]; /* of a Python thread */
};

/*
 * Initial-exec: one instruction from the thread pointer, and no allocation in
 * the first access, which may be within an allocator. Allowed, because a
 * preloaded library is there when the static TLS block is laid out.
 */
extern __thread struct thread thread_self __attribute__((tls_model("initial-exec")));

/* Enters the calling thread into the list under its kernel id. Not for the path of a GIL operation.
 */
void thread_enlist(enum thread_kind kind, const char *name);

/* Takes it out again; it is about to end. */
void thread_delist(void);

/* Fills the record for `thread`; its name is copied to `name` (128 bytes), for a native thread from
 * the kernel. */
void thread_describe(const struct thread *thread, enum thread_state state,
	struct thread_record *record, char *name);

/* Calls `visit` for each thread of the list, with the list locked. */
void thread_for_each(void (*visit)(const struct thread *thread));

/* Whether `test` says yes of some thread of the list. */
bool thread_any(bool (*test)(const struct thread *thread));

/* Keeps the list whole across fork(): the child has only the thread that forked. */
void thread_before_fork(void);
void thread_after_fork_parent(void);
void thread_after_fork_child(void);

#endif /* GILTRACE_THREAD_H */

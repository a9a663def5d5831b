/*
 * The seam between libgiltrace.so (hooks, state; libc alone) and
 * libgiltrace-lttng.so (tracepoints; LTTng-UST). The shim fills records, the
 * recorder writes them. Field meanings and units: lttng/tracepoints.h.
 */
#ifndef GILTRACE_RECORDER_H
#define GILTRACE_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "contract.h"

struct process_record {
	int32_t pid, tid;
	uint64_t at;
	enum process_state state;
	int32_t ppid;
	enum gil_mode gil_mode;
	const char *run;
	const char *implementation;
	const char *version;
	const char *executable;
	const char *command;
};

struct gil_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t at;
	enum gil_state state;
	enum interpreter_kind kind;
	enum gil_mode mode;
	enum gil_detail detail;
	uint64_t seq;
	uint32_t interval_us;
};

struct thread_record {
	int32_t pid, tid;
	uint64_t at;
	enum thread_state state;
	enum thread_kind kind;
	const char *name;
};

struct wait_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t since;
	int32_t holder;
};

struct drop_request_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t at;
	int32_t holder;
};

struct acquire_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t seq, at, wait_ns, yield_ns;
	uint16_t waiters;
	uint32_t site;
};

struct release_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t seq, at, held_ns, requested_ns;
	uint16_t waiters;
	uint8_t acquired;
	uint32_t site;
};

struct cycles_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t seq, at;
	const uint64_t *words; /* cycles.h */
	unsigned count;
};

struct site_record {
	int32_t pid, tid;
	uint32_t site;
	int32_t line, first_line;
	const char *function;
	const char *file;
};

struct stack_record {
	int32_t pid, tid;
	uint16_t gil;
	uint64_t at;
	enum stack_kind kind;
	uint64_t seq;
	bool whole;
	const uint32_t *sites;
	unsigned site_count;
	const uint64_t *addresses;
	unsigned address_count;
};

struct module_record {
	int32_t pid, tid;
	uint64_t base, size;
	const char *build_id;
	const char *path;
};

struct mark_record {
	int32_t pid, tid;
	uint64_t at;
	enum mark_state state;
	const char *name;
};

struct unavailable_record {
	int32_t pid, tid;
	enum facility facility;
	const char *reason;
};

/* What becomes of a child of fork(). */
enum child_tracing {
	CHILD_NEVER,
	CHILD_AT_ONCE,
	CHILD_LATER, /* once the shim calls recorder.adopt() in it */
};

/* What the recorder asks of the shim. */
struct recorder_host {
	/* A session began to record this process; called on a thread of LTTng's. */
	void (*session_started)(void);
	/*
	 * Around fork(), in this order. The locks that before_fork takes come behind
	 * LTTng's, which are held while session_started runs.
	 */
	enum child_tracing (*child_tracing)(void);
	void (*before_fork)(void);
	void (*after_fork_parent)(void);
	void (*after_fork_child)(enum child_tracing tracing);
	/* The process ends; the last moment at which events can be written. */
	void (*exiting)(void);
};

struct recorder {
	const int *enabled; /* non-zero while a session records `release` */
	/* Makes this child of fork(), left for later, known to LTTng. It has one thread. */
	void (*adopt)(void);
	void (*process)(const struct process_record *);
	void (*gil)(const struct gil_record *);
	void (*thread)(const struct thread_record *);
	void (*wait)(const struct wait_record *);
	void (*drop_request)(const struct drop_request_record *);
	void (*acquire)(const struct acquire_record *);
	void (*release)(const struct release_record *);
	void (*cycles)(const struct cycles_record *);
	void (*site)(const struct site_record *);
	void (*stack)(const struct stack_record *);
	void (*mark)(const struct mark_record *);
	void (*unavailable)(const struct unavailable_record *);
	/*
	 * The calling thread's native frames, innermost first; writes the modules that
	 * this `audience` was not told of. Returns their number.
	 */
	unsigned (*native_stack)(uint64_t *addresses, unsigned limit, uint32_t audience);
	/*
	 * Those of thread `tid`, which signal `number` interrupts for it; the first is
	 * the instruction that it is at. 0 when they cannot be had, for ever when
	 * `*reason` is not NULL then.
	 */
	unsigned (*native_stack_of)(int32_t tid, int number, uint64_t *addresses, unsigned limit,
		uint32_t audience, const char **reason);
};

/*
 * The one symbol of libgiltrace-lttng.so. `host` must outlive the process. The
 * recorder is static; NULL when handlers of fork or exit cannot be installed.
 */
typedef const struct recorder *recorder_open_fn(const struct recorder_host *host);
#define RECORDER_LIBRARY "libgiltrace-lttng.so"
#define RECORDER_OPEN "giltrace_recorder_open"

#endif /* GILTRACE_RECORDER_H */

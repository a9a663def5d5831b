/*
 * One decoded event of the provider `giltrace`, as the model reads it. Field by
 * field the contract of shim/lttng/tracepoints.h; only analysis/decode/ knows
 * the names that the fields have in the trace.
 *
 * Times are CLOCK_MONOTONIC nanoseconds of the traced machine.
 */
#ifndef GILTRACE_EVENT_H
#define GILTRACE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../shim/contract.h"

enum event_kind {
	EVENT_PROCESS,
	EVENT_GIL,
	EVENT_THREAD,
	EVENT_WAIT,
	EVENT_DROP_REQUEST,
	EVENT_ACQUIRE,
	EVENT_RELEASE,
	EVENT_CYCLES,
	EVENT_SITE,
	EVENT_STACK,
	EVENT_MODULE,
	EVENT_MARK,
	EVENT_UNAVAILABLE,
	EVENT_KINDS,
};

struct event_numbers {
	const uint64_t *numbers;
	size_t count;
};

/* Strings and numbers belong to the trace and live until the callback that got the event returns. */
struct event {
	enum event_kind kind;
	uint64_t timestamp; /* LTTng's own, may be later than `at`; streams are merged by it */
	int32_t pid;
	int32_t tid;
	uint16_t gil;   /* of those that speak of one, else 0 */
	uint64_t at;    /* `since` of a wait; not of site, module, unavailable */
	union {
		struct {
			enum process_state state;
			int32_t ppid;
			enum gil_mode gil_mode;
			const char *run; /* id of the recording that started it, "" when none */
			const char *implementation;
			const char *version;
			const char *executable;
			const char *command;
		} process;
		struct {
			enum gil_state state;
			enum interpreter_kind kind;
			enum gil_mode mode;
			enum gil_detail detail;
			uint64_t seq;
			uint32_t interval_us;
		} gil_info;
		struct {
			enum thread_state state;
			enum thread_kind kind;
			const char *name; /* "" when it has none */
		} thread;
		struct {
			int32_t holder; /* tid; 0 free, -1 unknown */
		} wait;
		struct {
			int32_t holder;
		} drop_request;
		struct {
			uint64_t seq;
			uint64_t wait_ns; /* EVENT_UNKNOWN: began before recording */
			uint64_t yield_ns;
			uint16_t waiters;
			uint32_t site; /* the line that waited; SITE_UNKNOWN */
		} acquire;
		struct {
			uint64_t seq;
			uint64_t held_ns; /* EVENT_UNKNOWN with acquired == 0 */
			uint64_t requested_ns;
			uint16_t waiters;
			uint8_t acquired;
			uint32_t site; /* the line that let go; SITE_UNKNOWN */
		} release;
		struct {
			uint64_t seq; /* of the first one's release */
			struct event_numbers words; /* ../shim/cycles.h */
		} cycles;
		struct {
			uint32_t site;
			int32_t line; /* 0: not known */
			int32_t first_line;
			const char *function;
			const char *file;
		} site;
		struct {
			enum stack_kind kind;
			uint64_t seq;
			uint8_t whole; /* 0: there are more Python frames */
			struct event_numbers sites; /* innermost first */
			struct event_numbers addresses;
		} stack;
		struct {
			uint64_t base;
			uint64_t size;
			const char *build_id; /* "" when it has none */
			const char *path;
		} module;
		struct {
			enum mark_state state;
			const char *name;
		} mark;
		struct {
			enum facility facility;
			const char *reason;
		} unavailable;
	};
};

#endif /* GILTRACE_EVENT_H */

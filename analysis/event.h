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
	EVENT_KINDS,
};

/* Strings belong to the trace and live until the callback that got the event returns. */
struct event {
	enum event_kind kind;
	uint64_t timestamp; /* LTTng's own, may be later than `at`; streams are merged by it */
	int32_t pid;
	int32_t tid;
	uint16_t gil;   /* all but process and thread */
	uint64_t at;    /* `since` of a wait */
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
		} acquire;
		struct {
			uint64_t seq;
			uint64_t held_ns; /* EVENT_UNKNOWN with acquired == 0 */
			uint64_t requested_ns;
			uint16_t waiters;
			uint8_t acquired;
		} release;
	};
};

#endif /* GILTRACE_EVENT_H */

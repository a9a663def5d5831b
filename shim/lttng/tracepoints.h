/*
 * The event contract: every tracepoint of the provider `giltrace`, with the
 * width and unit of each field. The analysis reads exactly these names
 * (analysis/decode/fields.c); tests/integration/test_contract.py holds both
 * sides together.
 *
 * `pid` and `tid` are kernel ids. Times are CLOCK_MONOTONIC nanoseconds, read
 * while the GIL's own mutex is held; LTTng's timestamp of the same event may be
 * later by a preemption. `seq` is advanced under that mutex by every acquire
 * (odd) and every release (even) of one GIL.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER giltrace

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "lttng/tracepoints.h"

#if !defined(GILTRACE_TRACEPOINTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define GILTRACE_TRACEPOINTS_H

#include <lttng/tracepoint.h>

#include "recorder.h"

/* A process with a Python runtime: seen first, forked, still there when a session starts, ending. */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, process_state,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("started", PROCESS_STARTED)
		lttng_ust_field_enum_value("forked", PROCESS_FORKED)
		lttng_ust_field_enum_value("present", PROCESS_PRESENT)
		lttng_ust_field_enum_value("exiting", PROCESS_EXITING)
	)
)
LTTNG_UST_TRACEPOINT_ENUM(giltrace, gil_mode,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("enabled", GIL_ENABLED)
		lttng_ust_field_enum_value("disabled", GIL_DISABLED)
		lttng_ust_field_enum_value("none", GIL_NONE)
		lttng_ust_field_enum_value("unknown", GIL_MODE_UNKNOWN)
	)
)
LTTNG_UST_TRACEPOINT_EVENT(giltrace, process,
	LTTNG_UST_TP_ARGS(const struct process_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_enum(giltrace, process_state, uint8_t, state, r->state)
		lttng_ust_field_integer(int32_t, ppid, r->ppid)
		lttng_ust_field_enum(giltrace, gil_mode, uint8_t, gil_mode, r->gil_mode)
		lttng_ust_field_string(run, r->run)
		lttng_ust_field_string(implementation, r->implementation)
		lttng_ust_field_string(version, r->version)
		lttng_ust_field_string(executable, r->executable)
		lttng_ust_field_string(command, r->command)
	)
)

/*
 * A GIL. `seq`: recording (re)starts behind this sequence number; those up to it
 * that the trace lacks were never recorded. 0 with `present` says nothing about
 * numbers: a second session, or a changed switch interval.
 */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, gil_state,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("created", GIL_CREATED)
		lttng_ust_field_enum_value("present", GIL_PRESENT)
		lttng_ust_field_enum_value("destroyed", GIL_DESTROYED)
	)
)
LTTNG_UST_TRACEPOINT_ENUM(giltrace, interpreter_kind,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("main", INTERPRETER_MAIN)
		lttng_ust_field_enum_value("sub", INTERPRETER_SUB)
	)
)
LTTNG_UST_TRACEPOINT_EVENT(giltrace, gil,
	LTTNG_UST_TP_ARGS(const struct gil_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_enum(giltrace, gil_state, uint8_t, state, r->state)
		lttng_ust_field_enum(giltrace, interpreter_kind, uint8_t, kind, r->kind)
		lttng_ust_field_integer(uint64_t, seq, r->seq)
		lttng_ust_field_integer(uint32_t, interval_us, r->interval_us)
	)
)

/* `tid` is the thread spoken of, whichever thread emits the event. */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, thread_state,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("started", THREAD_STARTED)
		lttng_ust_field_enum_value("named", THREAD_NAMED)
		lttng_ust_field_enum_value("present", THREAD_PRESENT)
		lttng_ust_field_enum_value("exited", THREAD_EXITED)
	)
)
LTTNG_UST_TRACEPOINT_ENUM(giltrace, thread_kind,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("main", THREAD_MAIN)
		lttng_ust_field_enum_value("python", THREAD_PYTHON)
		lttng_ust_field_enum_value("native", THREAD_NATIVE)
	)
)
LTTNG_UST_TRACEPOINT_EVENT(giltrace, thread,
	LTTNG_UST_TP_ARGS(const struct thread_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_enum(giltrace, thread_state, uint8_t, state, r->state)
		lttng_ust_field_enum(giltrace, thread_kind, uint8_t, kind, r->kind)
		lttng_ust_field_string(name, r->name)
	)
)

/* `holder`: tid of the thread that has the GIL, 0 when it is free, -1 when not known. */
LTTNG_UST_TRACEPOINT_EVENT(giltrace, wait,
	LTTNG_UST_TP_ARGS(const struct wait_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, since, r->since)
		lttng_ust_field_integer(int32_t, holder, r->holder)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(giltrace, drop_request,
	LTTNG_UST_TP_ARGS(const struct drop_request_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_integer(int32_t, holder, r->holder)
	)
)

/*
 * An acquire that waited, or one whose hold is still open when the process
 * ends. `wait_ns`: UINT64_MAX when the wait began before recording did.
 * `waiters`: other threads that wait for this GIL at `at`.
 */
LTTNG_UST_TRACEPOINT_EVENT(giltrace, acquire,
	LTTNG_UST_TP_ARGS(const struct acquire_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, seq, r->seq)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_integer(uint64_t, wait_ns, r->wait_ns)
		lttng_ust_field_integer(uint64_t, yield_ns, r->yield_ns)
		lttng_ust_field_integer(uint16_t, waiters, r->waiters)
	)
)

/*
 * A finished hold. `acquired`: how many sequence numbers back its acquire is,
 * 0 when recording did not see that (then `held_ns` is UINT64_MAX).
 * `requested_ns`: age at `at` of the hold's first drop request, 0 when there
 * was none.
 */
LTTNG_UST_TRACEPOINT_EVENT(giltrace, release,
	LTTNG_UST_TP_ARGS(const struct release_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, seq, r->seq)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_integer(uint64_t, held_ns, r->held_ns)
		lttng_ust_field_integer(uint64_t, requested_ns, r->requested_ns)
		lttng_ust_field_integer(uint16_t, waiters, r->waiters)
		lttng_ust_field_integer(uint8_t, acquired, r->acquired)
	)
)

#endif /* GILTRACE_TRACEPOINTS_H */

#include <lttng/tracepoint-event.h>

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
 *
 * A GIL of kind `pypy` has an `acquire` for each wait and a `release` for each
 * time that a thread gave it up for the sake of those that wait; what else
 * becomes of it cannot be seen. `seq` counts these events, one by one. Its
 * `held_ns` and holders are never known, and each thread's first event of it is
 * a `gil`.
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
 * that the trace lacks were never recorded. 0 says nothing about numbers: a
 * changed switch interval, another mode, or `joined` (a session starts) where
 * nothing else records, so that the number will be told with the next use.
 * `forgotten`: it may still be in use, but is not recorded any more. `mode`, from
 * `at` on: a free-threaded interpreter can switch its GIL on and off; while it is
 * off nobody holds it or waits. `detail`: `times` where the interpreter is not
 * laid out as any that is known: no switch interval, no drop requests.
 */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, gil_state,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("created", GIL_CREATED)
		lttng_ust_field_enum_value("present", GIL_PRESENT)
		lttng_ust_field_enum_value("destroyed", GIL_DESTROYED)
		lttng_ust_field_enum_value("forgotten", GIL_FORGOTTEN)
		lttng_ust_field_enum_value("joined", GIL_JOINED)
	)
)
LTTNG_UST_TRACEPOINT_ENUM(giltrace, interpreter_kind,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("main", INTERPRETER_MAIN)
		lttng_ust_field_enum_value("sub", INTERPRETER_SUB)
		lttng_ust_field_enum_value("pypy", INTERPRETER_PYPY)
	)
)
LTTNG_UST_TRACEPOINT_ENUM(giltrace, gil_detail,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("full", GIL_DETAIL_FULL)
		lttng_ust_field_enum_value("times", GIL_DETAIL_TIMES)
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
		lttng_ust_field_enum(giltrace, gil_mode, uint8_t, mode, r->mode)
		lttng_ust_field_enum(giltrace, gil_detail, uint8_t, detail, r->detail)
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

/*
 * A wait that goes on, since `since`: at once, or when it has lasted a switch interval,
 * or when recording or the process ends; what ended before has an `acquire` or is part of
 * `cycles` alone. It may be told twice, and when it is just over. `holder`: tid of the
 * thread that had the GIL when the waiter first slept, 0 when it was free, -1 when not known.
 */
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
 * ends; at once, or right before the `release` of its hold. `wait_ns`: UINT64_MAX
 * when the wait began before recording did.
 * `waiters`: other threads that wait for this GIL at `at`. `site`: the Python
 * line that was waiting, 0 when not known.
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
		lttng_ust_field_integer(uint32_t, site, r->site)
	)
)

/*
 * A finished hold. `acquired`: how many sequence numbers back its acquire is,
 * 0 when recording did not see that (then `held_ns` is UINT64_MAX).
 * `requested_ns`: age at `at` of the hold's first drop request, 0 when there
 * was none. `site`: the Python line at which the thread let go, 0 when not
 * known.
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
		lttng_ust_field_integer(uint32_t, site, r->site)
	)
)

/*
 * Finished holds that nobody asked to end, in the order of their numbers: each what
 * a `release`, and where its thread had waited for it an `acquire`, would have said of it.
 * `tid`: the thread that writes them, whose holds they need not be. `seq`: of the
 * first one's release. `at`: since when the first gap is counted. `words`: see
 * cycles.h.
 */
LTTNG_UST_TRACEPOINT_EVENT(giltrace, cycles,
	LTTNG_UST_TP_ARGS(const struct cycles_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, seq, r->seq)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_sequence_hex(uint64_t, words, r->words, uint16_t, r->count)
	)
)

/*
 * What a `site` number of this process stands for; may come after its first use
 * by another thread, and again when another session starts. A number never
 * stands for two different things. `line` and `first_line` (of the function)
 * are 0 when not known. Text is UTF-8, cut at 255 (function) and 1023 (file)
 * bytes.
 */
LTTNG_UST_TRACEPOINT_EVENT(giltrace, site,
	LTTNG_UST_TP_ARGS(const struct site_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint32_t, site, r->site)
		lttng_ust_field_integer(int32_t, line, r->line)
		lttng_ust_field_integer(int32_t, first_line, r->first_line)
		lttng_ust_field_string(function, r->function)
		lttng_ust_field_string(file, r->file)
	)
)

/*
 * A stack. `tid`: the thread whose stack it is (for `unanswered` another thread
 * emits it: the one that waits). `seq`: for `hold` that of the release, for
 * `wait` that of the acquire which ended the wait, for `unanswered` that of the
 * holder's acquire. `sites`: Python frames, innermost first; `whole`: 0 when
 * there are more. `addresses`: native frames, innermost first: where the thread
 * goes on, so the call is the instruction before; `module` tells what lies
 * there. Both may be empty.
 */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, stack_kind,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("hold", STACK_HOLD)
		lttng_ust_field_enum_value("wait", STACK_WAIT)
		lttng_ust_field_enum_value("unanswered", STACK_UNANSWERED)
	)
)
LTTNG_UST_TRACEPOINT_EVENT(giltrace, stack,
	LTTNG_UST_TP_ARGS(const struct stack_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint16_t, gil, r->gil)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_enum(giltrace, stack_kind, uint8_t, kind, r->kind)
		lttng_ust_field_integer(uint64_t, seq, r->seq)
		lttng_ust_field_integer(uint8_t, whole, r->whole)
		lttng_ust_field_sequence(uint32_t, sites, r->sites, uint16_t, r->site_count)
		lttng_ust_field_sequence_hex(uint64_t, addresses, r->addresses, uint16_t, r->address_count)
	)
)

/*
 * A program or library in memory, before the first stack with an address in it.
 * `base` is what its link-time addresses are moved by, `size` the extent from
 * there; `build_id` is hexadecimal, "" when it has none. A later module at
 * overlapping addresses replaces an earlier one.
 */
LTTNG_UST_TRACEPOINT_EVENT(giltrace, module,
	LTTNG_UST_TP_ARGS(const struct module_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer_hex(uint64_t, base, r->base)
		lttng_ust_field_integer(uint64_t, size, r->size)
		lttng_ust_field_string(build_id, r->build_id)
		lttng_ust_field_string(path, r->path)
	)
)

/* The program marks that a named region begins or ends, on this thread or on all. */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, mark_state,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("begin", MARK_BEGIN)
		lttng_ust_field_enum_value("end", MARK_END)
		lttng_ust_field_enum_value("begin_all", MARK_BEGIN_ALL)
		lttng_ust_field_enum_value("end_all", MARK_END_ALL)
	)
)
LTTNG_UST_TRACEPOINT_EVENT(giltrace, mark,
	LTTNG_UST_TP_ARGS(const struct mark_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_integer(uint64_t, at, r->at)
		lttng_ust_field_enum(giltrace, mark_state, uint8_t, state, r->state)
		lttng_ust_field_string(name, r->name)
	)
)

/* What this process's recording goes without, and why. */
LTTNG_UST_TRACEPOINT_ENUM(giltrace, facility,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("sites", FACILITY_SITES)
		lttng_ust_field_enum_value("stacks", FACILITY_STACKS)
	)
)
LTTNG_UST_TRACEPOINT_EVENT(giltrace, unavailable,
	LTTNG_UST_TP_ARGS(const struct unavailable_record *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int32_t, pid, r->pid)
		lttng_ust_field_integer(int32_t, tid, r->tid)
		lttng_ust_field_enum(giltrace, facility, uint8_t, facility, r->facility)
		lttng_ust_field_string(reason, r->reason)
	)
)

#endif /* GILTRACE_TRACEPOINTS_H */

#include <lttng/tracepoint-event.h>

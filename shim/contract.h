/*
 * The values that an event's fields can take: the part of the event contract
 * that the shim writes and the analysis reads. lttng/tracepoints.h has the
 * fields themselves.
 */
#ifndef GILTRACE_CONTRACT_H
#define GILTRACE_CONTRACT_H

#include <stdint.h>

/* A duration or sequence number that recording did not see. */
#define EVENT_UNKNOWN UINT64_MAX

/* `holder` of an event when no thread, or nobody knows which, has the GIL. */
#define HOLDER_NONE 0
#define HOLDER_UNKNOWN (-1)

enum process_state { PROCESS_STARTED, PROCESS_FORKED, PROCESS_PRESENT, PROCESS_EXITING };
enum gil_mode { GIL_ENABLED, GIL_DISABLED, GIL_NONE, GIL_MODE_UNKNOWN };
enum gil_state { GIL_CREATED, GIL_PRESENT, GIL_DESTROYED };
enum interpreter_kind { INTERPRETER_MAIN, INTERPRETER_SUB };
enum thread_state { THREAD_STARTED, THREAD_NAMED, THREAD_PRESENT, THREAD_EXITED };
enum thread_kind { THREAD_MAIN, THREAD_PYTHON, THREAD_NATIVE };

#endif /* GILTRACE_CONTRACT_H */

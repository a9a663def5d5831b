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
/* GIL_JOINED: found there by a session that starts, perhaps while another one records. */
enum gil_state { GIL_CREATED, GIL_PRESENT, GIL_DESTROYED, GIL_FORGOTTEN, GIL_JOINED };
enum gil_detail { GIL_DETAIL_FULL, GIL_DETAIL_TIMES };
/*
 * INTERPRETER_PYPY: the only one of a PyPy. Of its GIL just the waits and the
 * releases for the sake of waiters can be seen (shim/pypy.h).
 */
enum interpreter_kind { INTERPRETER_MAIN, INTERPRETER_SUB, INTERPRETER_PYPY };
enum thread_state { THREAD_STARTED, THREAD_NAMED, THREAD_PRESENT, THREAD_EXITED };
enum thread_kind { THREAD_MAIN, THREAD_PYTHON, THREAD_NATIVE };

/* `site` when the position in the Python code is not known. */
#define SITE_UNKNOWN 0

/* Whose stack it is: of a long hold at its release, of a long wait at its acquire, of a holder that
 * left a drop request unanswered. */
enum stack_kind { STACK_HOLD, STACK_WAIT, STACK_UNANSWERED };
/* The last two of all threads of the process. */
enum mark_state { MARK_BEGIN, MARK_END, MARK_BEGIN_ALL, MARK_END_ALL };
/* What recording may have to go without. */
enum facility { FACILITY_SITES, FACILITY_STACKS };

#endif /* GILTRACE_CONTRACT_H */

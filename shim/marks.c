/*
 * Regions that the program marks itself: functions for it to call, from Python
 * through ctypes.PyDLL(None), which keeps the GIL around the call.
 *
 *     void giltrace_begin(const char *name);
 *     void giltrace_end(const char *name);
 *
 *     void giltrace_begin_all(const char *name);
 *     void giltrace_end_all(const char *name);
 *
 * The region is the calling thread's, or that of all threads of the process, as
 * long as it lasts; a name stands for one or the other. Regions may nest and
 * overlap; `name` is copied, and cut at 511 bytes.
 */
#include <errno.h>

#include "emit.h"
#include "flush.h"
#include "recording.h"
#include "utf8.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT void giltrace_begin(const char *name);
EXPORT void giltrace_end(const char *name);
EXPORT void giltrace_begin_all(const char *name);
EXPORT void giltrace_end_all(const char *name);

static void mark(enum mark_state state, const char *name)
{
	int saved_errno = errno;
	char copy[512];

	if (!name || recording_off() || !recording_pid())
		return;
	utf8_copy(copy, sizeof(copy), name);
	/* The holds before the mark are told before it: the analysis need not remember the mark for
	 * them. */
	flush_mine();
	emit_mark(state, copy);
	errno = saved_errno;
}

void giltrace_begin(const char *name)
{
	mark(MARK_BEGIN, name);
}

void giltrace_end(const char *name)
{
	mark(MARK_END, name);
}

void giltrace_begin_all(const char *name)
{
	mark(MARK_BEGIN_ALL, name);
}

void giltrace_end_all(const char *name)
{
	mark(MARK_END_ALL, name);
}

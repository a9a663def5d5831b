/*
 * Single holds, waits and drop requests with their exact times: all of a trace that
 * has not too many of them, else those of chosen windows of time, in which nothing
 * is missing. One pass, bounded memory: what one GIL did is cut into windows of some
 * thousand moments each; when there are too many, half of the room goes to every
 * n-th window, and the other half to those with the longest waits. So the longest
 * waits of the trace, as many as half of the windows, are always among what is kept.
 */
#ifndef GILTRACE_PAGE_MOMENTS_H
#define GILTRACE_PAGE_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Moments that are kept of all GILs together. */
#ifndef MOMENTS_KEPT
#define MOMENTS_KEPT (1u << 20)
#endif

/* A window is over when it has as many. */
#define MOMENTS_WINDOW 2048

enum moment_kind {
	MOMENT_HOLD,
	MOMENT_WAIT,	/* in take_gil */
	MOMENT_YIELD,	/* forced switch: part of the wait as well */
	MOMENT_REQUEST, /* drop request */
	MOMENT_KINDS,
};

struct moment {
	uint64_t begin_ns;     /* with `unknown`: where the end that is known is */
	uint64_t end_ns;       /* of a request: begin_ns */
	uint64_t requested_ns; /* of a hold: how long before its end it was asked to let go */
	uint32_t who;	       /* place; of a request: the thread that sent it */
	uint32_t other; /* of a wait: the place behind which it was, of a request: the thread asked;
			   MODEL_HANDOFF, MODEL_UNKNOWN */
	uint16_t waiters; /* of a hold: left at its end */
	uint8_t kind;
	uint8_t unknown; /* MOMENT_NO_BEGIN, MOMENT_NO_END */
};
enum { MOMENT_NO_BEGIN = 1, MOMENT_NO_END = 2 };

/* A time of which all moments are kept. */
struct moment_window {
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct moments;	    /* of a trace */
struct moment_line; /* of one of its GILs, in order of time */

/* `limit`: MOMENTS_KEPT, or less for a test; more by what is open of each GIL. */
struct moments *moments_new(size_t limit);
void moments_free(struct moments *moments);

/* Belongs to `moments`. */
struct moment_line *moments_line(struct moments *moments);

/*
 * Holds come in the order of time; waits and forced switches before the hold that
 * follows, when they are over; requests whenever they are told.
 */
void moments_add(struct moment_line *line, const struct moment *moment);

/* Nothing more comes. */
void moments_end(struct moment_line *line, uint64_t end_ns);

/*
 * What is kept of an ended line: windows in order of time, of which the first begins
 * with time itself, and those that touch made one, and moments in order of their begin, with those
 * that reach into a window from outside. Both are the caller's. `left_out`: how many are not kept.
 */
GArray *moments_windows(const struct moment_line *line);
GArray *moments_kept(const struct moment_line *line);
uint64_t moments_left_out(const struct moment_line *line);

#endif /* GILTRACE_PAGE_MOMENTS_H */

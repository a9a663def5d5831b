/*
 * Two sets of runs side by side: every figure with its change, and whether that is
 * beyond the noise. Runs are compared by what they are, not in pairs.
 */
#ifndef GILTRACE_CHECK_COMPARE_H
#define GILTRACE_CHECK_COMPARE_H

#include <stdbool.h>

#include <glib.h>

#include "check/figure.h"
#include "check/judge.h"
#include "check/series.h"

enum change_kind {
	CHANGE_SAME,  /* all values are equal */
	CHANGE_NOISE, /* no more than chance makes */
	CHANGE_MORE,  /* these two: beyond the noise */
	CHANGE_LESS,
	CHANGE_UNTOLD,	/* too few runs to tell */
	CHANGE_UNKNOWN, /* the figure is not known of one of the sides */
};

/* A figure on both sides. Series are sorted, one value for each run. */
struct change {
	char *figure;
	enum unit unit;
	struct series before;
	struct series after;
	double probability; /* of a difference like this by chance; see series.h */
	enum change_kind kind;
};

/* The figures of one thing: a GIL, or threads of one name. */
struct change_group {
	char *title;
	bool thread;
	GPtrArray *changes; /* struct change * */
};

/* A line of Python, by file, function and place in the function, so that it is the same when the
 * function moved. */
struct site_change {
	char *file;
	char *function;
	int line;	    /* as last seen */
	size_t runs_before; /* in how many it was seen; it occurs in no others where lines are known
			     */
	size_t runs_after;
	struct change blocked; /* how long others waited behind it */
	struct change held;
};

struct comparison_side {
	const GPtrArray *runs; /* struct run * */
	char *interpreter;
	char *refusal;	  /* why its figures cannot be relied on, else NULL */
	bool lines_known; /* all lines of all runs were recorded; else the figures of none are known
			   */
};

struct comparison {
	struct comparison_side before;
	struct comparison_side after;
	bool can_tell;	   /* there are runs enough */
	GPtrArray *groups; /* struct change_group * */
	GPtrArray *sites;  /* struct site_change *: largest change of what others waited first */
	enum gate_verdict verdict;
};

/* Threads are compared by name; of more names than this, only the first. */
enum { COMPARE_THREADS = 50 };

/* Figures that are worse when they are larger, and decide the verdict. */
extern const char *const compare_decisive[];
extern const size_t compare_decisive_count;

/* comparison_release() is to follow, before the runs go. */
void compare(struct comparison *comparison, const GPtrArray *before, const GPtrArray *after,
	const struct vocabulary *vocabulary);
void comparison_release(struct comparison *comparison);

/* "same", "noise", "more", "less", "untold", "unknown". */
const char *change_kind_key(enum change_kind kind);

#endif /* GILTRACE_CHECK_COMPARE_H */

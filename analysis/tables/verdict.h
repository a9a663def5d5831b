/*
 * What the figures of one GIL mean: one of a few situations, in words that a
 * newcomer understands and can act on, and the figures it was concluded from.
 *
 * The rules, in the order in which they are tried (thresholds below):
 *
 * free_threaded    the interpreter runs with its GIL off, all the time. One that
		  was on for a while is judged by that time.
 * no_gil           the program has none, or none that could be followed.
 * unknown          no GIL found, no GIL operation recorded, the waiting not
 *                  known, or more than LOSS_WORTHLESS of the events lost.
 * single_threaded  load below LOAD_NONE, and one thread alone or one with more
 *                  than SINGLE_SHARE of both the holding and the acquisitions.
 *                  (Of both: a thread that computes all the time acquires
 *                  rarely, and one that acquires often may hardly hold.)
 * no_contention    load below LOAD_NONE.
 * long_holds       holders that do not let go when asked: in at least
 *                  UNANSWERED_MOSTLY of the contended time a drop request stood
 *                  unanswered, and one request in a hundred did so for
 *                  LONG_HOLD_INTERVALS. Python's own loop answers within
 *                  microseconds, but only while it is given a CPU: with less
 *                  than that share, from UNANSWERED_SHARE on, this is concluded
 *                  last, when neither of the next two explains the waiting.
 * cpu_bound        at least two computing threads, together with at least
 *                  DOMINANT_SHARE of the waiting. A thread computes when at
 *                  least FORCED_SHARE of its releases answer a drop request:
 *                  it would have held on for longer than a switch interval.
 * convoy           threads that hold little and wait long behind computing ones
 *                  have at least DOMINANT_SHARE of the waiting (more than the
 *                  computing threads themselves). Such a thread holds at most
 *                  BRIEF_HOLD of a switch interval at a time, waits at least
 *                  CONVOY_WAIT of one, did so CONVOY_WAITS times, lost at least
 *                  CONVOY_LOST of its life, and DOMINANT_SHARE of its waiting is
 *                  behind computing threads.
 * contention       anything else: typically many short holds.
 *
 * Of PyPy's GIL no holds are known: unknown, no_contention or contention, by the
 * load alone.
 *
 * Events lost, a trace cut off or one that contradicts itself do not change the
 * rule but qualify the verdict: its sentence begins by saying so.
 */
#ifndef GILTRACE_VERDICT_H
#define GILTRACE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/report.h"

#define VERDICT_LOAD_NONE 0.02	      /* mean waiters; below: nobody waits to speak of */
#define VERDICT_SHARE_NONE 0.01	      /* of the waiting threads' lives; below: the same */
#define VERDICT_LOAD_HIGH 0.25	      /* mean waiters; from here on severity is high */
#define VERDICT_LOSS_WORTHLESS 0.10   /* of the events */
#define VERDICT_SINGLE_SHARE 0.99     /* of holding and of acquisitions */
#define VERDICT_FORCED_SHARE 0.5      /* drop requests received per acquisition */
#define VERDICT_DOMINANT_SHARE 0.5    /* of waiting */
#define VERDICT_UNANSWERED_SHARE 0.10 /* of contended time */
#define VERDICT_UNANSWERED_MOSTLY 0.5 /* of contended time */
#define VERDICT_LONG_HOLD_INTERVALS 2 /* 99th percentile of drop latency */
#define VERDICT_LATENCY_INTERVALS 4   /* longest drop latency that is worth a remark */
#define VERDICT_BRIEF_HOLD 0.2	      /* mean hold, in switch intervals */
#define VERDICT_CONVOY_WAIT 0.5	      /* mean wait, in switch intervals */
#define VERDICT_CONVOY_WAITS 10	      /* waits */
#define VERDICT_CONVOY_LOST 0.05      /* waiting, of a thread's life */
#define VERDICT_OVERCOMMITTED 1.2     /* demand from which "more than it can give" is said */
#define VERDICT_HANDOFF_SHARE 0.25    /* of waiting; from here on handoffs are what is paid */
#define VERDICT_LINE_SHARE 0.2	      /* of all waiting; from here on the line is named */
#define VERDICT_BUSY 0.9	      /* utilization from which one thread is bound by its core */

enum verdict_kind {
	VERDICT_UNKNOWN,
	VERDICT_NO_GIL,
	VERDICT_FREE_THREADED,
	VERDICT_SINGLE_THREADED,
	VERDICT_NO_CONTENTION,
	VERDICT_CONTENTION,
	VERDICT_LONG_HOLDS,
	VERDICT_CONVOY,
	VERDICT_CPU_BOUND,
	VERDICT_KINDS,
};

/* How much the GIL costs. */
enum verdict_severity {
	VERDICT_SEVERITY_UNKNOWN,
	VERDICT_SEVERITY_NONE,
	VERDICT_SEVERITY_LOW,
	VERDICT_SEVERITY_HIGH,
};

/* Of the threads that the verdict speaks of. What does not matter to its kind is NaN,
 * FIGURE_UNKNOWN, 0 or -1. */
struct verdict_figures {
	size_t threads;	     /* the computing ones, or the ones that wait */
	double demand;	     /* time they hold or want the GIL, per time the longest lived exists */
	double wait_share;   /* of their lives */
	double mutual_share; /* of their waiting: behind each other */
	uint64_t turn_ns;    /* median hold of the one that held most */
	double unanswered;   /* of contended time: a drop request stands unanswered */

	int holder;	      /* index of the thread that others wait for; -1 none stands out */
	double behind_holder; /* of the victim's waiting, without a victim of all waiting */

	int victim;	/* index of the thread that loses most in a convoy; -1 none */
	size_t victims; /* threads like it, itself included */
	uint64_t victim_waits;
	uint64_t victim_wait_ns; /* mean */
	uint64_t victim_hold_ns; /* mean */
	double victim_lost;	 /* of its life */

	int site;	    /* index of the line that most waiting is behind; -1 none stands out */
	double behind_site; /* of all waiting */
	uint64_t site_hold_ns; /* mean */
	int unanswered_stack;  /* index of the stack of the holder that answered least; -1 none */
};

struct verdict {
	enum verdict_kind kind;
	enum verdict_severity severity;
	bool qualified; /* the trace has doubts that touch the figures */
	struct verdict_figures figures;
	char *sentence; /* what is the case; clean UTF-8, sentences with full stops */
	char *next;	/* what to do; "" when there is nothing */
};

/* Concludes from a GIL of `process`; `gil` NULL when none was found in it. Cannot fail. */
void verdict_init(struct verdict *verdict, const struct report *report,
	const struct process_report *process, const struct gil_report *gil);
void verdict_release(struct verdict *verdict);

/* Stable names for machines: "cpu_bound"; "high". */
const char *verdict_kind_key(enum verdict_kind kind);
const char *verdict_severity_key(enum verdict_severity severity);

/* The kind for people, short enough for a table: "CPU-bound threads". */
const char *verdict_kind_name(enum verdict_kind kind);

#endif /* GILTRACE_VERDICT_H */

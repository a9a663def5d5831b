/* The words for outcomes of a gate that all formats share. Strings are the caller's, freed with
 * g_free(). */
#ifndef GILTRACE_GATE_WORDS_H
#define GILTRACE_GATE_WORDS_H

#include "check/judge.h"
#include "tables/table.h"

/* What the rule is called: its name, or its subject. */
char *gate_label(const struct outcome *outcome);

/* "5.05 ms", "12 %", "1.5": a value of that unit. */
char *gate_value(enum unit unit, double value);

/* "at most 5 ms"; "-" without a limit. */
char *gate_limit(const struct outcome *outcome);

/* The median of the runs, "none" where it does not occur, "?" where it is not known. */
char *gate_now(const struct outcome *outcome);

/* "5 ms .. 7 ms" of several runs that differ; "" else. */
char *gate_range(const struct outcome *outcome);

/* The median of the baseline; "" without. */
char *gate_baseline(const struct outcome *outcome);

/* "ok", "WORSE", "unknown". Static. */
const char *gate_verdict_words(enum gate_verdict verdict);

/* "wait.max_ns is 40 ms, and may be at most 5 ms", or why nothing can be said. */
char *gate_sentence(const struct outcome *outcome);

/* "image.py:88 resize: others waited ...". */
char *gate_cause(const struct cause *cause);

/* How many outcomes have that verdict. */
size_t gate_count(const struct judgement *judgement, enum gate_verdict verdict);

/* The verdict on all: "worse: 1 of 3 limits is exceeded". */
char *gate_summary(const struct judgement *judgement);

/* "5 runs, CPython 3.13". */
char *gate_runs(const struct judgement *judgement);

/* `file` from `root`, an absolute folder, when it lies inside. `root` NULL: as it is. */
char *gate_relative(const char *root, const char *file);

/* Where to point at: the line of the worst cause, or where the rule is written. */
struct gate_place {
	char *file; /* freed with g_free() */
	int line;   /* at least 1 */
};
struct gate_place gate_place(const struct outcome *outcome, const char *root);

#endif /* GILTRACE_GATE_WORDS_H */

/*
 * Judges runs of a program by rules. Of repetitions the median counts, so that one
 * run which the machine disturbed does not decide. What cannot be known never
 * passes.
 */
#ifndef GILTRACE_CHECK_JUDGE_H
#define GILTRACE_CHECK_JUDGE_H

#include "check/baseline.h"
#include "check/cause.h"
#include "check/config.h"

/* One run, as its JSON report has it. */
struct run {
	json_t *report; /* NULL: there is none, and `problem` says why */
	char *name;	/* path, or "run 2"; NULL: the only one */
	char *problem;
	int status; /* of the program, as a shell gives it; 0 when not known */
};

/* What it has, and itself. */
void run_free(struct run *run);

enum gate_verdict {
	GATE_PASS,
	GATE_WORSE,
	GATE_UNKNOWN,
};

/* What came of one limit of one rule. */
struct outcome {
	const struct rule *rule; /* belongs to the configuration */
	enum limit_kind kind;
	enum gate_verdict verdict;
	struct series series;  /* of the runs in which it is known, sorted; empty when not known */
	bool absent;	       /* did not occur, and may do so */
	bool has_baseline;     /* these four */
	size_t baseline_count; /* values */
	double baseline;       /* median */
	double baseline_least;
	double baseline_most;
	bool has_limit; /* false: there is no baseline that it could come from */
	double limit;
	char *reason;	   /* why nothing can be said, else NULL */
	GPtrArray *causes; /* struct cause *; empty unless worse */
};

struct judgement {
	enum gate_verdict verdict;
	GPtrArray *outcomes; /* struct outcome *, in the order of rules */
	char *refusal; /* why nothing at all can be said, else NULL: all outcomes are unknown */
	char *interpreter;
	size_t runs;
};

struct case_of_judgement {
	const struct config *config;
	const GPtrArray *runs; /* struct run * */
	const struct machine *machine;
	const struct baseline *baseline; /* NULL: none */
};

/* judgement_release() is to follow, before the configuration and the runs go. */
void judge(struct judgement *judgement, const struct case_of_judgement *of);
void judgement_release(struct judgement *judgement);

/*
 * Why nothing can be said of the runs, whatever it is about: a program that failed,
 * a report that cannot be relied on, different interpreters. NULL: nothing.
 * `*interpreter`: which they are of. The caller frees both.
 */
char *judge_refusal(const struct case_of_judgement *of, char **interpreter);

/* Fills a baseline, after baseline_init(), with what was judged. */
void judgement_to_baseline(const struct judgement *judgement, struct baseline *baseline);

/* "pass", "worse", "unknown". */
const char *gate_verdict_key(enum gate_verdict verdict);

#endif /* GILTRACE_CHECK_JUDGE_H */

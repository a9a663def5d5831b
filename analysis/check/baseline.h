/*
 * How figures were when all was well: a JSON file to be committed, schema
 * "giltrace-baseline/1":
 *
 *   giltrace      version that wrote it
 *   machine       {cpu, cpus, architecture, kernel}; null: not known
 *   interpreter   "CPython 3.13"; several are parted by commas
 *   runs          how many
 *   figures       [{figure (what the rule is about), worst (largest | smallest |
 *                 sum: of what matched), median, values (of the runs, smallest
 *                 first)}]
 */
#ifndef GILTRACE_CHECK_BASELINE_H
#define GILTRACE_CHECK_BASELINE_H

#include <stdio.h>

#include "base/error.h"
#include "check/machine.h"
#include "check/rule.h"
#include "check/series.h"

/* With fewer runs nobody knows how far a figure varies by itself. */
enum { BASELINE_RUNS_LEAST = 3 };

struct baseline_figure {
	char *figure;
	char *worst;
	struct series series; /* sorted */
};

struct baseline {
	struct machine machine;
	char *interpreter;
	unsigned runs;
	GPtrArray *figures; /* struct baseline_figure * */
};

void baseline_init(struct baseline *baseline);
void baseline_release(struct baseline *baseline);

/* Adds the values of a rule, which are copied, unless they are there. Sorted. */
void baseline_add(struct baseline *baseline, const struct rule *rule, bool upper,
	const struct series *series);

/* The values of a rule; NULL: not in it. */
const struct series *baseline_find(
	const struct baseline *baseline, const struct rule *rule, bool upper);

/* Reads one; baseline_release() in any case. 0 or -errno; -EBADMSG: not a baseline of this schema.
 */
int baseline_read(struct baseline *baseline, const char *path, struct error *error);

/* As JSON, a new object; NULL without memory. */
json_t *baseline_to_json(const struct baseline *baseline, const char *version);

/* Why it says nothing about runs of `interpreter` on `machine`; NULL: it does. The caller frees it.
 */
char *baseline_mismatch(const struct baseline *baseline, const struct machine *machine,
	bool any_machine, const char *interpreter);

#endif /* GILTRACE_CHECK_BASELINE_H */

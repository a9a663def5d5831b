/* Two sets of runs side by side, for people and for machines. Each returns 0 or -errno. */
#ifndef GILTRACE_RENDER_DIFF_H
#define GILTRACE_RENDER_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "check/compare.h"

struct diff_options {
	int width; /* of text */
	bool color;
};

/* Tables: the figures of each GIL, of threads what changed, and lines. */
int diff_render_text(
	const struct comparison *comparison, FILE *out, const struct diff_options *options);

/*
 * Schema "giltrace-diff/1": {schema, verdict (pass | worse | unknown), can_tell,
 * before and after: {runs, interpreter, refusal}, groups: [{kind (gil | thread), title,
 * figures: [CHANGE]}], sites: [{file, line, function, runs_before, runs_after, blocked:
 * CHANGE, held: CHANGE}]}. CHANGE = {figure, unit, before and after (medians, null when not
 * known), before_values, after_values, probability (of such a difference by chance),
 * change (same | noise | more | less | untold | unknown)}.
 */
int diff_render_json(
	const struct comparison *comparison, FILE *out, const struct diff_options *options);

#endif /* GILTRACE_RENDER_DIFF_H */

/*
 * What a gate found, for people and for machines. Each writes one format to `out`,
 * flushes it, and returns 0 or -errno.
 */
#ifndef GILTRACE_RENDER_GATE_H
#define GILTRACE_RENDER_GATE_H

#include <stdbool.h>
#include <stdio.h>

#include "check/judge.h"

struct gate_options {
	int width; /* of text */
	bool color;
	const char *root; /* folder that paths of annotations are relative to; NULL: none */
};

typedef int gate_renderer(
	const struct judgement *judgement, FILE *out, const struct gate_options *options);

/* A table, and under what got worse the lines of Python behind it. */
gate_renderer gate_render_text;

/*
 * Schema "giltrace-check/1": {schema, verdict (pass | worse | unknown), summary,
 * refusal (why nothing can be said, or null), runs, interpreter, outcomes: [{name,
 * figure, unit (count | ns | share | number), thread, site, region, process, limit_kind (max | min
 * | max_increase | max_decrease), verdict, now (median), values (of the runs), baseline: {median,
 * least, most} or null, limit, reason, where, causes: [{file, line, function, text}]}]}. What is
 * not known is null.
 */
gate_renderer gate_render_json;

/* A test case for each limit: failure where it got worse, error where nobody can tell. */
gate_renderer gate_render_junit;

/* For the summary of a pull request: tables of GitHub's dialect. */
gate_renderer gate_render_markdown;

/* Workflow commands of GitHub: annotations at the lines. Nothing for what passes. */
gate_renderer gate_render_github;

/* Code quality report of GitLab. */
gate_renderer gate_render_gitlab;

#endif /* GILTRACE_RENDER_GATE_H */

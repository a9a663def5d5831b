/* Where the findings of a gate go: formats, files, and what the environment of a CI asks for. */
#ifndef GILTRACE_COMMANDS_GATE_OUTPUT_H
#define GILTRACE_COMMANDS_GATE_OUTPUT_H

#include <argp.h>
#include <stdbool.h>

#include "check/judge.h"

struct gate_output {
	GPtrArray *wanted; /* FORMAT or FORMAT:FILE, as given; NULL: none, so the environment
			      decides */
	bool to_stderr;	   /* text without a file: standard output is the command's */
};

/* Takes the argument of an option --format: 0, or EINVAL after saying what is wrong. */
error_t gate_output_add(struct gate_output *output, char *argument, struct argp_state *state);

/*
 * Writes everything: the formats wanted; without any, text, and under GitHub's
 * actions annotations and the summary of the step, under GitLab's CI the code
 * quality report. 0, or -errno with `error`.
 */
int gate_output_write(
	const struct gate_output *output, const struct judgement *judgement, struct error *error);

void gate_output_release(struct gate_output *output);

#endif /* GILTRACE_COMMANDS_GATE_OUTPUT_H */

/* The parts of the JSON report that speak of stacks. */
#ifndef GILTRACE_JSON_STACKS_H
#define GILTRACE_JSON_STACKS_H

#include "render/json_build.h"

/* "stacks" and "stacks_left_out" of a GIL. */
void json_stacks_put_gil(struct builder *b, json_t *object, const struct gil_report *gil);

/* "modules" of a process. */
void json_stacks_put_modules(
	struct builder *b, json_t *object, const struct process_report *process);

#endif /* GILTRACE_JSON_STACKS_H */

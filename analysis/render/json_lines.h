/* The parts of the JSON report that speak of lines. */
#ifndef GILTRACE_JSON_LINES_H
#define GILTRACE_JSON_LINES_H

#include "render/json_build.h"

/* "sites" of a thread. */
void json_lines_put_thread(struct builder *b, json_t *object, const struct thread_report *thread);

/* "sites" and "line_blame" of a GIL. */
void json_lines_put_gil(struct builder *b, json_t *object, const struct gil_report *gil);

/* "unavailable" of a process. */
void json_lines_put_unavailable(
	struct builder *b, json_t *object, const struct process_report *process);

#endif /* GILTRACE_JSON_LINES_H */

/* Hands each event to the process or GIL that it speaks of; see model.h. */
#include "model/model.h"

#include <glib.h>

#include "model/state.h"

struct model *model_new(const char *run, const struct model_sink *sink)
{
	struct model *model = g_new0(struct model, 1);

	model->run = g_strdup(run);
	model->sink = *sink;
	model->processes = g_ptr_array_new();
	g_queue_init(&model->exited);
	return model;
}

/* NULL, and `left_out` or an anomaly, when there is nothing to tell the event to. */
static struct gil *find_gil(struct model *model, const struct event *event, bool *left_out)
{
	struct process *process;

	*left_out = false;
	if (model->recent_gil && model->recent_gil->facts.id == event->gil &&
		model->recent_gil->process->facts.pid == event->pid)
		return model->recent_gil;
	process = process_of(model, event->pid);
	if (!process) {
		*left_out = true;
		return NULL;
	}
	if (process->settled) {
		model->sink.anomaly(model->sink.user, NULL, ANOMALY_IMPOSSIBLE, 1);
		return NULL;
	}
	return model->recent_gil = process_gil(model, process, event->gil);
}

static bool feed_facts(struct model *model, const struct event *event)
{
	struct process *process = process_of(model, event->pid);

	if (!process)
		return false;
	if (process->settled)
		return true;
	if (event->kind == EVENT_GIL)
		process_feed_gil(model, process, event);
	else
		task_feed(process, event);
	return true;
}

bool model_feed(struct model *model, const struct event *event)
{
	struct gil *gil;
	bool left_out;

	switch (event->kind) {
	case EVENT_PROCESS:
		return process_feed(model, event);
	case EVENT_GIL:
	case EVENT_THREAD:
		return feed_facts(model, event);
	case EVENT_WAIT:
	case EVENT_DROP_REQUEST:
	case EVENT_ACQUIRE:
	case EVENT_RELEASE:
		gil = find_gil(model, event, &left_out);
		if (gil)
			arrive_feed(gil, event);
		return !left_out;
	case EVENT_KINDS:
		break;
	}
	return false;
}

void model_finish(struct model *model)
{
	for (guint i = 0; i < model->processes->len; i++) {
		struct process *process = g_ptr_array_index(model->processes, i);

		if (!process->ignored && !process->settled)
			process_settle(model, process);
		process_free(process);
	}
	g_ptr_array_free(model->processes, TRUE);
	g_queue_clear(&model->exited);
	map_release(&model->pids);
	g_free(model->run);
	g_free(model);
}

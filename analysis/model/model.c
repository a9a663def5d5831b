/* Hands each event to the process or GIL that it speaks of; see model.h. */
#include "model/model.h"

#include <glib.h>

#include "model/state.h"

static void copy_choice(struct wanted *wanted, const struct region_choice *choice)
{
	wanted->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	wanted->every = choice && choice->every;
	for (size_t i = 0; choice && i < choice->count; i++)
		g_hash_table_add(wanted->names, g_strdup(choice->names[i]));
}

struct model *model_new(const struct selection *selection, const struct region_choice *regions,
	const struct model_sink *sink, const struct model_timeline *timeline)
{
	struct model *model = g_new0(struct model, 1);

	if (selection)
		select_copy(&model->selection, selection);
	copy_choice(&model->wanted, regions);
	model->sink = *sink;
	if (timeline)
		model->timeline = *timeline;
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
	switch (event->kind) {
	case EVENT_GIL:
		process_feed_gil(model, process, event);
		break;
	case EVENT_SITE:
		if (!site_feed(process, event))
			model->sink.anomaly(model->sink.user, NULL, ANOMALY_IMPOSSIBLE, 1);
		break;
	case EVENT_MARK:
		if (!region_feed(process, event))
			model->sink.anomaly(model->sink.user, NULL, ANOMALY_IMPOSSIBLE, 1);
		break;
	case EVENT_MODULE:
		model->sink.module(model->sink.user, &process->facts, event);
		break;
	case EVENT_UNAVAILABLE:
		model->sink.unavailable(model->sink.user, &process->facts,
			event->unavailable.facility, event->unavailable.reason);
		break;
	default:
		task_feed(process, event);
		break;
	}
	return true;
}

bool model_feed(struct model *model, const struct event *event)
{
	struct gil *gil;
	bool left_out;

	if (event->at == EVENT_UNKNOWN) {
		model->sink.anomaly(model->sink.user, NULL, ANOMALY_IMPOSSIBLE, 1);
		return true;
	}
	switch (event->kind) {
	case EVENT_PROCESS:
		return process_feed(model, event);
	case EVENT_GIL:
	case EVENT_THREAD:
	case EVENT_SITE:
	case EVENT_MODULE:
	case EVENT_MARK:
	case EVENT_UNAVAILABLE:
		return feed_facts(model, event);
	case EVENT_WAIT:
	case EVENT_DROP_REQUEST:
	case EVENT_ACQUIRE:
	case EVENT_RELEASE:
	case EVENT_CYCLES:
	case EVENT_STACK:
		gil = find_gil(model, event, &left_out);
		if (gil && gil->process->ending_seen)
			process_goes_on(model, gil->process, event);
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
	select_release(&model->selection);
	g_hash_table_destroy(model->wanted.names);
	g_free(model);
}

/* Processes: when one begins and ends, what is known of it, which GILs it has. */
#include <string.h>

#include "model/state.h"

/* A process that has ended is kept for its late events until so many others have ended. */
#define EXITED_KEPT 32

static struct process *process_new(struct model *model, int32_t pid, bool ignored)
{
	struct process *process = g_new0(struct process, 1);

	process->facts.pid = pid;
	process->facts.index = ignored ? 0 : model->told++;
	process->facts.gil_mode = GIL_MODE_UNKNOWN;
	process->facts.command = g_strdup("");
	process->facts.executable = g_strdup("");
	process->facts.implementation = g_strdup("");
	process->facts.version = g_strdup("");
	process->ignored = ignored;
	process->wanted = &model->wanted;
	process->timeline = &model->timeline;
	process->parts = g_array_new(FALSE, FALSE, sizeof(struct span));
	process->region_order = g_ptr_array_new();
	process->gil_order = g_ptr_array_new();
	process->task_order = g_ptr_array_new();
	g_ptr_array_add(model->processes, process);
	map_set(&model->pids, (uint32_t)pid, process);
	if (ignored)
		return process;
	model->sink.process_seen(model->sink.user, &process->facts);
	if (model->timeline.process_seen)
		model->timeline.process_seen(model->timeline.user, &process->facts);
	return process;
}

struct process *process_of(struct model *model, int32_t pid)
{
	struct process *process = map_get(&model->pids, (uint32_t)pid);

	if (process)
		return process->ignored ? NULL : process;
	return select_by_pid(model, pid) ? process_new(model, pid, false) : NULL;
}

static struct gil *new_gil(struct model *model, struct process *process, uint16_t id)
{
	struct gil *gil = gil_new(model, process, id);

	map_set(&process->gils, id, gil);
	g_ptr_array_add(process->gil_order, gil);
	return gil;
}

struct gil *process_gil(struct model *model, struct process *process, uint16_t id)
{
	struct gil *gil = map_get(&process->gils, id);

	return gil ? gil : new_gil(model, process, id);
}

struct task *process_task(struct process *process, int32_t tid)
{
	struct task *task = map_get(&process->tasks, (uint32_t)tid);

	return task ? task : process_new_task(process, tid);
}

struct task *process_new_task(struct process *process, int32_t tid)
{
	struct task *task = g_new0(struct task, 1);

	task->tid = tid;
	task->name = g_strdup("");
	task->kind = tid == process->facts.pid ? THREAD_MAIN : THREAD_NATIVE;
	map_set(&process->tasks, (uint32_t)tid, task);
	g_ptr_array_add(process->task_order, task);
	return task;
}

static bool is_active(const struct process *process)
{
	for (guint i = 0; i < process->gil_order->len; i++) {
		if (gil_is_active(g_ptr_array_index(process->gil_order, i)))
			return true;
	}
	return false;
}

/* Does the event speak of another program image with the same pid? */
static bool is_another(const struct process *process, const struct event *event)
{
	bool other_command = strcmp(process->facts.command, event->process.command) != 0;

	if (!process->described)
		return false;
	switch (event->process.state) {
	case PROCESS_STARTED:
	case PROCESS_FORKED:
		/* The same one only when a session's statedump has told of it just before. */
		return process->introduced || process->ending_seen || other_command ||
		       process->facts.ppid != event->process.ppid || is_active(process);
	case PROCESS_PRESENT:
		return process->ending_seen && (other_command || process->settled);
	case PROCESS_EXITING:
		break;
	}
	return process->ending_seen && other_command;
}

static void set_string(char **string, const char *value)
{
	if (!*value || !strcmp(*string, value))
		return;
	g_free(*string);
	*string = g_strdup(value);
}

static void describe(struct process *process, const struct event *event)
{
	struct model_process *facts = &process->facts;

	process->described = true;
	if (event->process.ppid)
		facts->ppid = event->process.ppid;
	if (event->process.gil_mode != GIL_MODE_UNKNOWN)
		facts->gil_mode = event->process.gil_mode;
	set_string(&facts->command, event->process.command);
	set_string(&facts->executable, event->process.executable);
	set_string(&facts->implementation, event->process.implementation);
	set_string(&facts->version, event->process.version);
}

/*
 * The main interpreter's GIL is there until the process ends. A subinterpreter may
 * have ended long before, without a word.
 */
static bool lasts(const struct gil *gil)
{
	return gil->facts.kind != INTERPRETER_SUB && !gil->facts.ended;
}

static void note_exit(struct model *model, struct process *process, const struct event *event)
{
	uint64_t at = event->at;

	for (guint i = 0; i < process->gil_order->len; i++) {
		struct gil *gil = g_ptr_array_index(process->gil_order, i);

		if (lasts(gil))
			gil_extend(gil, at);
	}
	process->ended_at = MAX(process->ended_at, at);
	process->ended_by = event->tid;
	if (process->ending_seen)
		return;
	process->ending_seen = true;
	process->facts.exited = true;
	g_queue_push_tail(&model->exited, process);
	if (g_queue_get_length(&model->exited) > EXITED_KEPT)
		process_settle(model, g_queue_peek_head(&model->exited));
}

/* What looked like the end was none. */
static void note_survival(struct model *model, struct process *process)
{
	g_queue_remove(&model->exited, process);
	process->ending_seen = false;
	process->facts.exited = false;
	process->ended_at = 0;
}

/*
 * A thread's last word is that its process ends. One that uses the GIL after that has left abort()
 * through a handler of the signal, which tells nobody.
 */
void process_goes_on(struct model *model, struct process *process, const struct event *event)
{
	if (event->tid == process->ended_by && event->at > process->ended_at)
		note_survival(model, process);
}

bool process_feed(struct model *model, const struct event *event)
{
	struct process *process = map_get(&model->pids, (uint32_t)event->pid);

	if (!process || is_another(process, event)) {
		if (process && !process->ignored && !process->settled) {
			process->facts.exited = true; /* replaced: by exec, or long gone */
			process_settle(model, process);
		}
		process = process_new(model, event->pid, !select_by_event(model, event));
	}
	if (!process->settled) {
		describe(process, event);
		if (event->process.state == PROCESS_STARTED ||
			event->process.state == PROCESS_FORKED)
			process->introduced = true;
		/* After an exec that failed. */
		if (event->process.state == PROCESS_PRESENT && process->ending_seen)
			note_survival(model, process);
		if (event->process.state == PROCESS_EXITING && !process->ignored)
			note_exit(model, process, event);
	}
	return !process->ignored;
}

void process_feed_gil(struct model *model, struct process *process, const struct event *event)
{
	struct gil *gil = map_get(&process->gils, event->gil);

	if (gil && event->gil_info.state == GIL_CREATED && gil_is_active(gil)) {
		/* The same number again: another GIL. The old one stays in gil_order. */
		new_gil(model, process, event->gil);
		model->recent_gil = NULL;
	}
	gil = process_gil(model, process, event->gil);
	gil_expect(gil, event);
	if (lasts(gil))
		process->facts.gil_mode = gil->facts.mode;
}

void process_settle(struct model *model, struct process *process)
{
	g_queue_remove(&model->exited, process);
	if (model->recent_gil && model->recent_gil->process == process)
		model->recent_gil = NULL;
	region_close_all(process);
	for (guint i = 0; i < process->gil_order->len; i++) {
		struct gil *gil = g_ptr_array_index(process->gil_order, i);

		gil_finish(gil);
		view_tell_all(gil);
		model->sink.gil_done(model->sink.user, &gil->facts);
		if (model->timeline.gil_done)
			model->timeline.gil_done(model->timeline.user, &gil->facts);
		gil_free(gil);
	}
	g_ptr_array_set_size(process->gil_order, 0);
	map_release(&process->gils);
	for (guint i = 0; i < process->task_order->len; i++) {
		struct task *task = g_ptr_array_index(process->task_order, i);

		region_free_task(task);
		g_free(task->name);
		g_free(task);
	}
	g_ptr_array_set_size(process->task_order, 0);
	map_release(&process->tasks);
	process->settled = true;
	region_tell_all(process, &model->sink);
	model->sink.process_done(model->sink.user, &process->facts);
	if (model->timeline.process_done)
		model->timeline.process_done(model->timeline.user, &process->facts);
	site_free_all(process);
}

void process_free(struct process *process)
{
	g_array_free(process->parts, TRUE);
	g_ptr_array_free(process->region_order, TRUE);
	g_ptr_array_free(process->gil_order, TRUE);
	g_ptr_array_free(process->task_order, TRUE);
	g_free(process->facts.command);
	g_free(process->facts.executable);
	g_free(process->facts.implementation);
	g_free(process->facts.version);
	g_free(process);
}

/* Threads of a process: their names, and when each tid existed. */
#include <string.h>

#include "model/state.h"

/* The thread with this tid under a GIL; NULL when it never used it. */
static struct thread *thread_under(struct process *process, guint gil_index, int32_t tid)
{
	struct gil *gil = g_ptr_array_index(process->gil_order, gil_index);
	struct thread *thread = map_get(&gil->threads, (uint32_t)tid);

	return thread && !thread->retired ? thread : NULL;
}

/* The kernel uses the tid again for a thread with another name. */
static struct task *retire(struct process *process, struct task *task)
{
	for (guint i = 0; i < process->gil_order->len; i++) {
		struct thread *thread = thread_under(process, i, task->tid);

		if (!thread)
			continue;
		thread->retired = true;
		thread->gil->recent_thread = NULL;
	}
	return process_new_task(process, task->tid);
}

/* The same for one with the same name, or after one that never used a GIL: not worth another entry.
 */
static void revive(struct process *process, struct task *task, uint64_t at)
{
	for (guint i = 0; i < process->gil_order->len; i++) {
		struct thread *thread = thread_under(process, i, task->tid);
		uint64_t from;

		if (!thread)
			continue;
		from = MAX(task->exited_at, thread->gil->facts.begin_ns);
		if (at > from)
			thread->absent_ns += at - from;
	}
	task->exited = false;
	if (!task->used)
		task->announced = false;
}

static void note_exit(struct process *process, struct task *task, uint64_t at)
{
	task->exited_at = task->exited ? MAX(task->exited_at, at) : at;
	task->exited = true;
	region_close(process, task, at);
	for (guint i = 0; i < process->gil_order->len; i++) {
		struct thread *thread = thread_under(process, i, task->tid);

		if (!thread)
			continue;
		gil_extend(thread->gil, at);
		wait_end(thread->gil, thread, at);
		blame_unwatch(thread);
	}
}

void task_feed(struct process *process, const struct event *event)
{
	struct task *task = process_task(process, event->tid);

	if (event->thread.state == THREAD_STARTED && task->exited) {
		if (task->used && strcmp(task->name, event->thread.name) != 0)
			task = retire(process, task);
		else
			revive(process, task, event->at);
	}
	if (*event->thread.name && strcmp(task->name, event->thread.name) != 0) {
		g_free(task->name);
		task->name = g_strdup(event->thread.name);
	}
	task->kind = event->thread.kind;
	if (event->thread.state == THREAD_EXITED) {
		note_exit(process, task, event->at);
		return;
	}
	task->since = task->announced ? MIN(task->since, event->at) : event->at;
	task->announced = true;
}

/* From when to when it was there, as far as is known, within the time of the GIL. */
static void set_times(struct thread *thread)
{
	const struct model_gil *gil = &thread->gil->facts;
	const struct task *task = thread->task;
	uint64_t from = thread->first_seen, to = thread->last_seen;

	if (task->announced) {
		from = MIN(from, task->since);
		to = gil->end_ns; /* its exit would have been announced, too */
	}
	if (task->exited)
		to = MAX(thread->last_seen, task->exited_at);
	thread->facts.begin_ns = MIN(MAX(from, gil->begin_ns), gil->end_ns);
	thread->facts.end_ns = MAX(MIN(to, gil->end_ns), thread->facts.begin_ns);
}

void task_finish(struct thread *thread)
{
	uint64_t alive;

	thread->facts.name = thread->task->name;
	thread->facts.kind = thread->task->kind;
	set_times(thread);
	alive = switch_on_ns(thread->gil, thread->facts.begin_ns, thread->facts.end_ns);
	thread->facts.alive_ns = alive - MIN(thread->absent_ns, alive);
}

/* Which processes are reported on; the others' events are left out. */
#include <string.h>

#include "model/state.h"

void select_copy(struct selection *copy, const struct selection *selection)
{
	*copy = *selection;
	copy->run = g_strdup(selection->run);
	if (!selection->pids)
		return;
	/* One more, so that a list of none is still a list. */
	copy->pids = g_new0(int32_t, selection->pid_count + 1);
	if (selection->pid_count)
		memcpy((int32_t *)copy->pids, selection->pids,
			selection->pid_count * sizeof(*selection->pids));
}

void select_release(struct selection *copy)
{
	g_free((char *)copy->run);
	g_free((int32_t *)copy->pids);
}

static bool is_listed(const struct selection *selection, int32_t pid)
{
	for (size_t i = 0; i < selection->pid_count; i++)
		if (selection->pids[i] == pid)
			return true;
	return false;
}

bool select_by_pid(const struct model *model, int32_t pid)
{
	const struct selection *selection = &model->selection;

	if (selection->pids)
		return is_listed(selection, pid);
	/* Whose it is only its `process` event can tell. */
	return !selection->run;
}

bool select_by_event(const struct model *model, const struct event *event)
{
	const struct selection *selection = &model->selection;
	const struct process *parent;

	if (selection->run)
		return strcmp(selection->run, event->process.run) == 0;
	if (!selection->pids || is_listed(selection, event->pid))
		return true;
	if (!selection->descendants)
		return false;
	if (is_listed(selection, event->process.ppid))
		return true;
	parent = map_get(&model->pids, (uint32_t)event->process.ppid);
	return parent && !parent->ignored;
}

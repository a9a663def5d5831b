/* Live figures as data; see figures.h. */
#include "live/figures.h"

static void free_thread(void *data)
{
	struct live_thread *thread = data;

	g_free(thread->name);
	g_free(thread->line);
	g_free(thread);
}

static void free_gil(void *data)
{
	struct live_gil *gil = data;

	g_ptr_array_unref(gil->threads);
	g_free(gil);
}

static void free_process(void *data)
{
	struct live_process *process = data;

	g_ptr_array_unref(process->gils);
	g_free(process->command);
	g_free(process->interpreter);
	g_free(process);
}

struct live_figures *live_figures_new(void)
{
	struct live_figures *figures = g_new0(struct live_figures, 1);

	figures->processes = g_ptr_array_new_with_free_func(free_process);
	return figures;
}

void live_figures_free(struct live_figures *figures)
{
	if (!figures)
		return;
	g_ptr_array_unref(figures->processes);
	g_free(figures);
}

struct live_process *live_figures_add_process(struct live_figures *figures)
{
	struct live_process *process = g_new0(struct live_process, 1);

	process->gils = g_ptr_array_new_with_free_func(free_gil);
	g_ptr_array_add(figures->processes, process);
	return process;
}

struct live_gil *live_figures_add_gil(struct live_process *process)
{
	struct live_gil *gil = g_new0(struct live_gil, 1);

	gil->threads = g_ptr_array_new_with_free_func(free_thread);
	g_ptr_array_add(process->gils, gil);
	return gil;
}

struct live_thread *live_figures_add_thread(struct live_gil *gil)
{
	struct live_thread *thread = g_new0(struct live_thread, 1);

	g_ptr_array_add(gil->threads, thread);
	return thread;
}

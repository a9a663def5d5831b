/* Gives back what a report owns; see report.h. */
#include "stats/report.h"

#include <glib.h>
#include <string.h>

static void release_thread(struct thread_report *thread)
{
	g_free(thread->name);
	g_free(thread->sites);
}

static void release_stack(struct stack_report *stack)
{
	for (size_t i = 0; i < stack->python_count; i++) {
		g_free(stack->python[i].file);
		g_free(stack->python[i].function);
	}
	for (size_t i = 0; i < stack->native_count; i++) {
		g_free(stack->native[i].function);
		g_free(stack->native[i].file);
	}
	g_free(stack->python);
	g_free(stack->native);
}

static void release_gils(struct gil_report *gils, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct gil_report *gil = &gils[i];

		for (size_t j = 0; j < gil->thread_count; j++)
			release_thread(&gil->threads[j]);
		for (size_t j = 0; j < gil->site_count; j++) {
			g_free(gil->sites[j].file);
			g_free(gil->sites[j].function);
		}
		g_free(gil->threads);
		g_free(gil->blame);
		g_free(gil->sites);
		g_free(gil->line_blame);
		for (size_t j = 0; j < gil->stack_count; j++)
			release_stack(&gil->stacks[j]);
		g_free(gil->stacks);
	}
	g_free(gils);
}

static void release_process(struct process_report *process)
{
	release_gils(process->gils, process->gil_count);
	g_free(process->command);
	g_free(process->executable);
	g_free(process->implementation);
	g_free(process->version);
	for (size_t i = 0; i < process->region_count; i++) {
		release_gils(process->regions[i].gils, process->regions[i].gil_count);
		g_free(process->regions[i].name);
	}
	g_free(process->regions);
	for (size_t i = 0; i < process->unavailable_count; i++)
		g_free(process->unavailable[i].reason);
	g_free(process->unavailable);
	for (size_t i = 0; i < process->module_count; i++) {
		g_free(process->modules[i].path);
		g_free(process->modules[i].build_id);
	}
	g_free(process->modules);
}

/* NULL when nobody ever entered it. */
static struct region_report *find_region(const struct process_report *process, const char *name)
{
	for (size_t i = 0; i < process->region_count; i++)
		if (strcmp(process->regions[i].name, name) == 0 && process->regions[i].count > 0)
			return &process->regions[i];
	return NULL;
}

static void select_region(struct process_report *process, struct region_report *region)
{
	release_gils(process->gils, process->gil_count);
	process->gils = region->gils;
	process->gil_count = region->gil_count;
	region->gils = NULL;
	region->gil_count = 0;
}

bool report_has_region(const struct report *report, const char *name)
{
	for (size_t i = 0; i < report->process_count; i++)
		if (find_region(&report->processes[i], name))
			return true;
	return false;
}

void report_select_region(struct report *report, const char *name)
{
	size_t kept = 0;

	report->region = g_strdup(name);
	for (size_t i = 0; i < report->process_count; i++) {
		struct process_report process = report->processes[i];
		struct region_report *region = find_region(&process, name);

		if (region) {
			select_region(&process, region);
			report->processes[kept++] = process;
		} else {
			release_process(&process);
		}
	}
	report->process_count = kept;
}

void report_release(struct report *report)
{
	for (size_t i = 0; i < report->process_count; i++)
		release_process(&report->processes[i]);
	g_free(report->processes);
	g_free(report->path);
	g_free(report->region);
	report->processes = NULL;
	report->process_count = 0;
	report->path = NULL;
	report->region = NULL;
}

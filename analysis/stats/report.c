/* Gives back what a report owns; see report.h. */
#include "stats/report.h"

#include <glib.h>

static void release_gils(struct process_report *process)
{
	for (size_t i = 0; i < process->gil_count; i++) {
		struct gil_report *gil = &process->gils[i];

		for (size_t j = 0; j < gil->thread_count; j++)
			g_free(gil->threads[j].name);
		g_free(gil->threads);
		g_free(gil->blame);
	}
	g_free(process->gils);
}

void report_release(struct report *report)
{
	for (size_t i = 0; i < report->process_count; i++) {
		struct process_report *process = &report->processes[i];

		release_gils(process);
		g_free(process->command);
		g_free(process->executable);
		g_free(process->implementation);
		g_free(process->version);
	}
	g_free(report->processes);
	g_free(report->path);
	report->processes = NULL;
	report->process_count = 0;
	report->path = NULL;
}

/* The regions that the programs of a report marked; see regions_table.h. */
#include "tables/regions_table.h"

#include <glib.h>

static void add_region(struct table *table, const struct process_report *process,
	const struct region_report *region, bool several)
{
	table_add_text(table, region->name);
	if (several) {
		char *pid = g_strdup_printf("%d", process->pid);

		table_add_text(table, pid);
		g_free(pid);
	}
	table_add_count(table, region->count);
	table_add_duration(table, region->total_ns);
	if (region->count == 0)
		table_add_empty(table);
	else
		table_add_duration(table, region->total_ns / region->count);
	if (region->everywhere)
		table_add_text(table, "all");
	else
		table_add_count(table, region->threads);
	if (region->unclosed > 0) {
		char *remark = g_strdup_printf("not left before the thread, the program or the "
					       "trace ended: %" G_GUINT64_FORMAT,
			region->unclosed);

		table_add_remark(table, remark);
		g_free(remark);
	}
}

static size_t count_regions(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->process_count; i++)
		count += report->processes[i].region_count;
	return count;
}

static void add_rest(struct table *table, size_t rest, bool several)
{
	char *label = g_strdup_printf("%zu more", rest);

	table_add_text(table, label);
	for (int i = 0; i < 4 + several; i++)
		table_add_empty(table);
	g_free(label);
}

void regions_table(struct table *table, const struct report *report)
{
	bool several = report->process_count > 1;
	size_t count = count_regions(report), listed = 0;

	table_init(table, "regions", "Regions",
		"marked by the program; time: inside, all threads together\n"
		"--region NAME reports on one of them alone\n");
	table_add_column(table, "name", "region", UNIT_NONE);
	if (several)
		table_add_column(table, "pid", "pid", UNIT_NONE);
	table_add_column(table, "count", "entered", UNIT_COUNT);
	table_add_column(table, "total_ns", "time", UNIT_NS);
	table_add_column(table, "mean_ns", "mean", UNIT_NS);
	table_add_column(table, "threads", "threads", UNIT_COUNT);
	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		for (size_t k = 0; k < process->region_count && listed < REGIONS_LISTED; k++) {
			add_region(table, process, &process->regions[k], several);
			listed++;
		}
	}
	if (listed < count)
		add_rest(table, count - listed, several);
}

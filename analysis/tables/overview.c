/* All GILs of a report with their verdicts; see overview.h. */
#include "tables/overview.h"

#include <stdlib.h>

#include <glib.h>

#include "tables/figures.h"
#include "tables/labels.h"

/* Most waiting first, then what is not known, then what has no GIL; else as in the report. */
static uint64_t rank(const struct overview_item *item)
{
	if (!item->gil)
		return 0;
	return item->gil->wait_ns == FIGURE_UNKNOWN ? 1 : item->gil->wait_ns + 2;
}

/* Items of the same rank stay in the report's order. */
static int compare(const void *a, const void *b)
{
	const struct overview_item *one = a, *other = b;
	uint64_t rank_one = rank(one), rank_other = rank(other);

	if (rank_one != rank_other)
		return rank_one < rank_other ? 1 : -1;
	if (one->process != other->process)
		return one->process < other->process ? -1 : 1;
	return one->gil < other->gil ? -1 : one->gil > other->gil;
}

static void add_item(struct overview *overview, const struct report *report,
	const struct process_report *process, const struct gil_report *gil)
{
	struct overview_item *item = &overview->items[overview->count++];

	item->process = process;
	item->gil = gil;
	verdict_init(&item->verdict, report, process, gil);
}

void overview_init(struct overview *overview, const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->process_count; i++)
		count += MAX(report->processes[i].gil_count, 1);
	*overview = (struct overview){.items = g_new0(struct overview_item, count)};
	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		for (size_t k = 0; k < process->gil_count; k++)
			add_item(overview, report, process, &process->gils[k]);
		if (process->gil_count == 0)
			add_item(overview, report, process, NULL);
	}
	if (overview->count > 1)
		qsort(overview->items, overview->count, sizeof(*overview->items), compare);
}

void overview_release(struct overview *overview)
{
	for (size_t i = 0; i < overview->count; i++)
		verdict_release(&overview->items[i].verdict);
	g_free(overview->items);
}

bool overview_contended(const struct overview_item *item)
{
	return item->verdict.severity >= VERDICT_SEVERITY_LOW;
}

/* The GIL's number says something only where a process has several. */
static bool several_gils(const struct overview *overview)
{
	for (size_t i = 0; i < overview->count; i++)
		if (overview->items[i].process->gil_count > 1)
			return true;
	return false;
}

static void add_row(struct table *table, const struct overview_item *item, bool numbers)
{
	const struct gil_report *gil = item->gil;
	char *label = label_process(item->process);
	char *pid = g_strdup_printf("%d", item->process->pid);
	char *number = gil ? g_strdup_printf("%u", gil->id) : g_strdup("");

	table_add_text(table, label);
	table_add_text(table, pid);
	if (numbers)
		table_add_text(table, number);
	if (gil) {
		table_add_count(table, gil->thread_count);
		table_add_duration(table, gil->span_ns);
		table_add_share(table, gil->utilization);
		table_add_duration(table, gil->wait_ns);
		table_add_number(table, gil->load);
		table_add_count(table, gil->acquisitions);
	} else {
		for (int i = 0; i < 6; i++)
			if (item->verdict.kind == VERDICT_FREE_THREADED ||
				item->verdict.kind == VERDICT_NO_GIL)
				table_add_empty(table);
			else
				table_add_unknown(table);
	}
	table_add_text(table, verdict_kind_name(item->verdict.kind));
	g_free(number);
	g_free(pid);
	g_free(label);
}

/* Items from `from` on in one row. */
static void add_rest(
	struct table *table, const struct overview *overview, size_t from, bool numbers)
{
	uint64_t threads = 0, wait = 0, acquisitions = 0;
	char *label = g_strdup_printf("%zu more", overview->count - from);

	for (size_t i = from; i < overview->count; i++) {
		const struct gil_report *gil = overview->items[i].gil;

		threads = figure_sum(threads, gil ? gil->thread_count : 0);
		wait = figure_sum(wait, gil ? gil->wait_ns : 0);
		acquisitions = figure_sum(acquisitions, gil ? gil->acquisitions : 0);
	}
	table_add_text(table, label);
	table_add_empty(table);
	if (numbers)
		table_add_empty(table);
	table_add_count(table, threads);
	table_add_empty(table);
	table_add_empty(table);
	table_add_duration(table, wait);
	table_add_empty(table);
	table_add_count(table, acquisitions);
	table_add_empty(table);
	g_free(label);
}

void overview_table(struct table *table, const struct overview *overview)
{
	bool numbers = several_gils(overview);
	/* A row that sums one other would be no shorter than that one. */
	size_t rows = overview->count <= OVERVIEW_ROWS + 1 ? overview->count : OVERVIEW_ROWS;

	table_init(table, "gils", numbers ? "GILs" : "Processes",
		"held: part of the time in which some thread had the GIL\n"
		"load: threads waiting on average; takes: times the GIL was taken\n");
	table_add_column(table, "process", "program", UNIT_NONE);
	table_add_column(table, "pid", "pid", UNIT_NONE);
	if (numbers)
		table_add_column(table, "gil", "GIL", UNIT_NONE);
	table_add_column(table, "threads", "threads", UNIT_COUNT);
	table_add_column(table, "span_ns", "time", UNIT_NS);
	table_add_column(table, "utilization", "held", UNIT_SHARE);
	table_add_column(table, "wait_ns", "waited", UNIT_NS);
	table_add_column(table, "load", "load", UNIT_NUMBER);
	table_add_optional_column(table, "acquisitions", "takes", UNIT_COUNT);
	table_add_column(table, "verdict", "verdict", UNIT_NONE);
	for (size_t i = 0; i < rows; i++)
		add_row(table, &overview->items[i], numbers);
	if (rows < overview->count)
		add_rest(table, overview, rows, numbers);
}

/* Who waited while who held: a matrix of few threads, a list of many; see gil_tables.h. */
#include "tables/gil_tables.h"

#include <glib.h>

#include "tables/figures.h"
#include "tables/labels.h"

static char *holder_label(const struct gil_report *gil, int holder)
{
	if (holder == BLAME_HANDOFF)
		return g_strdup("(free)");
	if (holder == BLAME_UNKNOWN)
		return g_strdup("(unknown)");
	return label_thread(gil, (size_t)holder);
}

static bool waits_behind(const struct gil_report *gil, int holder)
{
	for (size_t i = 0; i < gil->blame_count; i++)
		if (gil->blame[i].holder == holder)
			return true;
	return false;
}

static uint64_t blame_between(const struct gil_report *gil, int waiter, int holder)
{
	for (size_t i = 0; i < gil->blame_count; i++)
		if (gil->blame[i].waiter == waiter && gil->blame[i].holder == holder)
			return gil->blame[i].wait_ns;
	return 0;
}

static void add_holder_column(struct table *table, const struct gil_report *gil, int holder)
{
	char *label = holder_label(gil, holder);
	char *key = holder == BLAME_HANDOFF   ? g_strdup("handoff")
		    : holder == BLAME_UNKNOWN ? g_strdup("unknown")
					      : g_strdup_printf("tid_%d", gil->threads[holder].tid);

	table_add_column(table, key, label, UNIT_NS);
	g_free(key);
	g_free(label);
}

/* Columns are the holders that anybody waited for: threads, then unknown and free. */
static void matrix(struct table *table, const struct gil_report *gil)
{
	int holders[BLAME_MATRIX_THREADS + 2];
	size_t holder_count = 0;

	for (int i = 0; i < (int)gil->thread_count; i++)
		if (waits_behind(gil, i))
			holders[holder_count++] = i;
	if (waits_behind(gil, BLAME_UNKNOWN))
		holders[holder_count++] = BLAME_UNKNOWN;
	if (waits_behind(gil, BLAME_HANDOFF))
		holders[holder_count++] = BLAME_HANDOFF;

	table_init(table, "blame_matrix", "Blame",
		"how long the row's thread waited while the column's held the GIL\n"
		"(free): nobody held it, it was changing hands\n");
	table_add_column(table, "waiter", "waiting", UNIT_NONE);
	for (size_t i = 0; i < holder_count; i++)
		add_holder_column(table, gil, holders[i]);
	for (int waiter = 0; waiter < (int)gil->thread_count; waiter++) {
		char *label;

		if (gil->threads[waiter].wait_ns == 0)
			continue;
		label = label_thread(gil, (size_t)waiter);
		table_add_text(table, label);
		g_free(label);
		for (size_t i = 0; i < holder_count; i++) {
			uint64_t wait_ns = blame_between(gil, waiter, holders[i]);

			if (holders[i] == waiter && wait_ns == 0)
				table_add_empty(table);
			else
				table_add_duration(table, wait_ns);
		}
	}
}

static void add_entry(struct table *table, const struct gil_report *gil, const char *waiter,
	const char *holder, uint64_t wait_ns)
{
	table_add_text(table, waiter);
	table_add_text(table, holder);
	table_add_duration(table, wait_ns);
	table_add_share(table, figure_ratio(wait_ns, gil->wait_ns));
}

static void list(struct table *table, const struct gil_report *gil)
{
	size_t rows = gil->blame_count <= BLAME_LISTED + 1 ? gil->blame_count : BLAME_LISTED;
	uint64_t rest = 0;

	table_init(table, "blame", "Blame",
		"how long a thread waited while another held the GIL, largest first\n"
		"(free): nobody held it, it was changing hands\n");
	table_add_column(table, "waiter", "waiting", UNIT_NONE);
	table_add_column(table, "holder", "behind", UNIT_NONE);
	table_add_column(table, "wait_ns", "waited", UNIT_NS);
	table_add_column(table, "share", "of all waiting", UNIT_SHARE);
	for (size_t i = 0; i < rows; i++) {
		char *waiter = label_thread(gil, (size_t)gil->blame[i].waiter);
		char *holder = holder_label(gil, gil->blame[i].holder);

		add_entry(table, gil, waiter, holder, gil->blame[i].wait_ns);
		g_free(holder);
		g_free(waiter);
	}
	for (size_t i = rows; i < gil->blame_count; i++)
		rest = figure_sum(rest, gil->blame[i].wait_ns);
	if (rows < gil->blame_count) {
		char *label = g_strdup_printf("%zu more pairs", gil->blame_count - rows);

		add_entry(table, gil, label, "", rest);
		g_free(label);
	}
}

void blame_table(struct table *table, const struct gil_report *gil)
{
	if (gil->thread_count <= BLAME_MATRIX_THREADS)
		matrix(table, gil);
	else
		list(table, gil);
}

/* Who waited at which line, while who was in which; see gil_tables.h. */
#include "tables/gil_tables.h"

#include <glib.h>

#include "tables/figures.h"
#include "tables/labels.h"
#include "tables/site_labels.h"

static bool says_a_line(const struct gil_report *gil, const struct line_blame_report *blame)
{
	return (blame->waiter_site >= 0 && gil->sites[blame->waiter_site].kind == SITE_LINE) ||
	       (blame->holder_site >= 0 && gil->sites[blame->holder_site].kind == SITE_LINE);
}

static void add_who_and_where(
	struct table *table, const struct gil_report *gil, int thread, int site)
{
	char *who = label_thread(gil, (size_t)thread), *where = label_site_line(gil, site);

	table_add_text(table, who);
	table_add_text(table, where);
	g_free(where);
	g_free(who);
}

static void add_entry(
	struct table *table, const struct gil_report *gil, const struct line_blame_report *blame)
{
	add_who_and_where(table, gil, blame->waiter, blame->waiter_site);
	if (blame->holder >= 0) {
		add_who_and_where(table, gil, blame->holder, blame->holder_site);
	} else {
		table_add_text(table, blame->holder == BLAME_HANDOFF ? "(free)" : "(unknown)");
		table_add_empty(table);
	}
	table_add_duration(table, blame->wait_ns);
	table_add_share(table, figure_ratio(blame->wait_ns, gil->wait_ns));
}

void line_blame_table(struct table *table, const struct gil_report *gil)
{
	size_t listed = 0;

	table_init(table, "line_blame", "Blame by line",
		"a thread waited at its line while another held the GIL that it let go of at its "
		"line, largest first\n");
	table_add_column(table, "waiter", "waiting", UNIT_NONE);
	table_add_column(table, "waiter_site", "at", UNIT_NONE);
	table_add_column(table, "holder", "behind", UNIT_NONE);
	table_add_column(table, "holder_site", "up to", UNIT_NONE);
	table_add_column(table, "wait_ns", "waited", UNIT_NS);
	table_add_column(table, "share", "share", UNIT_SHARE);
	for (size_t i = 0; i < gil->line_blame_count && listed < LINE_BLAME_LISTED; i++) {
		if (!says_a_line(gil, &gil->line_blame[i]))
			continue;
		add_entry(table, gil, &gil->line_blame[i]);
		listed++;
	}
}

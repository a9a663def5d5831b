/* What happened at which line; see gil_tables.h. */
#include "tables/gil_tables.h"

#include <glib.h>

#include "tables/figures.h"
#include "tables/site_labels.h"
#include "tables/source.h"

static uint64_t held(const struct site_report *site)
{
	return site->figures.held_ns;
}

static uint64_t waited(const struct site_report *site)
{
	return site->figures.wait_ns;
}

/* Chooses the `count` sites with the largest figure that is not 0. */
static void choose(const struct gil_report *gil, uint64_t (*figure)(const struct site_report *),
	int count, bool *chosen)
{
	bool *seen = g_new0(bool, gil->site_count);

	for (int n = 0; n < count; n++) {
		size_t best = gil->site_count;

		for (size_t i = 0; i < gil->site_count; i++)
			if (!seen[i] && figure(&gil->sites[i]) > 0 &&
				(best == gil->site_count ||
					figure(&gil->sites[i]) > figure(&gil->sites[best])))
				best = i;
		if (best == gil->site_count)
			break;
		seen[best] = chosen[best] = true;
	}
	g_free(seen);
}

static bool lines_known(const struct gil_report *gil)
{
	for (size_t i = 0; i < gil->site_count; i++)
		if (gil->sites[i].kind == SITE_LINE)
			return true;
	return false;
}

static void add_figures(struct table *table, const struct gil_report *gil, const char *label,
	const struct site_figures *figures)
{
	table_add_text(table, label);
	table_add_duration(table, figures->blocked_ns);
	table_add_share(table, figure_ratio(figures->blocked_ns, gil->wait_ns));
	table_add_duration(table, figures->held_ns);
	table_add_count(table, figures->holds);
	if (figures->holds == 0)
		table_add_empty(table);
	else
		table_add_duration(table, figures->held_ns / figures->holds);
	table_add_duration(table, figures->wait_ns);
	if (figures->holds == 0)
		table_add_empty(table);
	else
		table_add_duration(table, figures->hold_max_ns);
	table_add_count(table, figures->waits);
}

static void add_source(struct table *table, const struct site_report *site, uint64_t since_ns)
{
	char *text;

	if (site->kind != SITE_LINE)
		return;
	switch (source_line(site->file, site->line, since_ns, &text)) {
	case SOURCE_FOUND:
		table_add_remark(table, text);
		g_free(text);
		break;
	case SOURCE_CHANGED:
		table_add_remark(table, "(the file was changed after the recording began)");
		break;
	case SOURCE_MISSING:
		break;
	}
}

static void add_rest(struct table *table, const struct gil_report *gil, const bool *chosen)
{
	struct site_figures rest = {0};
	size_t count = 0;
	char *label;

	for (size_t i = 0; i < gil->site_count; i++) {
		const struct site_figures *figures = &gil->sites[i].figures;

		if (chosen[i])
			continue;
		count++;
		rest.held_ns = figure_sum(rest.held_ns, figures->held_ns);
		rest.holds = figure_sum(rest.holds, figures->holds);
		rest.wait_ns = figure_sum(rest.wait_ns, figures->wait_ns);
		rest.waits = figure_sum(rest.waits, figures->waits);
		rest.blocked_ns = figure_sum(rest.blocked_ns, figures->blocked_ns);
		if (figures->holds)
			rest.hold_max_ns = MAX(rest.hold_max_ns, figures->hold_max_ns);
	}
	if (count == 0)
		return;
	label = g_strdup_printf("%zu more", count);
	add_figures(table, gil, label, &rest);
	g_free(label);
}

void lines_table(struct table *table, const struct gil_report *gil, uint64_t since_ns)
{
	bool *chosen = g_new0(bool, gil->site_count);

	table_init(table, "lines", "Lines",
		"a hold belongs to the line at which the thread let go of the GIL\n"
		"blocked: how long others waited behind these holds, and its share of all waiting\n"
		"waited: for the GIL, at this line\n");
	table_add_column(table, "site", "line", UNIT_NONE);
	table_add_column(table, "blocked_ns", "blocked", UNIT_NS);
	table_add_column(table, "blocked_share", "share", UNIT_SHARE);
	table_add_column(table, "held_ns", "held", UNIT_NS);
	table_add_column(table, "holds", "holds", UNIT_COUNT);
	table_add_column(table, "hold_mean_ns", "mean", UNIT_NS);
	table_add_column(table, "wait_ns", "waited", UNIT_NS);
	table_add_optional_column(table, "hold_max_ns", "longest", UNIT_NS);
	table_add_optional_column(table, "waits", "waits", UNIT_COUNT);
	for (size_t i = 0; i < gil->site_count && i < LINES_LISTED; i++)
		chosen[i] = true;
	choose(gil, held, LINES_LISTED_TOO, chosen);
	choose(gil, waited, LINES_LISTED_TOO, chosen);
	for (size_t i = 0; i < gil->site_count && lines_known(gil); i++) {
		char *label;

		if (!chosen[i])
			continue;
		label = label_site(gil, (int)i);
		add_figures(table, gil, label, &gil->sites[i].figures);
		add_source(table, &gil->sites[i], since_ns);
		g_free(label);
	}
	if (lines_known(gil))
		add_rest(table, gil, chosen);
	g_free(chosen);
}

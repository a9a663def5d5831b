/* Figures by line: from places to the lines that they stand for. */
#include <stdlib.h>
#include <string.h>

#include "stats/gather.h"

/* What one GIL's lines are gathered with. */
struct lines {
	const struct gil_stats *stats;
	const int *order; /* thread_stats.index -> its place in the report */
	GArray *sites;	  /* struct site_report */
	int *site_of;	  /* place_stats.index -> index in `sites`, -1: nothing happened there */
	struct site_figures *figures; /* by place index, with blocked_ns */
	int rest;		      /* in `sites`; -1: there is none yet */
	struct gil_report *report;
};

static guint hash_site(gconstpointer key)
{
	const struct model_site *site = key;

	return g_direct_hash(site->file) * 31 + g_direct_hash(site->function) +
	       (guint)site->line * 2654435761u;
}

/* The texts of one process are equal only if they are the same. */
static gboolean same_site(gconstpointer a, gconstpointer b)
{
	const struct model_site *left = a, *right = b;

	return left->file == right->file && left->function == right->function &&
	       left->line == right->line;
}

static int new_site(struct lines *lines, enum site_kind kind, const struct model_site *site)
{
	struct site_report report = {
		.kind = kind,
		.file = g_strdup(site ? site->file : ""),
		.function = g_strdup(site ? site->function : ""),
		.line = site ? site->line : 0,
		.first_line = site ? site->first_line : 0,
	};

	g_array_append_val(lines->sites, report);
	return (int)lines->sites->len - 1;
}

static int rest_site(struct lines *lines)
{
	if (lines->rest < 0)
		lines->rest = new_site(lines, SITE_REST, NULL);
	return lines->rest;
}

/* Nothing that counts happened there: it was outside of the region. */
static bool is_empty(const struct site_figures *figures)
{
	return !figures->holds && !figures->waits && !figures->blocked_ns;
}

/* Several numbers can stand for the same line: it is one in the report. */
static void find_sites(struct lines *lines, const struct model_gil *gil)
{
	GHashTable *known = g_hash_table_new(hash_site, same_site);
	int unknown = -1;

	for (guint i = 0; i < lines->stats->places->len; i++) {
		const struct place_stats *place = g_ptr_array_index(lines->stats->places, i);
		const struct model_site *site = model_site(gil->process, place->place->site);
		gpointer found;

		if (is_empty(&lines->figures[i])) {
			lines->site_of[i] = -1;
		} else if (place->place->site == MODEL_SITE_REST) {
			lines->site_of[i] = rest_site(lines);
		} else if (!site) {
			if (unknown < 0)
				unknown = new_site(lines, SITE_NOT_KNOWN, NULL);
			lines->site_of[i] = unknown;
		} else if (g_hash_table_lookup_extended(known, site, NULL, &found)) {
			lines->site_of[i] = GPOINTER_TO_INT(found);
		} else {
			lines->site_of[i] = new_site(lines, SITE_LINE, site);
			g_hash_table_insert(
				known, (gpointer)site, GINT_TO_POINTER(lines->site_of[i]));
		}
	}
	g_hash_table_destroy(known);
}

static void add_figures(struct site_figures *into, const struct site_figures *from)
{
	into->held_ns = tally_plus(into->held_ns, from->held_ns);
	into->holds += from->holds;
	into->hold_max_ns = MAX(into->hold_max_ns, from->hold_max_ns);
	into->wait_ns = tally_plus(into->wait_ns, from->wait_ns);
	into->waits += from->waits;
	into->wait_max_ns = MAX(into->wait_max_ns, from->wait_max_ns);
	into->blocked_ns = tally_plus(into->blocked_ns, from->blocked_ns);
}

/* Of no holds there is no longest. */
static void finish_figures(struct site_figures *figures)
{
	if (!figures->holds)
		figures->hold_max_ns = FIGURE_UNKNOWN;
	if (!figures->waits)
		figures->wait_max_ns = FIGURE_UNKNOWN;
}

static void sum_places(struct lines *lines)
{
	const GPtrArray *places = lines->stats->places;

	for (guint i = 0; i < places->len; i++)
		lines->figures[i] =
			((const struct place_stats *)g_ptr_array_index(places, i))->figures;
	for (guint i = 0; i < places->len; i++) {
		const struct tally *blame =
			&((const struct place_stats *)g_ptr_array_index(places, i))->blame;

		for (uint32_t j = 0; blame->entries && j <= blame->mask; j++) {
			uint32_t holder = blame->entries[j].tag - 1;

			if (blame->entries[j].tag && holder < MODEL_UNKNOWN)
				lines->figures[holder].blocked_ns = tally_plus(
					lines->figures[holder].blocked_ns, blame->entries[j].sum);
		}
	}
}

static void sum_sites(struct lines *lines)
{
	for (guint i = 0; i < lines->stats->places->len; i++)
		if (lines->site_of[i] >= 0)
			add_figures(
				&g_array_index(lines->sites, struct site_report, lines->site_of[i])
					 .figures,
				&lines->figures[i]);
}

static int compare(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? 1 : -1;
}

/* Indices, by the figures of what they point at; `user` is the array of sites. */
static int by_harm(const void *a, const void *b, void *user)
{
	const struct site_report *sites = user;
	const struct site_report *left = &sites[*(const int *)a], *right = &sites[*(const int *)b];
	int order = compare(left->figures.blocked_ns, right->figures.blocked_ns);

	if (!order)
		order = compare(left->figures.held_ns, right->figures.held_ns);
	if (!order)
		order = compare(left->figures.wait_ns, right->figures.wait_ns);
	if (!order)
		order = strcmp(left->file, right->file);
	if (!order)
		order = left->line - right->line;
	return order ? order : strcmp(left->function, right->function);
}

/* Puts the sites in their order, and makes `site_of` follow. */
static void sort_sites(struct lines *lines)
{
	struct site_report *sites = &g_array_index(lines->sites, struct site_report, 0);
	guint count = lines->sites->len;
	int *sorted = g_new(int, count), *moved = g_new(int, count);

	lines->report->sites = g_new(struct site_report, count);
	lines->report->site_count = count;
	for (guint i = 0; i < count; i++)
		sorted[i] = (int)i;
	/* GLib has given up its own, and what takes its place is not everywhere yet. */
	if (count)
		qsort_r(sorted, count, sizeof(*sorted), by_harm, sites);
	for (guint i = 0; i < count; i++) {
		lines->report->sites[i] = sites[sorted[i]];
		finish_figures(&lines->report->sites[i].figures);
		moved[sorted[i]] = (int)i;
	}
	for (guint i = 0; i < lines->stats->places->len; i++)
		if (lines->site_of[i] >= 0)
			lines->site_of[i] = moved[lines->site_of[i]];
	if (lines->rest >= 0)
		lines->rest = moved[lines->rest];
	g_free(moved);
	g_free(sorted);
}

static int by_site(const void *a, const void *b)
{
	return ((const struct thread_site_report *)a)->site -
	       ((const struct thread_site_report *)b)->site;
}

/* Places of one thread that turned out to be the same line become one. */
static void merge_thread_sites(struct thread_report *thread)
{
	size_t count = 0;

	if (thread->site_count)
		qsort(thread->sites, thread->site_count, sizeof(*thread->sites), by_site);
	for (size_t i = 0; i < thread->site_count; i++) {
		if (count && thread->sites[count - 1].site == thread->sites[i].site)
			add_figures(&thread->sites[count - 1].figures, &thread->sites[i].figures);
		else
			thread->sites[count++] = thread->sites[i];
	}
	for (size_t i = 0; i < count; i++)
		finish_figures(&thread->sites[i].figures);
	thread->site_count = count;
}

static struct thread_report *thread_at(const struct lines *lines, guint index)
{
	const struct place_stats *place = g_ptr_array_index(lines->stats->places, index);

	return &lines->report->threads[lines->order[place->thread->index]];
}

static void gather_thread_sites(struct lines *lines)
{
	const GPtrArray *places = lines->stats->places;
	struct gil_report *report = lines->report;

	for (guint i = 0; i < places->len; i++) {
		if (lines->site_of[i] >= 0)
			thread_at(lines, i)->site_count++;
	}
	for (size_t i = 0; i < report->thread_count; i++) {
		report->threads[i].sites =
			g_new0(struct thread_site_report, report->threads[i].site_count);
		report->threads[i].site_count = 0;
	}
	for (guint i = 0; i < places->len; i++) {
		struct thread_report *thread;

		if (lines->site_of[i] < 0)
			continue;
		thread = thread_at(lines, i);
		thread->sites[thread->site_count++] =
			(struct thread_site_report){lines->site_of[i], lines->figures[i]};
	}
	for (size_t i = 0; i < report->thread_count; i++)
		merge_thread_sites(&report->threads[i]);
}

void gather_lines(const struct gil_stats *stats, const struct model_gil *gil, const int *order,
	struct gil_report *report)
{
	struct lines lines = {
		.stats = stats,
		.order = order,
		.sites = g_array_new(FALSE, TRUE, sizeof(struct site_report)),
		.site_of = g_new0(int, stats->places->len),
		.figures = g_new0(struct site_figures, stats->places->len),
		.rest = -1,
		.report = report,
	};

	sum_places(&lines);
	find_sites(&lines, gil);
	if (stats->pairs >= PAIRS_KEPT)
		rest_site(&lines);
	sum_sites(&lines);
	sort_sites(&lines);
	gather_thread_sites(&lines);
	gather_pairs(stats, &(struct gather_order){order, lines.site_of, lines.rest}, report);
	g_array_free(lines.sites, TRUE);
	g_free(lines.figures);
	g_free(lines.site_of);
}

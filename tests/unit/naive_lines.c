/* Figures by line, worked out plainly; see naive.h. */
#include "naive.h"
#include "trace.h"

/* Threads at lines, as numbers from 0; the one behind the last is the handoff. */
struct table {
	unsigned lines;
	unsigned places;
	unsigned sites;
	struct site_figures *figures;
	uint64_t *blame; /* waiter * (places + 1) + holder */
};

static unsigned line_number(int32_t line)
{
	return line ? (unsigned)line - 9 : 0;
}

static unsigned place_of(const struct table *table, int thread, uint32_t site)
{
	return (unsigned)thread * table->lines + line_number(simulated_line(site, table->sites));
}

static void add_hold(struct site_figures *figures, uint64_t ns)
{
	figures->holds++;
	figures->held_ns += ns;
	figures->hold_max_ns = MAX(figures->hold_max_ns, ns);
}

static void add_wait(struct site_figures *figures, uint64_t ns)
{
	figures->waits++;
	figures->wait_ns += ns;
	figures->wait_max_ns = MAX(figures->wait_max_ns, ns);
}

static guint first_ending_after(const GArray *holds, uint64_t time)
{
	guint low = 0, high = holds->len;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (g_array_index(holds, struct simulated_hold, middle).end <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_blame(
	struct table *table, const GArray *holds, unsigned waiter, uint64_t begin, uint64_t end)
{
	uint64_t *row = &table->blame[waiter * (table->places + 1)];
	uint64_t left = end - begin;

	for (guint i = first_ending_after(holds, begin); i < holds->len; i++) {
		const struct simulated_hold *hold = &g_array_index(holds, struct simulated_hold, i);
		uint64_t from = MAX(begin, hold->begin), to = MIN(end, hold->end);
		unsigned holder = place_of(table, hold->thread, hold->site);

		if (hold->begin >= end)
			break;
		if (to <= from)
			continue;
		row[holder] += to - from;
		table->figures[holder].blocked_ns += to - from;
		left -= to - from;
	}
	row[table->places] += left;
}

static void fill(struct table *table, const struct simulation *simulation)
{
	for (guint i = 0; i < simulation->holds->len; i++) {
		const struct simulated_hold *hold =
			&g_array_index(simulation->holds, struct simulated_hold, i);

		add_hold(&table->figures[place_of(table, hold->thread, hold->site)],
			hold->end - hold->begin);
	}
	for (guint i = 0; i < simulation->waits->len; i++) {
		const struct simulated_wait *wait =
			&g_array_index(simulation->waits, struct simulated_wait, i);
		unsigned place = place_of(table, wait->thread, wait->site);

		add_wait(&table->figures[place],
			wait->end - wait->begin + wait->yield_end - wait->yield_begin);
		add_blame(table, simulation->holds, place, wait->begin, wait->end);
		add_blame(table, simulation->holds, place, wait->yield_begin, wait->yield_end);
	}
}

/* Compares with the sum over the places [first, last] in steps. */
static void compare(const struct site_figures *figures, const struct table *table, unsigned first,
	unsigned step)
{
	struct site_figures sum = {0};

	for (unsigned i = first; i < table->places; i += step) {
		const struct site_figures *part = &table->figures[i];

		sum.holds += part->holds;
		sum.held_ns += part->held_ns;
		sum.hold_max_ns = MAX(sum.hold_max_ns, part->hold_max_ns);
		sum.waits += part->waits;
		sum.wait_ns += part->wait_ns;
		sum.wait_max_ns = MAX(sum.wait_max_ns, part->wait_max_ns);
		sum.blocked_ns += part->blocked_ns;
	}
	assert_true(figures->holds == sum.holds);
	assert_true(figures->held_ns == sum.held_ns);
	assert_true(figures->hold_max_ns == (sum.holds ? sum.hold_max_ns : FIGURE_UNKNOWN));
	assert_true(figures->waits == sum.waits);
	assert_true(figures->wait_ns == sum.wait_ns);
	assert_true(figures->wait_max_ns == (sum.waits ? sum.wait_max_ns : FIGURE_UNKNOWN));
	assert_true(figures->blocked_ns == sum.blocked_ns);
}

static unsigned line_in_report(const struct gil_report *gil, int site)
{
	assert_true(gil->sites[site].kind == (gil->sites[site].line ? SITE_LINE : SITE_NOT_KNOWN));
	return line_number(gil->sites[site].line);
}

static void compare_blame(struct table *table, const struct gil_report *gil)
{
	for (size_t i = 0; i < gil->line_blame_count; i++) {
		const struct line_blame_report *blame = &gil->line_blame[i];
		unsigned waiter =
			(unsigned)(gil->threads[blame->waiter].tid - SIMULATED_PID) * table->lines +
			line_in_report(gil, blame->waiter_site);
		unsigned holder = table->places;
		uint64_t *cell;

		assert_true(blame->holder >= BLAME_HANDOFF);
		assert_true((blame->holder < 0) == (blame->holder_site < 0));
		if (blame->holder >= 0)
			holder = (unsigned)(gil->threads[blame->holder].tid - SIMULATED_PID) *
					 table->lines +
				 line_in_report(gil, blame->holder_site);
		cell = &table->blame[waiter * (table->places + 1) + holder];
		assert_true(*cell == blame->wait_ns);
		*cell = 0;
	}
	for (unsigned i = 0; i < table->places * (table->places + 1); i++)
		assert_true(table->blame[i] == 0);
}

void naive_compare_lines(const struct simulation *simulation,
	const struct simulation_options *options, const struct gil_report *gil)
{
	struct table table = {
		.lines = options->sites / 2 + 2,
		.places = (unsigned)options->threads * (options->sites / 2 + 2),
		.sites = options->sites,
	};

	table.figures = g_new0(struct site_figures, table.places);
	table.blame = g_new0(uint64_t, (gsize)table.places * (table.places + 1));
	fill(&table, simulation);
	for (size_t i = 0; i < gil->site_count; i++)
		compare(&gil->sites[i].figures, &table, line_in_report(gil, (int)i), table.lines);
	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *thread = &gil->threads[i];
		unsigned first = (unsigned)(thread->tid - SIMULATED_PID) * table.lines;

		for (size_t j = 0; j < thread->site_count; j++)
			compare(&thread->sites[j].figures, &table,
				first + line_in_report(gil, thread->sites[j].site), table.places);
	}
	compare_blame(&table, gil);
	g_free(table.blame);
	g_free(table.figures);
}

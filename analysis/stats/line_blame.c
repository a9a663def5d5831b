/* Who waited behind whom, down to lines; see gather.h. */
#include <stdlib.h>

#include "stats/gather.h"

/* Beyond what is told apart. */
static uint32_t thread_index(const struct gil_stats *stats, uint32_t place)
{
	const struct place_stats *holder;

	if (place >= MODEL_UNKNOWN)
		return place;
	holder = g_ptr_array_index(stats->places, place);
	return holder->thread->index;
}

void gather_blame(struct gil_stats *stats, struct place_stats *waiter, uint32_t holder, uint64_t ns)
{
	struct thread_stats *thread;

	if (tally_add_known(&waiter->blame, holder, ns))
		return;
	if (stats->pairs < PAIRS_KEPT) {
		stats->pairs++;
		tally_insert(&waiter->blame, holder, ns);
		return;
	}
	thread = waiter->thread;
	tally_add(&thread->blame_rest, thread_index(stats, holder), ns);
	if (holder < MODEL_UNKNOWN) {
		struct place_stats *held = g_ptr_array_index(stats->places, holder);

		held->figures.blocked_ns = tally_plus(held->figures.blocked_ns, ns);
	}
}

static int compare(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? 1 : -1;
}

/* `holder`: an index of a thread, MODEL_HANDOFF or MODEL_UNKNOWN. */
static int blamed(uint32_t holder, const struct gather_order *order)
{
	if (holder == MODEL_HANDOFF)
		return BLAME_HANDOFF;
	return holder == MODEL_UNKNOWN ? BLAME_UNKNOWN : order->threads[holder];
}

/* Who and where. */
static int by_pair(const void *a, const void *b)
{
	const struct line_blame_report *left = a, *right = b;

	if (left->waiter != right->waiter)
		return left->waiter < right->waiter ? -1 : 1;
	if (left->holder != right->holder)
		return left->holder < right->holder ? -1 : 1;
	if (left->waiter_site != right->waiter_site)
		return left->waiter_site < right->waiter_site ? -1 : 1;
	return (left->holder_site > right->holder_site) - (left->holder_site < right->holder_site);
}

static int by_wait_of_lines(const void *a, const void *b)
{
	const struct line_blame_report *left = a, *right = b;
	int order = compare(left->wait_ns, right->wait_ns);

	return order ? order : by_pair(a, b);
}

static int by_wait(const void *a, const void *b)
{
	const struct blame_report *left = a, *right = b;
	int order = compare(left->wait_ns, right->wait_ns);

	if (order)
		return order;
	if (left->waiter != right->waiter)
		return left->waiter < right->waiter ? -1 : 1;
	return left->holder < right->holder ? -1 : 1;
}

static void add_pairs(const struct gil_stats *stats, const struct gather_order *order,
	GArray *pairs, const struct place_stats *waiter)
{
	const struct tally *blame = &waiter->blame;

	for (uint32_t i = 0; blame->entries && i <= blame->mask; i++) {
		uint32_t holder = blame->entries[i].tag - 1;
		struct line_blame_report pair = {
			.waiter = order->threads[waiter->thread->index],
			.waiter_site = order->sites[waiter->index],
			.holder_site = -1,
			.wait_ns = blame->entries[i].sum,
		};

		if (!blame->entries[i].tag)
			continue;
		pair.holder = blamed(thread_index(stats, holder), order);
		if (holder < MODEL_UNKNOWN)
			pair.holder_site = order->sites[holder];
		g_array_append_val(pairs, pair);
	}
}

static void add_rest(
	const struct gather_order *order, GArray *pairs, const struct thread_stats *waiter)
{
	const struct tally *blame = &waiter->blame_rest;

	for (uint32_t i = 0; blame->entries && i <= blame->mask; i++) {
		struct line_blame_report pair = {
			.waiter = order->threads[waiter->index],
			.waiter_site = order->rest,
			.holder_site = -1,
			.wait_ns = blame->entries[i].sum,
		};

		if (!blame->entries[i].tag)
			continue;
		pair.holder = blamed(blame->entries[i].tag - 1, order);
		if (pair.holder >= 0)
			pair.holder_site = order->rest;
		g_array_append_val(pairs, pair);
	}
}

/* Makes those that are equal but for the length one. They are in the order of `by_pair`. */
static void merge_pairs(GArray *pairs)
{
	struct line_blame_report *all = &g_array_index(pairs, struct line_blame_report, 0);
	guint count = 0;

	for (guint i = 0; i < pairs->len; i++) {
		if (count && by_pair(&all[count - 1], &all[i]) == 0)
			all[count - 1].wait_ns = tally_plus(all[count - 1].wait_ns, all[i].wait_ns);
		else
			all[count++] = all[i];
	}
	g_array_set_size(pairs, count);
}

/* The pairs of threads, from those of lines, which are in the order of `by_pair`. */
static void gather_thread_blame(const GArray *pairs, struct gil_report *report)
{
	report->blame = g_new0(struct blame_report, pairs->len);
	for (guint i = 0; i < pairs->len; i++) {
		const struct line_blame_report *pair =
			&g_array_index(pairs, struct line_blame_report, i);
		struct blame_report *last =
			report->blame_count ? &report->blame[report->blame_count - 1] : NULL;

		if (last && last->waiter == pair->waiter && last->holder == pair->holder)
			last->wait_ns = tally_plus(last->wait_ns, pair->wait_ns);
		else
			report->blame[report->blame_count++] =
				(struct blame_report){pair->waiter, pair->holder, pair->wait_ns};
	}
	if (report->blame_count)
		qsort(report->blame, report->blame_count, sizeof(*report->blame), by_wait);
}

void gather_pairs(
	const struct gil_stats *stats, const struct gather_order *order, struct gil_report *report)
{
	GArray *pairs = g_array_new(FALSE, FALSE, sizeof(struct line_blame_report));

	for (guint i = 0; i < stats->places->len; i++)
		add_pairs(stats, order, pairs, g_ptr_array_index(stats->places, i));
	for (guint i = 0; i < stats->threads->len; i++)
		add_rest(order, pairs, g_ptr_array_index(stats->threads, i));
	g_array_sort(pairs, by_pair);
	merge_pairs(pairs);
	gather_thread_blame(pairs, report);
	g_array_sort(pairs, by_wait_of_lines);
	report->line_blame_count = pairs->len;
	report->line_blame = (struct line_blame_report *)(void *)g_array_free(pairs, FALSE);
}

/* The figures of one GIL, from what was counted; see gather.h. */
#include "stats/gather.h"

#include <math.h>
#include <stdlib.h>

struct gil_stats *gather_new(void)
{
	struct gil_stats *stats = g_new0(struct gil_stats, 1);

	stats->threads = g_ptr_array_new();
	stats->places = g_ptr_array_new();
	return stats;
}

void gather_free(struct gil_stats *stats)
{
	for (guint i = 0; i < stats->threads->len; i++) {
		struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		histogram_release(&thread->hold);
		histogram_release(&thread->wait);
		histogram_release(&thread->wait_turn);
		tally_release(&thread->blame_rest);
		g_free(thread);
	}
	for (guint i = 0; i < stats->places->len; i++) {
		struct place_stats *place = g_ptr_array_index(stats->places, i);

		tally_release(&place->blame);
		g_free(place);
	}
	g_ptr_array_free(stats->places, TRUE);
	if (stats->stacks)
		g_hash_table_destroy(stats->stacks);
	g_ptr_array_free(stats->threads, TRUE);
	map_release(&stats->thread_map);
	map_release(&stats->place_map);
	histogram_release(&stats->handoff);
	histogram_release(&stats->drop_latency);
	g_free(stats);
}

static struct thread_stats *add_thread(struct gil_stats *stats, const struct model_thread *thread)
{
	struct thread_stats *added = g_new0(struct thread_stats, 1);

	added->thread = thread;
	added->index = stats->threads->len;
	g_ptr_array_add(stats->threads, added);
	return added;
}

struct thread_stats *gather_find_thread(
	const struct model_view *view, const struct model_thread *thread)
{
	struct gil_stats *stats = view->user;
	struct thread_stats *known =
		view->region ? map_get(&stats->thread_map, thread->index) : thread->user;

	if (known)
		return known;
	known = add_thread(stats, thread);
	if (view->region)
		map_set(&stats->thread_map, thread->index, known);
	return known;
}

struct place_stats *gather_find_place(
	const struct model_view *view, const struct model_place *place)
{
	struct gil_stats *stats = view->user;
	struct place_stats *known =
		view->region ? map_get(&stats->place_map, place->index) : place->user;

	if (known)
		return known;
	known = g_new0(struct place_stats, 1);
	known->place = place;
	known->thread = gather_thread_of(view, place->thread);
	known->index = stats->places->len;
	g_ptr_array_add(stats->places, known);
	if (view->region)
		map_set(&stats->place_map, place->index, known);
	return known;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : NAN;
}

static int by_weight(const void *a, const void *b)
{
	const struct thread_stats *left = *(struct thread_stats *const *)a;
	const struct thread_stats *right = *(struct thread_stats *const *)b;
	uint64_t left_ns = tally_plus(left->hold.total_ns, left->wait.total_ns);
	uint64_t right_ns = tally_plus(right->hold.total_ns, right->wait.total_ns);

	if (left_ns != right_ns)
		return left_ns < right_ns ? 1 : -1;
	return left->thread->index < right->thread->index ? -1 : 1;
}

static void read_forecast(struct forecast_report *report, const struct forecast *forecast,
	uint32_t interval_us, uint64_t wait_ns)
{
	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		report[i] = (struct forecast_report){
			.interval_us = forecast_intervals_us[i],
			.smaller = forecast_intervals_us[i] < interval_us,
			.changed_waits = forecast->with[i].changed_waits,
			.wait_ns = wait_ns - MIN(wait_ns, forecast->with[i].saved_ns),
			.saved_ns = forecast->with[i].saved_ns,
			.other_waits = forecast->with[i].other_waits,
			.other_ns = forecast->with[i].other_ns,
		};
	}
}

/* What a smaller interval costs: turns that threads take with each other are divided into more. */
static void price_forecast(struct gil_report *report, uint64_t turns)
{
	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		struct forecast_report *forecast = &report->forecast[i];

		if (!forecast->smaller)
			continue;
		forecast->added_switches = turns * (report->interval_us - forecast->interval_us) /
					   forecast->interval_us;
		if (forecast->added_switches == 0)
			continue;
		if (report->drop_latency.count == 0 || report->handoff.count == 0 ||
			__builtin_mul_overflow(forecast->added_switches,
				report->drop_latency.p50_ns + report->handoff.p50_ns,
				&forecast->added_ns))
			forecast->added_ns = FIGURE_UNKNOWN;
	}
}

static void gather_thread(const struct model_view *view, const struct thread_stats *stats,
	struct thread_report *report)
{
	const struct thread_stats *everything = stats->thread->user;

	report->index = stats->thread->index;
	report->tid = stats->thread->tid;
	report->name = g_strdup(stats->thread->name);
	report->kind = stats->thread->kind;
	report->acquisitions = stats->acquisitions;
	report->contended_acquisitions = stats->contended_acquisitions;
	report->held_ns = stats->hold.total_ns;
	report->wait_ns = stats->wait.total_ns;
	report->releases = stats->releases;
	report->alive_ns = model_alive_ns(view, stats->thread);
	report->all_acquisitions = everything->acquisitions;
	report->all_drop_requests_received = everything->drop_requests_received;
	report->drop_requests_sent = stats->drop_requests_sent;
	report->drop_requests_received = stats->drop_requests_received;
	histogram_read(&stats->hold, &report->hold);
	histogram_read(&stats->wait, &report->wait);
	histogram_read(&stats->wait_turn, &report->wait_turn);
	read_forecast(report->forecast, &stats->forecast, stats->thread->gil->interval_us,
		report->wait_ns);
}

static void gather_sums(const struct gil_stats *stats, struct gil_report *report)
{
	struct histogram hold = {0}, wait = {0};
	struct forecast forecast = {0};

	for (guint i = 0; i < stats->threads->len; i++) {
		const struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		report->acquisitions += thread->acquisitions;
		report->releases += thread->releases;
		report->contended_acquisitions += thread->contended_acquisitions;
		histogram_merge(&hold, &thread->hold);
		histogram_merge(&wait, &thread->wait);
		forecast_merge(&forecast, &thread->forecast);
	}
	report->held_ns = hold.total_ns;
	report->wait_ns = wait.total_ns;
	report->handoff_ns = stats->handoff.total_ns;
	report->drop_requests = stats->drop_requests;
	report->forced_releases = stats->forced_releases;
	histogram_read(&hold, &report->hold);
	histogram_read(&wait, &report->wait);
	histogram_read(&stats->handoff, &report->handoff);
	histogram_read(&stats->drop_latency, &report->drop_latency);
	read_forecast(report->forecast, &forecast, report->interval_us, report->wait_ns);
	price_forecast(report, stats->turns_in_a_row);
	report->unanswered_waits = forecast.unanswered_waits;
	report->unanswered_ns = forecast.unanswered_ns;
	histogram_release(&hold);
	histogram_release(&wait);
}

static const struct distribution nothing_known = {
	.count = FIGURE_UNKNOWN,
	.total_ns = FIGURE_UNKNOWN,
	.mean_ns = FIGURE_UNKNOWN,
	.p50_ns = FIGURE_UNKNOWN,
	.p90_ns = FIGURE_UNKNOWN,
	.p95_ns = FIGURE_UNKNOWN,
	.p99_ns = FIGURE_UNKNOWN,
	.max_ns = FIGURE_UNKNOWN,
};

/* Of a GIL that is taken and given up unseen, the waits are what can be counted. */
static void forget_holds(struct gil_report *report)
{
	report->held_ns = FIGURE_UNKNOWN;
	report->handoff_ns = FIGURE_UNKNOWN;
	report->utilization = NAN;
	report->acquisitions = FIGURE_UNKNOWN;
	report->releases = FIGURE_UNKNOWN;
	report->hold = nothing_known;
	for (size_t i = 0; i < report->thread_count; i++) {
		report->threads[i].held_ns = FIGURE_UNKNOWN;
		report->threads[i].acquisitions = FIGURE_UNKNOWN;
		report->threads[i].releases = FIGURE_UNKNOWN;
		report->threads[i].hold = nothing_known;
	}
}

bool gather_fits(const struct gil_stats *stats, const struct model_gil *gil)
{
	uint64_t held = 0;

	for (guint i = 0; i < stats->threads->len; i++) {
		const struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		held = tally_plus(held, thread->hold.total_ns);
	}
	return held <= gil->on_ns && gil->everything.contended_ns <= gil->on_ns;
}

/* Where the interpreter's words could not be read, nobody knows who asked whom to let go. */
static void forget_requests(struct gil_report *report)
{
	report->interval_us = 0;
	report->drop_requests = report->forced_releases = FIGURE_UNKNOWN;
	report->drop_latency = nothing_known;
	for (size_t i = 0; i < report->thread_count; i++) {
		struct thread_report *thread = &report->threads[i];

		thread->drop_requests_sent = thread->drop_requests_received = FIGURE_UNKNOWN;
		thread->wait_turn = nothing_known;
	}
}

/* Puts the threads into their order in the report. */
static void gather_threads(const struct model_view *view, int *order, struct gil_report *report)
{
	struct gil_stats *stats = view->user;

	if (stats->threads->len)
		qsort(stats->threads->pdata, stats->threads->len, sizeof(gpointer), by_weight);
	for (guint i = 0; i < stats->threads->len; i++) {
		const struct thread_stats *thread = g_ptr_array_index(stats->threads, i);

		order[thread->index] = (int)report->thread_count;
		gather_thread(view, thread, &report->threads[report->thread_count++]);
	}
}

void gather_gil(const struct model_view *view, struct gil_report *report)
{
	struct gil_stats *stats = view->user;
	const struct model_gil *gil = view->gil;
	int *order = g_new0(int, stats->threads->len);

	*report = (struct gil_report){
		.index = gil->index,
		.id = gil->id,
		.kind = gil->kind,
		.mode = gil->mode,
		.detail = gil->detail,
		.created = gil->created,
		.ended = gil->ended,
		.forgotten = gil->forgotten,
		.switched = gil->switched,
		.interval_us = gil->interval_us,
		.begin_ns = gil->begin_ns,
		.lifetime_ns = gil->end_ns - gil->begin_ns,
		.span_ns = view->span_ns,
		.threads = g_new0(struct thread_report, stats->threads->len),
	};
	gather_sums(stats, report);
	/* Hostile input can contradict itself about what was inside of a region. */
	report->span_ns = MAX(report->span_ns, report->held_ns);
	report->utilization = share(report->held_ns, report->span_ns);
	report->contention = share(view->contended_ns, report->span_ns);
	report->load = share(report->wait_ns, report->span_ns);
	gather_threads(view, order, report);
	gather_lines(stats, gil, order, report);
	gather_stacks(stats, gil, order, report);
	if (gil->kind == INTERPRETER_PYPY)
		forget_holds(report);
	if (gil->detail == GIL_DETAIL_TIMES)
		forget_requests(report);
	g_free(order);
	gather_free(stats);
}

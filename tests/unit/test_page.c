/* What the page gets to draw: sums in buckets, single moments in windows, and the story of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "page/page.h"
#include "page/story.h"
#include "simulator.h"
#include "stats/stats.h"

static uint64_t row_sum(const struct cell_row *row, enum cell_time what)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < row->count; i++)
		sum += what == CELL_HELD ? row->cells[i].held_ns : row->cells[i].wait_ns;
	return sum;
}

static uint64_t row_holds(const struct cell_row *row)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < row->count; i++)
		sum += row->cells[i].holds;
	return sum;
}

/* Holds at random places: what each bucket has is what a count of every one of them gives. */
static void test_buckets(void **state)
{
	enum { HOLDS = 3000, LIMIT = 500 };
	GRand *random = g_rand_new_with_seed(6);
	uint64_t begins[HOLDS], ends[HOLDS], now = UINT64_C(5000000000000);
	struct cell_pool pool;
	struct cell_board *board;
	struct cell_row *row;

	(void)state;
	cells_init(&pool, LIMIT);
	board = cells_board(&pool);
	row = cells_row(board);
	for (int i = 0; i < HOLDS; i++) {
		begins[i] = now + (uint64_t)g_rand_int_range(random, 0, 100000);
		ends[i] = begins[i] +
			  (uint64_t)g_rand_int_range(random, 1, i % 100 ? 50000 : 9000000);
		now = ends[i];
		cells_add(&pool, board, row, CELL_HELD, begins[i], ends[i]);
		cells_count(&pool, board, row, CELL_HOLD, begins[i]);
		assert_true(pool.cells <= LIMIT);
	}
	assert_true(board->shift > CELLS_SHIFT);
	assert_true(row->count > LIMIT / 4);
	for (size_t k = 0; k < row->count; k++) {
		uint64_t from = (row->first + k) << board->shift,
			 to = from + (UINT64_C(1) << board->shift);
		uint64_t held = 0, holds = 0;

		for (int i = 0; i < HOLDS; i++) {
			uint64_t low = MAX(from, begins[i]), high = MIN(to, ends[i]);

			held += low < high ? high - low : 0;
			holds += begins[i] >= from && begins[i] < to;
		}
		assert_int_equal(row->cells[k].held_ns, held);
		assert_int_equal(row->cells[k].holds, holds);
	}
	cells_release(&pool);
	g_rand_free(random);
}

/* Rows of several boards share the room; a row may begin earlier than it was first used. */
static void test_shared_room(void **state)
{
	enum { BOARDS = 7, ROWS = 5, LIMIT = 400 };
	struct cell_board *boards[BOARDS];
	struct cell_row *rows[BOARDS][ROWS];
	uint64_t sums[BOARDS][ROWS] = {{0}};
	struct cell_pool pool;
	GRand *random = g_rand_new_with_seed(7);

	(void)state;
	cells_init(&pool, LIMIT);
	for (int i = 0; i < BOARDS; i++) {
		boards[i] = cells_board(&pool);
		for (int k = 0; k < ROWS; k++)
			rows[i][k] = cells_row(boards[i]);
	}
	for (int n = 0; n < 20000; n++) {
		int i = g_rand_int_range(random, 0, BOARDS), k = g_rand_int_range(random, 0, ROWS);
		uint64_t begin = (uint64_t)g_rand_int_range(random, 0, 1 << 30) << (n % 7);
		uint64_t length = (uint64_t)g_rand_int_range(random, 0, 1 << (n % 25));

		cells_add(&pool, boards[i], rows[i][k], CELL_WAITED, begin, begin + length);
		sums[i][k] += length;
		assert_true(pool.cells <= LIMIT);
	}
	for (int i = 0; i < BOARDS; i++)
		for (int k = 0; k < ROWS; k++)
			assert_int_equal(row_sum(rows[i][k], CELL_WAITED), sums[i][k]);
	cells_release(&pool);
	g_rand_free(random);
}

/* Times from one end of what 64 bits hold to the other need but two buckets. */
static void test_any_time(void **state)
{
	struct cell_pool pool;
	struct cell_board *board;
	struct cell_row *row;

	(void)state;
	cells_init(&pool, 64);
	board = cells_board(&pool);
	row = cells_row(board);
	cells_add(&pool, board, row, CELL_HELD, 0, 10);
	cells_add(&pool, board, row, CELL_HELD, UINT64_MAX - 10, UINT64_MAX);
	cells_add(&pool, board, row, CELL_WAITED, 20, UINT64_MAX - 20);
	assert_int_equal(row_sum(row, CELL_HELD), 20);
	assert_int_equal(row_sum(row, CELL_WAITED), UINT64_MAX - 40);
	assert_true(pool.cells <= 64);
	cells_release(&pool);
}

/* A hold every microsecond, and waits of another thread of which every thousandth is long. */
static GArray *feed_moments(struct moment_line *line, unsigned holds)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct moment));

	for (unsigned i = 0; i < holds; i++) {
		uint64_t begin = 1000000 + i * UINT64_C(1000);
		struct moment hold = {
			.begin_ns = begin, .end_ns = begin + 600 + i % 300, .kind = MOMENT_HOLD};
		struct moment wait = {.begin_ns = begin - (i % 1000 == 999 ? 900000 + i : 50),
			.end_ns = begin,
			.kind = MOMENT_WAIT,
			.who = 1};
		struct moment request = {
			.begin_ns = begin + 5000, .end_ns = begin + 5000, .kind = MOMENT_REQUEST};

		if (i % 3 == 0) {
			moments_add(line, &wait);
			g_array_append_val(all, wait);
		}
		if (i % 50 == 0) {
			moments_add(line, &request);
			g_array_append_val(all, request);
		}
		moments_add(line, &hold);
		g_array_append_val(all, hold);
	}
	moments_end(line, 1000000 + holds * UINT64_C(1000) + 10000);
	return all;
}

static gboolean has(const GArray *moments, const struct moment *wanted)
{
	for (guint i = 0; i < moments->len; i++) {
		const struct moment *moment = &g_array_index(moments, struct moment, i);

		if (moment->kind == wanted->kind && moment->begin_ns == wanted->begin_ns &&
			moment->end_ns == wanted->end_ns)
			return TRUE;
	}
	return FALSE;
}

static void test_all_moments(void **state)
{
	struct moments *moments = moments_new(100000);
	struct moment_line *line = moments_line(moments);
	GArray *all = feed_moments(line, 20000);
	GArray *kept = moments_kept(line), *windows = moments_windows(line);

	(void)state;
	assert_int_equal(kept->len, all->len);
	assert_int_equal(windows->len, 1);
	assert_int_equal(moments_left_out(line), 0);
	g_array_free(windows, TRUE);
	g_array_free(kept, TRUE);
	g_array_free(all, TRUE);
	moments_free(moments);
}

/* In a window nothing is missing; the longest waits are kept; room is not exceeded. */
static void test_chosen_windows(void **state)
{
	enum { LIMIT = 24 * MOMENTS_WINDOW, HOLDS = 200000 };
	struct moments *moments = moments_new(LIMIT);
	struct moment_line *line = moments_line(moments);
	GArray *all = feed_moments(line, HOLDS);
	GArray *kept = moments_kept(line), *windows = moments_windows(line);
	GHashTable *known = g_hash_table_new(g_int64_hash, g_int64_equal);
	uint64_t inside = 0, longest = 0;

	(void)state;
	assert_true(windows->len > 3);
	assert_true(kept->len <= LIMIT + 4 * windows->len);
	assert_true(moments_left_out(line) >= all->len - kept->len);
	for (guint i = 0; i < kept->len; i++)
		g_hash_table_add(known, &g_array_index(kept, struct moment, i).begin_ns);
	for (guint i = 0; i < all->len; i++) {
		const struct moment *moment = &g_array_index(all, struct moment, i);

		for (guint k = 0; k < windows->len; k++) {
			const struct moment_window *window =
				&g_array_index(windows, struct moment_window, k);

			if (moment->begin_ns < window->end_ns &&
				moment->end_ns > window->begin_ns) {
				assert_true(g_hash_table_contains(known, &moment->begin_ns));
				inside++;
			}
		}
		if (moment->kind == MOMENT_WAIT && moment->end_ns - moment->begin_ns > longest) {
			longest = moment->end_ns - moment->begin_ns;
			/* They grow, so the last of them are the longest. */
			if (i > all->len - all->len / 40)
				assert_true(has(kept, moment));
		}
	}
	assert_true(inside > LIMIT / 2);
	for (guint i = 1; i < kept->len; i++)
		assert_true(g_array_index(kept, struct moment, i - 1).begin_ns <=
			    g_array_index(kept, struct moment, i).begin_ns);
	g_hash_table_destroy(known);
	g_array_free(windows, TRUE);
	g_array_free(kept, TRUE);
	g_array_free(all, TRUE);
	moments_free(moments);
}

/* More GILs than there is room for a window of each: some go without. */
static void test_many_lines(void **state)
{
	enum { LINES = 40, LIMIT = 4000 };
	struct moments *moments = moments_new(LIMIT);
	struct moment_line *lines[LINES];
	uint64_t kept = 0;

	(void)state;
	for (int i = 0; i < LINES; i++) {
		GArray *all;

		lines[i] = moments_line(moments);
		all = feed_moments(lines[i], 600);
		kept += all->len;
		g_array_free(all, TRUE);
	}
	for (int i = 0; i < LINES; i++)
		kept -= moments_left_out(lines[i]);
	assert_true(kept > LIMIT / 2 && kept <= LIMIT);
	moments_free(moments);
}

/* Gaps are told exactly while there are few; many become one with what is between them. */
static void test_gaps(void **state)
{
	struct gaps gaps;
	guint place = 0;

	(void)state;
	gaps_init(&gaps);
	for (uint64_t i = 1; i < GAPS_KEPT; i++)
		gaps_add(&gaps, i * 10000, i * 10000 + i % 5);
	assert_int_equal(gaps.list->len, GAPS_KEPT - 1);
	assert_int_equal(g_array_index(gaps.list, struct gap, 6).begin_ns, 70000);
	assert_int_equal(g_array_index(gaps.list, struct gap, 6).end_ns, 70002);
	for (uint64_t i = GAPS_KEPT; i < 20 * GAPS_KEPT; i++) {
		gaps_add(&gaps, i * 10000, i * 10000 + i % 5);
		assert_true(gaps.list->len < GAPS_KEPT);
	}
	for (uint64_t i = 1; i < 20 * GAPS_KEPT; i++) {
		const struct gap *gap = &g_array_index(gaps.list, struct gap, place);

		while (gap->end_ns < i * 10000)
			gap = &g_array_index(gaps.list, struct gap, ++place);
		assert_true(gap->begin_ns <= i * 10000 && gap->end_ns >= i * 10000 + i % 5);
	}
	gaps_release(&gaps);
}

/* Every length lies within its bucket, and buckets follow each other without a gap. */
static void test_lengths(void **state)
{
	(void)state;
	for (uint32_t bucket = 0; bucket + 1 < 400; bucket++) {
		uint64_t least = story_length_least(bucket), next = story_length_least(bucket + 1);

		assert_true(least < next);
		assert_int_equal(story_length_bucket(least), bucket);
		assert_int_equal(story_length_bucket(next - 1), bucket);
	}
	assert_true(story_length_bucket(UINT64_MAX) < LENGTH_BUCKETS);
}

static const struct thread_report *thread_of(const struct gil_report *gil, uint32_t index)
{
	for (size_t i = 0; i < gil->thread_count; i++)
		if (gil->threads[i].index == index)
			return &gil->threads[i];
	fail_msg("no thread %u in the report", index);
	return NULL;
}

static uint64_t total(const uint64_t *buckets)
{
	uint64_t sum = 0;

	for (int i = 0; buckets && i < LENGTH_BUCKETS; i++)
		sum += buckets[i];
	return sum;
}

static void compare(const struct story *story, const struct report *report, bool whole)
{
	const struct gil_report *gil = &report->processes[0].gils[0];
	const struct story_gil *told = g_ptr_array_index(story->gils, 0);

	assert_int_equal(told->lanes->len, gil->thread_count);
	for (guint i = 0; i < told->lanes->len; i++) {
		const struct story_lane *lane = g_ptr_array_index(told->lanes, i);
		const struct thread_report *thread = thread_of(gil, lane->index);

		assert_int_equal(row_sum(lane->cells, CELL_HELD), thread->held_ns);
		assert_int_equal(row_sum(lane->cells, CELL_WAITED), thread->wait_ns);
		assert_int_equal(row_holds(lane->cells), thread->hold.count);
		assert_int_equal(total(lane->holds), thread->hold.count);
		assert_int_equal(total(lane->waits), thread->wait.count);
		assert_int_equal(lane->tid, thread->tid);
	}
	assert_int_equal(moments_left_out(told->line) == 0, whole);
}

/* The story adds up to the report, whether there is room for all of it or for little. */
static void test_story(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 24; seed++) {
		const struct simulation_options options = {.seed = seed,
			.threads = 1 + (int)(seed % 7),
			.holds = 6000,
			.starve = seed % 3 == 0 && seed % 7 > 1,
			.announce = true,
			.late_ns = seed % 2 ? 100000 : 0,
			.sites = seed % 5};
		bool whole = seed % 2;
		struct story *story = story_new(whole ? 100000 : 100, whole ? 100000 : 4096);
		const struct model_timeline listener = story_listener(story);
		struct stats *stats = stats_new(NULL, NULL, &listener);
		struct event process = {.kind = EVENT_PROCESS,
			.pid = SIMULATED_PID,
			.tid = SIMULATED_PID,
			.at = SIMULATED_BEGIN,
			.process = {.run = "",
				.implementation = "",
				.version = "",
				.executable = "",
				.command = "</script><!--"}};
		struct event gil = {.kind = EVENT_GIL,
			.pid = SIMULATED_PID,
			.tid = SIMULATED_PID,
			.gil = 1,
			.at = SIMULATED_BEGIN};
		struct report report = {0};
		struct simulation simulation;
		char *page;
		size_t size;
		FILE *out = open_memstream(&page, &size);

		simulate(&simulation, &options);
		stats_feed(stats, &process);
		stats_feed(stats, &gil);
		for (guint i = 0; i < simulation.events->len; i++)
			stats_feed(stats, &g_array_index(simulation.events, struct event, i));
		stats_finish(stats, &report);
		compare(story, &report, whole);
		assert_int_equal(render_page(&report, story, out), 0);
		fclose(out);
		assert_non_null(strstr(page, "\\u003c/script>\\u003c!--"));
		assert_null(strstr(page, "<!--"));
		free(page);
		report_release(&report);
		simulation_release(&simulation);
		story_free(story);
	}
}

static void feed_release(struct stats *stats, uint64_t hold, uint64_t begin, uint64_t end)
{
	const struct event release = {.kind = EVENT_RELEASE,
		.timestamp = end,
		.pid = SIMULATED_PID,
		.tid = SIMULATED_PID,
		.gil = 1,
		.at = end,
		.release = {.seq = 2 * hold, .held_ns = end - begin, .acquired = 1}};

	stats_feed(stats, &release);
}

/* Holds whose numbers are missing leave a time of which nothing is known. */
static void test_lost(void **state)
{
	struct story *story = story_new(100, 100);
	const struct model_timeline listener = story_listener(story);
	struct stats *stats = stats_new(NULL, NULL, &listener);
	struct report report = {0};
	const struct gaps *gaps;

	(void)state;
	feed_release(stats, 1, 1000, 2000);
	feed_release(stats, 2, 3000, 4000);
	feed_release(stats, 5, 9000, 9500);
	feed_release(stats, 6, 9600, 9700);
	stats_finish(stats, &report);
	gaps = &((const struct story_gil *)g_ptr_array_index(story->gils, 0))->gaps;
	assert_int_equal(gaps->list->len, 1);
	assert_int_equal(g_array_index(gaps->list, struct gap, 0).begin_ns, 4000);
	assert_int_equal(g_array_index(gaps->list, struct gap, 0).end_ns, 9000);
	report_release(&report);
	story_free(story);
}

/* A full disk is said. */
static void test_no_room(void **state)
{
	struct story *story = story_new(100, 100);
	struct report report = {0};
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_true(render_page(&report, story, full) < 0);
	fclose(full);
	story_free(story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_shared_room),
		cmocka_unit_test(test_any_time),
		cmocka_unit_test(test_all_moments),
		cmocka_unit_test(test_chosen_windows),
		cmocka_unit_test(test_many_lines),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

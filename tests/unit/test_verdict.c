/* The rules of tables/verdict.h: each situation is recognised, and each threshold holds at its
 * edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "report_fixture.h"
#include "tables/verdict.h"

static struct fixture f;
static struct verdict verdict;

static void judge(void)
{
	verdict_release(&verdict);
	verdict_init(&verdict, &f.report, &f.processes[0], f.gil_count ? &f.gils[0] : NULL);
}

static void expect(enum verdict_kind kind, enum verdict_severity severity)
{
	judge();
	assert_string_equal(verdict_kind_key(verdict.kind), verdict_kind_key(kind));
	assert_string_equal(verdict_severity_key(verdict.severity), verdict_severity_key(severity));
	assert_true(strlen(verdict.sentence) > 20);
}

static void expect_words(const char *words)
{
	if (!strstr(verdict.sentence, words))
		fail_msg("'%s' is not in '%s'", words, verdict.sentence);
}

static int forget(void **state)
{
	(void)state;
	verdict_release(&verdict);
	memset(&verdict, 0, sizeof(verdict));
	return 0;
}

static void test_cpu_bound(void **state)
{
	(void)state;
	fixture_four_cpu_threads(&f);
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.threads, 4);
	assert_float_equal(verdict.figures.demand, 4.0, 0.01);
	assert_float_equal(verdict.figures.wait_share, 0.75, 0.01);
	expect_words(
		"4 threads want the GIL 4.0 times as much as it can give; they wait 75 % of their "
		"time, nearly all of it behind each other, 5.03 ms a turn");
}

static void test_cpu_bound_edges(void **state)
{
	struct thread_report *t = f.threads;

	(void)state;
	fixture_two_cpu_threads(&f);
	t[1].acquisitions = 1000;
	t[1].drop_requests_received = 500;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	t[1].drop_requests_received = 499;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);

	/* The computing threads must have half of the waiting. */
	fixture_two_cpu_threads(&f);
	f.gils[0].wait_ns = 2 * (t[0].wait_ns + t[1].wait_ns);
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	f.gils[0].wait_ns += 1000;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);

	/* Nobody claims a demand beyond what there is. */
	fixture_two_cpu_threads(&f);
	t[0].held_ns = t[1].held_ns = 2 * S;
	t[0].wait_ns = t[1].wait_ns = 3 * S;
	f.gils[0].wait_ns = 6 * S;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	expect_words("part of the time at the same time");
}

static void test_convoy(void **state)
{
	(void)state;
	fixture_convoy(&f);
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.victim, 1);
	assert_int_equal(verdict.figures.holder, 0);
	assert_int_equal(verdict.figures.victims, 1);
	expect_words("'io' needs the GIL for only 11.6 us at a time, but waited for it 1860 times, "
		     "5.05 ms "
		     "each: it loses 94 % of its time, most of that behind 'cpu'");
	assert_non_null(strstr(verdict.next, "'cpu'"));
}

static void test_convoy_edges(void **state)
{
	struct thread_report *io = &f.threads[1];

	(void)state;
	fixture_convoy(&f);
	io->wait.mean_ns = 2500 * US;
	io->held_ns = io->acquisitions * 1000 * US;
	io->wait.count = VERDICT_CONVOY_WAITS;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);

	io->wait.mean_ns--;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	io->wait.mean_ns++;
	io->held_ns += io->acquisitions;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	io->held_ns -= io->acquisitions;
	io->wait.count--;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	io->wait.count++;
	io->alive_ns = 20 * io->wait_ns;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);
	io->alive_ns++;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);

	/* Half of the victim's waiting must be behind threads that compute. */
	fixture_convoy(&f);
	f.blame[0].wait_ns = io->wait_ns / 2;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);
	f.blame[0].wait_ns--;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);

	/* Without blame nobody is accused. */
	fixture_convoy(&f);
	f.gils[0].blame_count = 0;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.holder, -1);
}

/* Two threads compute, a third suffers: whoever waits more gives the verdict, the other is
 * mentioned. */
static void test_convoy_beside_cpu_bound(void **state)
{
	struct thread_report *main_thread = &f.threads[2];

	(void)state;
	fixture_two_cpu_threads(&f);
	main_thread->wait_ns = 5 * S;
	main_thread->wait = fixture_distribution(500, 5 * S, 20 * MS);
	f.blame[f.blame_count - 1].wait_ns = 5 * S;
	f.gils[0].wait_ns += 5 * S;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	expect_words("Behind them 'MainThread', which needs the GIL for only 87.5 us at a time");
	main_thread->wait_ns = 11 * S;
	main_thread->alive_ns = 12 * S;
	f.blame[f.blame_count - 1].wait_ns = 11 * S;
	f.gils[0].wait_ns += 6 * S;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);
}

static void test_long_holds(void **state)
{
	(void)state;
	fixture_long_holds(&f);
	expect(VERDICT_LONG_HOLDS, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.holder, 0);
	assert_float_equal(verdict.figures.unanswered, 6.8 / 7.2, 0.001);
	expect_words("up to 145 ms");
	expect_words("behind 'solver', whose longest hold was 150 ms");
}

static void test_long_holds_edges(void **state)
{
	struct distribution *latency = &f.gils[0].drop_latency;

	(void)state;
	fixture_long_holds(&f);
	latency->total_ns = 3600 * MS;
	latency->p99_ns = 10 * MS;
	expect(VERDICT_LONG_HOLDS, VERDICT_SEVERITY_HIGH);
	latency->p99_ns--;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);
	expect_words("Once it took 145 ms until");
	latency->p99_ns++;
	latency->total_ns -= 1000;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);
	latency->count = 0;
	expect(VERDICT_CONVOY, VERDICT_SEVERITY_HIGH);

	/* With a smaller share only where nothing else explains the waiting. */
	fixture_contention(&f);
	*latency = fixture_distribution(100, 550 * MS, 20 * MS);
	latency->p99_ns = 10 * MS;
	expect(VERDICT_LONG_HOLDS, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.threads, f.gils[0].thread_count);
	latency->total_ns -= 1000;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.threads, f.gils[0].thread_count);
	fixture_two_cpu_threads(&f);
	latency->total_ns = 4 * S;
	latency->p99_ns = 10 * MS;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);

	/* No one thread is named when the waiting is behind many. */
	fixture_long_holds(&f);
	f.blame[0].wait_ns = 3 * S;
	expect(VERDICT_LONG_HOLDS, VERDICT_SEVERITY_HIGH);
	assert_int_equal(verdict.figures.holder, -1);
}

static void test_contention(void **state)
{
	(void)state;
	fixture_contention(&f);
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	expect_words("4 threads wait for the GIL 15 % of their time, 6.00 s in all to hold it for "
		     "4.80 s: 600 k "
		     "waits of 10.0 us");
	expect_words("changing hands");
	f.gils[0].handoff_ns = 1374 * MS;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	assert_null(strstr(verdict.sentence, "changing hands"));
	f.gils[0].wait.count = 1;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	expect_words(": 1 wait of ");
}

/* Each of many threads waits a little. */
static void test_waits_of_many(void **state)
{
	(void)state;
	fixture_contention(&f);
	for (size_t i = 0; i < f.gils[0].thread_count; i++)
		f.gils[0].threads[i].alive_ns = f.gils[0].threads[i].wait_ns * 100;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	f.gils[0].threads[0].alive_ns += 10 * MS;
	expect(VERDICT_NO_CONTENTION, VERDICT_SEVERITY_NONE);
}

static void test_load_edges(void **state)
{
	(void)state;
	fixture_contention(&f);
	f.gils[0].load = 0.25;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
	f.gils[0].load = nextafter(0.25, 0);
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_LOW);
	f.gils[0].load = 0.02;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_LOW);
	f.gils[0].load = nextafter(0.02, 0);
	expect(VERDICT_NO_CONTENTION, VERDICT_SEVERITY_NONE);
}

static void test_single_threaded(void **state)
{
	(void)state;
	fixture_single(&f);
	expect(VERDICT_SINGLE_THREADED, VERDICT_SEVERITY_NONE);
	expect_words("held more than 99 % of the time");
	f.gils[0].utilization = nextafter(0.9, 0);
	expect(VERDICT_SINGLE_THREADED, VERDICT_SEVERITY_NONE);
	assert_string_equal(verdict.next, "");
	f.gils[0].utilization = NAN;
	expect(VERDICT_SINGLE_THREADED, VERDICT_SEVERITY_NONE);
	assert_null(strstr(verdict.sentence, "is held"));

	/* One thread that waits is held up by somebody that the trace does not show. */
	f.gils[0].load = 0.5;
	expect(VERDICT_CONTENTION, VERDICT_SEVERITY_HIGH);
}

static void test_single_threaded_edges(void **state)
{
	struct gil_report *gil = &f.gils[0];

	(void)state;
	fixture_init(&f);
	fixture_process(&f, "x", 1);
	fixture_gil(&f, 10 * S);
	fixture_thread(&f, "a", 9901 * MS, 9901, 0, 0);
	fixture_thread(&f, "b", 99 * MS, 99, 0, 0);
	fixture_sum(&f, 0, 0);
	expect(VERDICT_SINGLE_THREADED, VERDICT_SEVERITY_NONE);
	gil->threads[0].held_ns = 9900 * MS;
	expect(VERDICT_NO_CONTENTION, VERDICT_SEVERITY_NONE);
	expect_words("none of them ever waited");
	gil->threads[0].held_ns = 9901 * MS;
	gil->threads[0].acquisitions = 9900;
	expect(VERDICT_NO_CONTENTION, VERDICT_SEVERITY_NONE);
}

/* A thread that is seldom held up, but then for long. */
static void test_rare_waits(void **state)
{
	(void)state;
	fixture_init(&f);
	fixture_process(&f, "x", 1);
	fixture_gil(&f, 10 * S);
	fixture_thread(&f, "a", 9 * S, 20, 0, 0);
	fixture_thread(&f, "b", 9 * MS, 20, 50 * MS, 10);
	fixture_sum(&f, 0, 0);
	expect(VERDICT_NO_CONTENTION, VERDICT_SEVERITY_NONE);
	expect_words("'b' waited 5.00 ms each time, 10 times");
	f.threads[1].wait.count = 9;
	judge();
	assert_null(strstr(verdict.sentence, "'b'"));
}

static void test_unknown(void **state)
{
	(void)state;
	fixture_init(&f);
	fixture_process(&f, "x", 1);
	expect(VERDICT_UNKNOWN, VERDICT_SEVERITY_UNKNOWN);
	f.processes[0].gil_mode = GIL_NONE;
	expect(VERDICT_NO_GIL, VERDICT_SEVERITY_UNKNOWN);
	f.processes[0].silent = true;
	f.processes[0].nature = (struct nature){NATURE_GO, BARRIER_STATIC};
	expect(VERDICT_NO_GIL, VERDICT_SEVERITY_UNKNOWN);
	expect_words("written in Go");
	expect_words("statically linked");
	assert_string_equal(verdict.next, "");
	f.processes[0].gil_mode = GIL_MODE_UNKNOWN;
	f.processes[0].nature = (struct nature){NATURE_PYTHON, BARRIER_NONE};
	expect(VERDICT_UNKNOWN, VERDICT_SEVERITY_UNKNOWN);
	expect_words("is Python, but wrote no event");
	assert_true(strlen(verdict.next) > 0);
	f.processes[0].silent = false;
	f.processes[0].gil_mode = GIL_DISABLED;
	expect(VERDICT_FREE_THREADED, VERDICT_SEVERITY_UNKNOWN);

	/* One that was on for a while is judged by that. */
	fixture_two_cpu_threads(&f);
	f.processes[0].gil_mode = GIL_DISABLED;
	f.gils[0].switched = true;
	f.gils[0].lifetime_ns = 4 * f.gils[0].span_ns;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	expect_words("the GIL was on for ");
	assert_non_null(strstr(verdict.next, "-X gil=0 keeps it off"));

	fixture_two_cpu_threads(&f);
	f.gils[0].acquisitions = 0;
	expect(VERDICT_UNKNOWN, VERDICT_SEVERITY_UNKNOWN);
	fixture_two_cpu_threads(&f);
	f.gils[0].load = NAN;
	expect(VERDICT_UNKNOWN, VERDICT_SEVERITY_UNKNOWN);
}

static void test_doubts_qualify(void **state)
{
	(void)state;
	fixture_two_cpu_threads(&f);
	judge();
	assert_false(verdict.qualified);
	f.report.doubts[DOUBT_UNFINISHED].present = true;
	judge();
	assert_false(verdict.qualified);

	f.report.doubts[DOUBT_LOST_EVENTS].present = true;
	f.report.events = 9000;
	f.report.lost_events = 1000;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	assert_true(verdict.qualified);
	expect_words("Events are missing; going by the others: ");
	f.report.lost_events = 1001;
	expect(VERDICT_UNKNOWN, VERDICT_SEVERITY_UNKNOWN);
	f.report.lost_events = FIGURE_UNKNOWN;
	expect(VERDICT_CPU_BOUND, VERDICT_SEVERITY_HIGH);
	assert_true(verdict.qualified);

	fixture_two_cpu_threads(&f);
	f.report.doubts[DOUBT_TRUNCATED].present = true;
	judge();
	expect_words("The trace is cut off");
	fixture_two_cpu_threads(&f);
	f.report.doubts[DOUBT_OVERLAP].present = true;
	judge();
	expect_words("contradicts itself");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_cpu_bound, forget),
		cmocka_unit_test_teardown(test_cpu_bound_edges, forget),
		cmocka_unit_test_teardown(test_convoy, forget),
		cmocka_unit_test_teardown(test_convoy_edges, forget),
		cmocka_unit_test_teardown(test_convoy_beside_cpu_bound, forget),
		cmocka_unit_test_teardown(test_long_holds, forget),
		cmocka_unit_test_teardown(test_long_holds_edges, forget),
		cmocka_unit_test_teardown(test_contention, forget),
		cmocka_unit_test_teardown(test_waits_of_many, forget),
		cmocka_unit_test_teardown(test_load_edges, forget),
		cmocka_unit_test_teardown(test_single_threaded, forget),
		cmocka_unit_test_teardown(test_single_threaded_edges, forget),
		cmocka_unit_test_teardown(test_rare_waits, forget),
		cmocka_unit_test_teardown(test_unknown, forget),
		cmocka_unit_test_teardown(test_doubts_qualify, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What verdicts say about lines, calls that do not answer, and switch intervals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "report_fixture.h"
#include "tables/verdict.h"

static struct fixture f;
static struct verdict v;
static struct unavailable_report no_stacks = {FACILITY_STACKS, (char *)"it was tried"};

static void judge(void)
{
	verdict_init(&v, &f.report, &f.processes[0], &f.gils[0]);
}

static void expect(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in '%s'", part, text);
}

static void expect_no(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in '%s'", part, text);
}

static void test_line_that_most_waiting_is_behind(void **state)
{
	(void)state;
	fixture_convoy(&f);
	judge();
	assert_int_equal(v.figures.site, 0);
	assert_true(v.figures.behind_site > 0.99);
	assert_int_equal(v.figures.site_hold_ns, 9890 * MS / 1880);
	expect(v.sentence, " Of all waiting, more than 99 % is behind mixed.py:12 compute(), which "
			   "keeps the GIL 5.26 ms at a time (at most 10.5 ms).");
	verdict_release(&v);
}

/* A line that has not much of it is not worth a word, and one that is not known has none. */
static void test_no_line_stands_out(void **state)
{
	(void)state;
	fixture_convoy(&f);
	f.sites[0].figures.blocked_ns = 1800 * MS;
	judge();
	assert_int_equal(v.figures.site, -1);
	assert_true(v.figures.site_hold_ns == FIGURE_UNKNOWN);
	expect_no(v.sentence, "Of all waiting");
	verdict_release(&v);
	/* Where some of the holds are much longer than the others a mean says little. */
	fixture_convoy(&f);
	f.sites[0].figures.hold_max_ns = 400 * MS;
	judge();
	expect(v.sentence, "mixed.py:12 compute(), which keeps the GIL up to 400 ms at a time.");
	verdict_release(&v);
	fixture_convoy(&f);
	f.sites[0].kind = SITE_NOT_KNOWN;
	judge();
	assert_int_equal(v.figures.site, -1);
	verdict_release(&v);
}

/* It held outside of the region. */
static void test_line_without_holds(void **state)
{
	(void)state;
	fixture_region(&f);
	f.sites[0].figures.holds = f.sites[0].figures.held_ns = 0;
	f.sites[0].function = (char *)"<module>";
	judge();
	expect(v.sentence, "Inside 'Exchange \xef\xbf\xbd[31m': 'io' needs the GIL");
	expect(v.sentence, "is behind mixed.py:12 <module>.");
	verdict_release(&v);
}

/* A thread computes, though all that counts of it is outside of the region. */
static void test_convoy_in_a_region(void **state)
{
	(void)state;
	fixture_region(&f);
	f.threads[0].acquisitions = f.threads[0].drop_requests_received = 0;
	judge();
	assert_int_equal(v.kind, VERDICT_CONVOY);
	verdict_release(&v);
	f.report.region = NULL;
	judge();
	assert_int_not_equal(v.kind, VERDICT_CONVOY);
	verdict_release(&v);
}

static void test_call_that_does_not_answer(void **state)
{
	(void)state;
	fixture_long_holds(&f);
	judge();
	assert_int_equal(v.kind, VERDICT_LONG_HOLDS);
	assert_int_equal(v.figures.unanswered_stack, 0);
	assert_true(g_str_has_prefix(v.sentence,
		"solver.py:88 Grid.relax() keeps the GIL 105 ms at a time (at most 211 ms), 99 % "
		"of all waiting is "
		"behind it; it is inside _solver.cpython-311-x86_64-linux-gnu.so:relax_rows, which "
		"does not release the GIL. Asked for the GIL, 'solver' was there 75 times. A "
		"thread that was asked"));
	expect(v.next, "Split that call, ");
	expect_no(v.next, "--stack-signal");
	verdict_release(&v);
	f.stacks[0].native_count = 0;
	f.stacks[0].count = 1;
	judge();
	expect(v.sentence, " is behind it. Asked for the GIL, 'solver' was there once.");
	expect_no(v.sentence, "inside");
	expect(v.next, "Recorded with --stack-signal URG (x86_64) the report also names the C");
	verdict_release(&v);
	f.processes[0].unavailable = &no_stacks;
	f.processes[0].unavailable_count = 1;
	judge();
	expect_no(v.next, "--stack-signal");
	verdict_release(&v);
	f.stacks[0].kind = STACK_HOLD; /* where it let go is not where it did not */
	judge();
	assert_int_equal(v.figures.unanswered_stack, -1);
	expect_no(v.sentence, "Asked for the GIL");
	expect(v.next, "Look at what 'solver' did then");
	verdict_release(&v);
}

/* What it was in is no more than where it was; that line may have little of the waiting. */
static void test_call_at_another_line(void **state)
{
	(void)state;
	fixture_long_holds(&f);
	f.sites[0].line = 90;
	judge();
	expect(v.sentence,
		"solver.py:90 Grid.relax() keeps the GIL 105 ms at a time (at most 211 ms), 99 % "
		"of all waiting is behind it. Asked for the GIL, 'solver' was in solver.py:88 "
		"Grid.relax(), 75 times; it is inside");
	verdict_release(&v);
	f.sites[0].kind = SITE_NOT_KNOWN;
	judge();
	assert_true(g_str_has_prefix(v.sentence,
		"The GIL is held for long at a time. Asked for the GIL, 'solver' was in "));
	expect(v.sentence, " of all waiting is behind 'solver', whose longest hold was");
	verdict_release(&v);
}

static void test_switch_interval(void **state)
{
	(void)state;
	fixture_convoy(&f);
	judge();
	expect(v.next, "sys.setswitchinterval(0.001) would have left about 1.96 s of these 9.40 s, "
		       "sys.setswitchinterval(0.0005) 1.03 s, with no more switches for the same "
		       "work.");
	expect_no(v.next, "It would not have changed");
	verdict_release(&v);
	f.gils[0].forecast[0].added_switches = 300;
	f.gils[0].forecast[0].added_ns = 7 * MS;
	f.gils[0].unanswered_waits = 2;
	f.gils[0].unanswered_ns = 300 * MS;
	judge();
	expect(v.next, ", at the price of 300 more switches, about 7.00 ms.");
	expect(v.next, "It would not have changed the 300 ms of waiting");
	verdict_release(&v);
	f.threads[1].forecast[0].saved_ns = 900 * MS;
	judge();
	expect(v.next, "A smaller sys.setswitchinterval() would hardly change these waits.");
	verdict_release(&v);
	f.threads[1].forecast[0].smaller = f.threads[1].forecast[1].smaller = false;
	judge();
	expect_no(v.next, "setswitchinterval");
	verdict_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_that_most_waiting_is_behind),
		cmocka_unit_test(test_no_line_stands_out),
		cmocka_unit_test(test_line_without_holds),
		cmocka_unit_test(test_convoy_in_a_region),
		cmocka_unit_test(test_call_that_does_not_answer),
		cmocka_unit_test(test_call_at_another_line),
		cmocka_unit_test(test_switch_interval),
	};

	return cmocka_run_group_tests_name("verdict_lines", tests, NULL, NULL);
}

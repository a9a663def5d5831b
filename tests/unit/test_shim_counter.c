/*
 * Counted times against the clock itself, which is looked at before and after each:
 * whatever interrupts this thread in between only makes more room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counter.h"
#include "options.h"

/* What counter.h says: 100 ns, and what a look is uncertain by. */
#define OFF_NS 400
#define HALF_A_SECOND UINT64_C(500000000)

struct seen {
	unsigned counted, looked;
	uint64_t early, late; /* by how much at most, ns */
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* One time, as a GIL operation reads it. */
static void read_once(struct counter *last, struct seen *seen)
{
	uint64_t looked_at = last->ns, before = recording_now(), now = counter_now(last);
	uint64_t after = recording_now();

	if (last->ns != looked_at || !counter_span) {
		seen->looked++;
		return;
	}
	seen->counted++;
	if (now < before)
		seen->early = larger(seen->early, before - now);
	if (now > after)
		seen->late = larger(seen->late, now - after);
}

static struct seen read_for(uint64_t ns)
{
	uint64_t begin = recording_now();
	struct counter last = {0};
	struct seen seen = {0};

	while (recording_now() - begin < ns)
		read_once(&last, &seen);
	return seen;
}

static void test_counted_times_are_the_clocks(void **state)
{
	struct seen seen;

	(void)state;
	options.tsc = true;
	counter_prepare();
	seen = read_for(HALF_A_SECOND);
	print_message("%u times counted, %u looked at; %lu ns early, %lu ns late at most\n",
		seen.counted, seen.looked, (unsigned long)seen.early, (unsigned long)seen.late);
	assert_true(seen.looked > 0);
	assert_true(seen.early <= OFF_NS);
	assert_true(seen.late <= OFF_NS);
}

/* A look in a while that is as long as a counted time may be old; all others are counted. */
static void test_most_times_are_counted(void **state)
{
	struct seen seen;

	(void)state;
	if (!counter_span)
		skip();
	seen = read_for(HALF_A_SECOND);
	assert_true(seen.counted > seen.looked);
}

static void test_not_where_it_is_switched_off(void **state)
{
	struct counter last = {0};
	uint64_t before = recording_now();

	(void)state;
	options.tsc = false;
	counter_prepare();
	for (int i = 0; i < 1000; i++)
		assert_true(counter_now(&last) >= before);
	assert_int_equal(last.ns, 0);
	assert_int_equal(counter_span, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counted_times_are_the_clocks),
		cmocka_unit_test(test_most_times_are_counted),
		cmocka_unit_test(test_not_where_it_is_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Stacks: which hold or wait they belong to, what is one stack, where native frames lie. */
#include <string.h>

#include "trace.h"

static struct trace t;

static void begin(void)
{
	trace_begin(&t, NULL);
	trace_process(&t, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
	trace_site(&t, 1, 10);
	trace_site(&t, 2, 20);
}

static const struct gil_report *end(unsigned allowed)
{
	trace_process(&t, PROCESS_EXITING, 9000, "prog");
	trace_end(&t);
	trace_check(&t.report, allowed);
	return trace_only_gil(&t);
}

/* A stack of two Python frames, `site` the inner one, and one native frame. */
static void feed_stack(
	enum stack_kind kind, int32_t tid, uint64_t seq, uint64_t site, uint64_t address)
{
	const uint64_t sites[] = {site, 2}, addresses[] = {address};
	struct event event = {
		.kind = EVENT_STACK, .pid = t.pid, .tid = tid, .gil = t.gil, .at = 10 * seq};

	event.stack.kind = kind;
	event.stack.seq = seq;
	event.stack.whole = 1;
	event.stack.sites = (struct event_numbers){sites, 2};
	event.stack.addresses = (struct event_numbers){addresses, address ? 1 : 0};
	stats_feed(t.stats, &event);
}

static void feed_module(uint64_t base, uint64_t size, const char *path)
{
	struct event event = {.kind = EVENT_MODULE, .pid = t.pid, .tid = t.pid};

	event.module.base = base;
	event.module.size = size;
	event.module.path = path;
	event.module.build_id = "abcd";
	stats_feed(t.stats, &event);
}

/* The only stack of that kind. */
static const struct stack_report *stack_of(const struct gil_report *gil, enum stack_kind kind)
{
	const struct stack_report *found = NULL;

	for (size_t i = 0; i < gil->stack_count; i++) {
		if (gil->stacks[i].kind != kind)
			continue;
		assert_null(found);
		found = &gil->stacks[i];
	}
	assert_non_null(found);
	return found;
}

/* The stack comes before the event that tells the length, or after it. */
static void test_lengths(void **state)
{
	const struct gil_report *gil;
	const struct stack_report *stack;

	(void)state;
	begin();
	feed_stack(STACK_HOLD, 100, 2, 1, 0);
	trace_hold(&t, 100, 1, 1000, 1200);
	trace_hold(&t, 100, 2, 1300, 1350);
	feed_stack(STACK_HOLD, 100, 4, 1, 0);
	trace_acquire(&t, 101, 3, 1500, 100, 30);
	feed_stack(STACK_WAIT, 101, 5, 2, 0);
	feed_stack(STACK_UNANSWERED, 101, 5, 1, 0);
	feed_stack(STACK_UNANSWERED, 101, 5, 1, 0); /* two threads wait for it */
	trace_hold(&t, 101, 3, 1500, 2200);
	gil = end(1u << DOUBT_UNATTRIBUTED_WAIT | 1u << DOUBT_IMPOSSIBLE);
	stack = stack_of(gil, STACK_HOLD);
	assert_int_equal(gil->threads[stack->thread].tid, 100);
	assert_int_equal(stack->count, 2);
	assert_int_equal(stack->known, 2);
	assert_int_equal(stack->total_ns, 250);
	assert_int_equal(stack->max_ns, 200);
	assert_int_equal(stack->at_ns, 20);
	assert_true(stack->whole);
	assert_int_equal(stack->python_count, 2);
	assert_int_equal(stack->python[0].line, 10);
	assert_int_equal(stack->python[1].line, 20);
	assert_string_equal(stack->python[0].function, "function");
	assert_int_equal(stack->native_count, 0);
	assert_int_equal(stack_of(gil, STACK_WAIT)->total_ns, 130);
	stack = stack_of(gil, STACK_UNANSWERED);
	assert_int_equal(gil->threads[stack->thread].tid, 101);
	assert_int_equal(stack->count, 2);
	assert_int_equal(stack->max_ns, 700);
	trace_release(&t);
}

static void test_unknown_lengths(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_hold(&t, 100, 1, 1000, 1200);
	trace_hold(&t, 100, 2, 1300, 1400);
	feed_stack(STACK_UNANSWERED, 100, 1, 1, 0); /* the waiter told it too late */
	feed_stack(STACK_WAIT, 100, 7, 1, 0);	    /* of what is not in the trace */
	feed_stack(STACK_HOLD, 100, 5, 1, 0);	    /* no release has such a number */
	gil = end(1u << DOUBT_IMPOSSIBLE);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
	assert_int_equal(gil->stack_count, 2);
	for (size_t i = 0; i < gil->stack_count; i++) {
		assert_int_equal(gil->stacks[i].count, 1);
		assert_int_equal(gil->stacks[i].known, 0);
		assert_true(gil->stacks[i].max_ns == FIGURE_UNKNOWN);
	}
	trace_release(&t);
}

static void test_different_stacks(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	for (uint64_t hold = 1; hold <= 12; hold++) {
		trace_hold(
			&t, 100 + (int32_t)(hold % 2), hold, 1000 * hold / 2, 1000 * hold / 2 + 10);
		feed_stack(STACK_HOLD, 100 + (int32_t)(hold % 2), 2 * hold, 1 + hold % 3 / 2,
			hold < 7 ? 77 : 78);
	}
	gil = end(0);
	assert_int_equal(gil->stack_count, 8);
	assert_int_equal(gil->stacks_left_out, 0);
	for (size_t i = 0; i < gil->stack_count; i++)
		assert_int_equal(gil->stacks[i].count, i < 4 ? 2 : 1);
	trace_release(&t);
}

/* A library is unloaded, another one takes its place. */
static void test_modules(void **state)
{
	const struct gil_report *gil;
	const struct process_report *process;

	(void)state;
	begin();
	feed_module(0x1000, 0x1000, "/lib/a.so");
	feed_module(0x5000, 0x1000, "/lib/b.so");
	for (uint64_t hold = 1; hold <= 4; hold++) {
		trace_hold(&t, 100, hold, 1000 * hold, 1000 * hold + 100 - hold);
		feed_stack(
			STACK_HOLD, 100, 2 * hold, 1, hold % 3 == 1 ? 0x1800 : 0x5fff + hold % 2);
		if (hold == 3)
			feed_module(0x800, 0x2000, "/lib/c.so");
	}
	feed_module(0x5000, 0x1000, "/lib/b.so"); /* known */
	feed_module(0x1000, 0x1000, "/lib/a.so"); /* back again */
	trace_hold(&t, 100, 5, 5000, 5001);
	feed_stack(STACK_HOLD, 100, 10, 2, 0x1800);
	gil = end(0);
	process = &t.report.processes[0];
	assert_int_equal(process->module_count, 4);
	assert_string_equal(process->modules[gil->stacks[4].native[0].module].path, "/lib/a.so");
	assert_string_equal(process->modules[0].build_id, "abcd");
	assert_int_equal(gil->stack_count, 5);
	assert_string_equal(process->modules[gil->stacks[0].native[0].module].path, "/lib/a.so");
	assert_int_equal(gil->stacks[0].native[0].offset, 0x800);
	assert_string_equal(process->modules[gil->stacks[1].native[0].module].path, "/lib/b.so");
	assert_int_equal(gil->stacks[1].native[0].offset, 0xfff);
	assert_int_equal(gil->stacks[2].native[0].module, -1);
	assert_int_equal(gil->stacks[2].native[0].offset, 0x6000);
	assert_string_equal(process->modules[gil->stacks[3].native[0].module].path, "/lib/c.so");
	assert_int_equal(gil->stacks[3].native[0].offset, 0x1000);
	assert_null(gil->stacks[0].native[0].function);
	trace_release(&t);
}

/* Frames of the recorder itself are of no interest. */
static void test_own_frames_are_left_out(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	feed_module(0x1000, 0x1000, "/opt/libgiltrace-lttng.so");
	feed_module(0x3000, 0x1000, "/opt/libother.so");
	trace_hold(&t, 100, 1, 1000, 1100);
	feed_stack(STACK_HOLD, 100, 2, 1, 0x1800);
	trace_hold(&t, 100, 2, 2000, 2050);
	feed_stack(STACK_HOLD, 100, 4, 1, 0x3800);
	gil = end(0);
	assert_int_equal(gil->stack_count, 2);
	assert_int_equal(gil->stacks[0].native_count, 0);
	assert_int_equal(gil->stacks[1].native_count, 1);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_unknown_lengths),
		cmocka_unit_test(test_different_stacks),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_own_frames_are_left_out),
	};

	return cmocka_run_group_tests_name("stacks", tests, NULL, NULL);
}

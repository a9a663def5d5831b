/* The model, whose events: processes that fork, exec, end and come again; GILs; threads and their
 * tids. */
#include "trace.h"

static struct trace t;

static void hold(int32_t pid, int32_t tid, uint64_t number, uint64_t begin, uint64_t end)
{
	t.pid = pid;
	trace_hold(&t, tid, number, begin, end);
}

static void process(int32_t pid, enum process_state state, uint64_t at, const char *command)
{
	t.pid = pid;
	trace_process(&t, state, at, command);
}

static void test_repeated_facts(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	process(100, PROCESS_PRESENT, 990, "prog"); /* a statedump just before */
	process(100, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_PRESENT, 1000, 0);
	trace_gil(&t, GIL_CREATED, 1000, 0);
	hold(100, 100, 1, 1000, 1100);
	process(100, PROCESS_PRESENT, 1200, "prog");
	trace_gil(&t, GIL_PRESENT, 1200, 2);
	trace_thread(&t, THREAD_PRESENT, 100, 1200, "MainThread");
	hold(100, 100, 2, 1300, 1400);
	process(100, PROCESS_EXITING, 1500, "prog");
	process(100, PROCESS_EXITING, 1500, "prog");
	trace_end(&t);
	trace_check(&t.report, 0);
	assert_int_equal(trace_only_gil(&t)->acquisitions, 2);
	assert_true(t.report.processes[0].exited);
	assert_int_equal(t.report.processes[0].ppid, 1);
	assert_string_equal(t.report.processes[0].command, "prog");
	assert_string_equal(t.report.processes[0].version, "3.11.2");
	assert_string_equal(trace_only_gil(&t)->threads[0].name, "MainThread");
	trace_release(&t);
}

/* The same pid, twice: by exec even with the same command line, and used again after an exit. */
static void test_one_pid_several_programs(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	process(100, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
	hold(100, 100, 1, 1000, 1100);
	process(100, PROCESS_STARTED, 2000, "prog");
	trace_gil(&t, GIL_CREATED, 2000, 0);
	hold(100, 100, 1, 2000, 2200);
	process(100, PROCESS_EXITING, 2500, "prog");
	process(100, PROCESS_FORKED, 3000, "other");
	trace_gil(&t, GIL_CREATED, 3000, 0);
	hold(100, 100, 1, 3000, 3300);
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNFINISHED);
	assert_int_equal(t.report.process_count, 3);
	assert_int_equal(t.report.processes[0].gils[0].held_ns, 100);
	assert_int_equal(t.report.processes[1].gils[0].held_ns, 200);
	assert_int_equal(t.report.processes[2].gils[0].held_ns, 300);
	assert_true(t.report.processes[0].exited);
	assert_true(t.report.processes[1].exited);
	assert_false(t.report.processes[2].exited);
	assert_string_equal(t.report.processes[2].command, "other");
	assert_int_equal(trace_doubt(&t, DOUBT_UNFINISHED), 1);
	trace_release(&t);
}

/* An exec that fails has told of the end before: the process goes on, and ends later or not. */
static void test_failed_exec(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	for (int32_t pid = 100; pid <= 200; pid += 100) {
		process(pid, PROCESS_STARTED, 1000, "prog");
		trace_gil(&t, GIL_CREATED, 1000, 0);
		hold(pid, pid, 1, 1000, 1100);
		process(pid, PROCESS_EXITING, 1150, "prog");
		process(pid, PROCESS_PRESENT, 1160, "prog");
		hold(pid, pid, 2, 1200, 1400);
	}
	process(200, PROCESS_EXITING, 1500, "prog");
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNFINISHED);
	assert_int_equal(t.report.process_count, 2);
	assert_false(t.report.processes[0].exited);
	assert_true(t.report.processes[1].exited);
	assert_int_equal(t.report.processes[0].gils[0].held_ns, 300);
	assert_int_equal(t.report.processes[0].gils[0].span_ns, 400);
	assert_int_equal(t.report.processes[1].gils[0].held_ns, 300);
	assert_int_equal(t.report.processes[1].gils[0].span_ns, 500);
	assert_int_equal(trace_doubt(&t, DOUBT_UNFINISHED), 1);
	trace_release(&t);
}

/* A handler that leaves abort() tells nobody; the thread's next use of the GIL does, no other's. */
static void test_caught_abort(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	for (int32_t pid = 100; pid <= 200; pid += 100) {
		process(pid, PROCESS_STARTED, 1000, "prog");
		trace_gil(&t, GIL_CREATED, 1000, 0);
		hold(pid, pid, 1, 1000, 1100);
		process(pid, PROCESS_EXITING, 1150, "prog");
		hold(pid, pid == 100 ? pid : pid + 1, 2, 1200, 1400);
	}
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNFINISHED);
	assert_int_equal(t.report.process_count, 2);
	assert_false(t.report.processes[0].exited);
	assert_true(t.report.processes[1].exited);
	assert_int_equal(t.report.processes[0].gils[0].held_ns, 300);
	assert_int_equal(trace_doubt(&t, DOUBT_UNFINISHED), 1);
	trace_release(&t);
}

/* Only the recording that is asked for, and nothing of a process before it has said whose it is. */
static void test_run(void **state)
{
	(void)state;
	trace_begin(&t, "mine");
	hold(100, 100, 1, 1000, 1100);
	trace_process_of(&t, PROCESS_STARTED, 1000, "prog", "mine");
	trace_gil(&t, GIL_CREATED, 1000, 0);
	hold(100, 100, 1, 1000, 1100);
	t.pid = 200;
	trace_process_of(&t, PROCESS_STARTED, 1000, "prog", "theirs");
	trace_gil(&t, GIL_CREATED, 1000, 0);
	hold(200, 200, 1, 1000, 1300);
	trace_process_of(&t, PROCESS_EXITING, 1500, "prog", "theirs");
	t.pid = 300;
	trace_process_of(&t, PROCESS_PRESENT, 1000, "prog", "");
	t.pid = 100;
	trace_process_of(&t, PROCESS_EXITING, 2000, "prog", "mine");
	t.pid = 200; /* their pid, used again by one of mine */
	trace_process_of(&t, PROCESS_STARTED, 3000, "prog", "mine");
	trace_process_of(&t, PROCESS_EXITING, 3500, "prog", "mine");
	trace_end(&t);
	trace_check(&t.report, 0);
	assert_int_equal(t.report.process_count, 2);
	assert_int_equal(t.report.processes[0].gils[0].held_ns, 100);
	assert_int_equal(t.report.processes[1].pid, 200);
	assert_int_equal(t.report.processes[1].gil_count, 0);
	assert_int_equal(t.report.events, 6);
	trace_release(&t);
}

static void child(int32_t pid, int32_t ppid, uint64_t at)
{
	t.ppid = ppid;
	process(pid, PROCESS_FORKED, at, "prog");
	trace_gil(&t, GIL_CREATED, at, 0);
	hold(pid, pid, 1, at, at + 100);
	process(pid, PROCESS_EXITING, at + 200, "prog");
}

/* 100 and 101 were there and are named, 200 belongs to somebody else; the others are forked. */
static void feed_families(void)
{
	hold(100, 100, 1, 1000, 1100); /* before its `process` event: it is named all the same */
	hold(200, 200, 1, 1000, 1300);
	process(200, PROCESS_PRESENT, 1400, "theirs");
	process(100, PROCESS_PRESENT, 1400, "prog");
	process(101, PROCESS_PRESENT, 1400, "prog");
	child(102, 100, 2000);
	child(103, 102, 3000);
	child(201, 200, 2000);
	child(202, 201, 3000);
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNFINISHED);
}

static void test_named_processes(void **state)
{
	static const int32_t pids[] = {100, 101};
	const struct selection selection = {.pids = pids, .pid_count = 2};

	(void)state;
	trace_begin_selected(&t, &selection);
	feed_families();
	assert_int_equal(t.report.process_count, 2);
	assert_int_equal(t.report.processes[0].pid, 100);
	assert_int_equal(t.report.processes[0].gils[0].held_ns, 100);
	assert_int_equal(t.report.processes[1].pid, 101);
	assert_int_equal(t.report.events, 3);
	trace_release(&t);
}

static void test_named_processes_and_descendants(void **state)
{
	static const int32_t pids[] = {100, 101};
	const struct selection selection = {.pids = pids, .pid_count = 2, .descendants = true};

	(void)state;
	trace_begin_selected(&t, &selection);
	feed_families();
	assert_int_equal(t.report.process_count, 4);
	assert_int_equal(t.report.processes[2].pid, 102);
	assert_int_equal(t.report.processes[3].pid, 103);
	assert_int_equal(t.report.processes[3].gils[0].held_ns, 100);
	trace_release(&t);
}

/* A list without a process is still a list. */
static void test_no_process_named(void **state)
{
	const struct selection selection = {.pids = (const int32_t[]){0}, .descendants = true};

	(void)state;
	trace_begin_selected(&t, &selection);
	feed_families();
	assert_int_equal(t.report.process_count, 0);
	assert_int_equal(t.report.events, 0);
	trace_release(&t);
}

/* More ended processes than are kept open: the figures are the same. */
static void test_many_processes(void **state)
{
	(void)state;
	trace_begin(&t, NULL);
	for (int32_t pid = 100; pid < 300; pid++) {
		process(pid, PROCESS_STARTED, 1000, "prog");
		trace_gil(&t, GIL_CREATED, 1000, 0);
		hold(pid, pid, 1, 1000, 1000 + (uint64_t)pid);
		process(pid, PROCESS_EXITING, 2000, "prog");
	}
	hold(299, 299, 2, 1800, 1900); /* late, but not too late */
	hold(100, 100, 2, 1800, 1900); /* nobody can say any more what it meant */
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_IMPOSSIBLE);
	assert_int_equal(t.report.process_count, 200);
	for (size_t i = 0; i < 199; i++) {
		assert_int_equal(t.report.processes[i].pid, 100 + i);
		assert_int_equal(t.report.processes[i].gils[0].held_ns, 100 + i);
	}
	assert_int_equal(t.report.processes[199].gils[0].held_ns, 299 + 100);
	assert_int_equal(trace_doubt(&t, DOUBT_IMPOSSIBLE), 1);
	trace_release(&t);
}

static void test_gils(void **state)
{
	const struct process_report *report;

	(void)state;
	trace_begin(&t, NULL);
	process(100, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
	hold(100, 100, 1, 1000, 1100);
	t.gil = 2;
	trace_gil(&t, GIL_CREATED, 1200, 0);
	hold(100, 100, 1, 1200, 1250);
	t.gil = 1;
	hold(100, 100, 2, 1300, 1400);
	trace_gil(&t, GIL_CREATED, 1500, 0); /* finalized and initialized again */
	hold(100, 100, 1, 1500, 1501);
	process(100, PROCESS_EXITING, 2000, "prog");
	trace_end(&t);
	trace_check(&t.report, 0);
	report = &t.report.processes[0];
	assert_int_equal(report->gil_count, 3);
	assert_int_equal(report->gils[0].held_ns, 200);
	assert_int_equal(report->gils[1].held_ns, 50);
	assert_int_equal(report->gils[1].id, 2);
	assert_int_equal(report->gils[2].held_ns, 1);
	assert_int_equal(report->gils[2].id, 1);
	/* One thread, three GILs. */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(trace_thread_of(&report->gils[i], 100)->tid, 100);
	trace_release(&t);
}

static void test_disabled_gil_has_no_figures(void **state)
{
	struct event event = {.kind = EVENT_PROCESS, .pid = 100, .tid = 100, .at = 1000};

	(void)state;
	trace_begin(&t, NULL);
	event.process.state = PROCESS_STARTED;
	event.process.gil_mode = GIL_DISABLED;
	event.process.run = event.process.command = event.process.executable = "";
	event.process.implementation = event.process.version = "";
	stats_feed(t.stats, &event);
	trace_gil_mode(&t, GIL_CREATED, 1000, GIL_DISABLED, 0);
	hold(100, 100, 1, 1000, 1100);
	hold(100, 100, 5, 1050, 1200); /* nor are there doubts about them */
	event.process.state = PROCESS_EXITING;
	stats_feed(t.stats, &event);
	trace_end(&t);
	trace_check(&t.report, 0);
	assert_int_equal(t.report.process_count, 1);
	assert_int_equal(t.report.processes[0].gil_mode, GIL_DISABLED);
	assert_int_equal(t.report.processes[0].gil_count, 0);
	assert_null(t.report.processes[0].gils);
	trace_release(&t);
}

static void begin(void)
{
	trace_begin(&t, NULL);
	process(100, PROCESS_STARTED, 1000, "prog");
	trace_gil(&t, GIL_CREATED, 1000, 0);
}

static const struct gil_report *end(uint64_t at)
{
	process(100, PROCESS_EXITING, at, "prog");
	trace_end(&t);
	trace_check(&t.report, 0);
	return trace_only_gil(&t);
}

static void test_names(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_thread(&t, THREAD_PRESENT, 100, 1000, "MainThread");
	trace_thread(&t, THREAD_STARTED, 101, 1100, "");
	trace_thread(&t, THREAD_STARTED, 102, 1100, "idle"); /* never uses the GIL */
	hold(100, 101, 1, 1200, 1300);
	trace_thread(&t, THREAD_NAMED, 101, 1400, "worker");
	hold(100, 100, 2, 1500, 1700);
	gil = end(2000);
	assert_int_equal(gil->thread_count, 2);
	assert_string_equal(gil->threads[0].name, "MainThread"); /* held most */
	assert_int_equal(gil->threads[0].kind, THREAD_MAIN);
	assert_string_equal(gil->threads[1].name, "worker");
	assert_int_equal(gil->threads[1].kind, THREAD_PYTHON);
	trace_release(&t);
}

static void test_alive(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	hold(100, 100, 1, 1100, 1200);
	trace_thread(&t, THREAD_STARTED, 101, 1250, "a");
	hold(100, 101, 2, 1300, 1400);
	trace_thread(&t, THREAD_EXITED, 101, 1500, "");
	trace_thread(&t, THREAD_STARTED, 102, 1600, "b");
	hold(100, 102, 3, 1700, 1750);
	hold(100, 100, 4, 1800, 1900);
	gil = end(2000);
	assert_int_equal(trace_thread_of(gil, 100)->alive_ns, 800); /* only seen at work */
	assert_int_equal(trace_thread_of(gil, 101)->alive_ns, 250);
	assert_int_equal(trace_thread_of(gil, 102)->alive_ns, 400); /* no exit: until the end */
	trace_release(&t);
}

/* The exit of a thread that used the GIL is the last that is known of it. */
static void test_exit_of_thread_ends_span(void **state)
{
	(void)state;
	begin();
	hold(100, 101, 1, 1000, 1100);
	trace_thread(&t, THREAD_EXITED, 102, 9000, ""); /* never used it */
	trace_thread(&t, THREAD_EXITED, 101, 1500, "");
	trace_end(&t);
	trace_check(&t.report, 1u << DOUBT_UNFINISHED);
	assert_int_equal(trace_only_gil(&t)->span_ns, 500);
	assert_int_equal(trace_only_gil(&t)->threads[0].alive_ns, 500);
	trace_release(&t);
}

/* The kernel gives a tid away again. */
static void test_tid_used_again(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_thread(&t, THREAD_STARTED, 101, 1000, "first");
	hold(100, 101, 1, 1000, 1100);
	trace_thread(&t, THREAD_EXITED, 101, 1200, "");
	trace_thread(&t, THREAD_STARTED, 101, 1300, "second");
	hold(100, 101, 2, 1300, 1301);
	trace_thread(&t, THREAD_EXITED, 101, 1400, "");
	trace_thread(&t, THREAD_STARTED, 101, 1600, "second"); /* not worth a third line */
	hold(100, 101, 3, 1600, 1601);
	trace_thread(&t, THREAD_EXITED, 101, 1700, "");
	gil = end(2000);
	assert_int_equal(gil->thread_count, 2);
	assert_string_equal(gil->threads[0].name, "first");
	assert_int_equal(gil->threads[0].held_ns, 100);
	assert_int_equal(gil->threads[0].alive_ns, 200);
	assert_string_equal(gil->threads[1].name, "second");
	assert_int_equal(gil->threads[1].acquisitions, 2);
	assert_int_equal(gil->threads[1].alive_ns, 100 + 100);
	trace_release(&t);
}

/* A thread that never used the GIL leaves nothing behind for the next owner of its tid. */
static void test_idle_tid_used_again(void **state)
{
	const struct gil_report *gil;

	(void)state;
	begin();
	trace_thread(&t, THREAD_STARTED, 101, 1000, "idle");
	trace_thread(&t, THREAD_EXITED, 101, 1200, "");
	trace_thread(&t, THREAD_STARTED, 101, 1300, "worker");
	hold(100, 101, 1, 1400, 1500);
	gil = end(2000);
	assert_int_equal(gil->thread_count, 1);
	assert_string_equal(gil->threads[0].name, "worker");
	assert_int_equal(gil->threads[0].alive_ns, 700);
	trace_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeated_facts),
		cmocka_unit_test(test_one_pid_several_programs),
		cmocka_unit_test(test_failed_exec),
		cmocka_unit_test(test_caught_abort),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_named_processes),
		cmocka_unit_test(test_named_processes_and_descendants),
		cmocka_unit_test(test_no_process_named),
		cmocka_unit_test(test_many_processes),
		cmocka_unit_test(test_gils),
		cmocka_unit_test(test_disabled_gil_has_no_figures),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_alive),
		cmocka_unit_test(test_exit_of_thread_ends_span),
		cmocka_unit_test(test_tid_used_again),
		cmocka_unit_test(test_idle_tid_used_again),
	};

	return cmocka_run_group_tests_name("model_process", tests, NULL, NULL);
}

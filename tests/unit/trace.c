/* Hand-made traces for unit tests; see trace.h. */
#include "trace.h"

#include "model/tally.h"

static void begin(
	struct trace *trace, const struct selection *selection, const struct region_choice *regions)
{
	struct model_timeline timeline;

	*trace = (struct trace){.pid = TRACE_PID, .ppid = 1, .gil = 1};
	watch_begin(&trace->watch, &timeline);
	trace->stats = stats_new(selection, regions, &timeline);
}

void trace_begin_untimed(struct trace *trace)
{
	*trace = (struct trace){.pid = TRACE_PID, .ppid = 1, .gil = 1};
	trace->stats = stats_new(NULL, NULL, NULL);
}

void trace_begin(struct trace *trace, const char *run)
{
	const struct selection selection = {.run = run};

	trace_begin_selected(trace, &selection);
}

void trace_begin_selected(struct trace *trace, const struct selection *selection)
{
	begin(trace, selection, NULL);
}

void trace_begin_regions(struct trace *trace, const struct region_choice *regions)
{
	begin(trace, NULL, regions);
}

void trace_begin_region(struct trace *trace, const char *region)
{
	const struct region_choice regions = {.names = &region, .count = region ? 1 : 0};

	begin(trace, NULL, &regions);
	trace->region = region;
}

void trace_end(struct trace *trace)
{
	stats_finish(trace->stats, &trace->report);
	trace->stats = NULL;
	if (trace->watch.gils)
		watch_compare(&trace->watch, &trace->report);
	if (trace->region)
		report_select_region(&trace->report, trace->region);
}

void trace_release(struct trace *trace)
{
	report_release(&trace->report);
	if (trace->watch.gils)
		watch_release(&trace->watch);
}

static void feed(struct trace *trace, struct event *event)
{
	event->pid = trace->pid;
	event->gil = trace->gil;
	event->timestamp = event->at;
	stats_feed(trace->stats, event);
}

void trace_process_of(struct trace *trace, enum process_state state, uint64_t at,
	const char *command, const char *run)
{
	struct event event = {.kind = EVENT_PROCESS, .tid = trace->pid, .at = at};

	event.process.state = state;
	event.process.ppid = trace->ppid;
	event.process.gil_mode = trace->gil_mode;
	event.process.run = run;
	event.process.implementation = "cpython";
	event.process.version = "3.11.2";
	event.process.executable = "/usr/bin/python3.11";
	event.process.command = command;
	feed(trace, &event);
}

void trace_process(struct trace *trace, enum process_state state, uint64_t at, const char *command)
{
	trace_process_of(trace, state, at, command, "");
}

void trace_gil(struct trace *trace, enum gil_state state, uint64_t at, uint64_t seq)
{
	trace_gil_mode(trace, state, at, GIL_ENABLED, seq);
}

void trace_gil_mode(
	struct trace *trace, enum gil_state state, uint64_t at, enum gil_mode mode, uint64_t seq)
{
	struct event event = {.kind = EVENT_GIL, .tid = trace->pid, .at = at};

	event.gil_info.state = state;
	event.gil_info.kind = INTERPRETER_MAIN;
	event.gil_info.mode = mode;
	event.gil_info.seq = seq;
	event.gil_info.interval_us = 5000;
	feed(trace, &event);
}

void trace_thread(
	struct trace *trace, enum thread_state state, int32_t tid, uint64_t at, const char *name)
{
	struct event event = {.kind = EVENT_THREAD, .tid = tid, .at = at};

	event.thread.state = state;
	event.thread.kind = tid == trace->pid ? THREAD_MAIN : THREAD_PYTHON;
	event.thread.name = name;
	feed(trace, &event);
}

void trace_wait(struct trace *trace, int32_t tid, uint64_t since, int32_t holder)
{
	struct event event = {.kind = EVENT_WAIT, .tid = tid, .at = since};

	event.wait.holder = holder;
	feed(trace, &event);
}

void trace_request(struct trace *trace, int32_t tid, uint64_t at, int32_t holder)
{
	struct event event = {.kind = EVENT_DROP_REQUEST, .tid = tid, .at = at};

	event.drop_request.holder = holder;
	feed(trace, &event);
}

void trace_site(struct trace *trace, uint32_t site, int32_t line)
{
	struct event event = {.kind = EVENT_SITE, .tid = trace->pid};

	event.site.site = site;
	event.site.line = line;
	event.site.first_line = 1;
	event.site.function = "function";
	event.site.file = "file.py";
	feed(trace, &event);
}

void trace_mark(
	struct trace *trace, int32_t tid, uint64_t at, enum mark_state state, const char *name)
{
	struct event event = {.kind = EVENT_MARK, .tid = tid, .at = at};

	event.mark.state = state;
	event.mark.name = name;
	feed(trace, &event);
}

void trace_acquire(struct trace *trace, int32_t tid, uint64_t hold, uint64_t at, uint64_t wait_ns,
	uint64_t yield_ns)
{
	struct event event = {.kind = EVENT_ACQUIRE, .tid = tid, .at = at};

	event.acquire.seq = 2 * hold - 1;
	event.acquire.wait_ns = wait_ns;
	event.acquire.yield_ns = yield_ns;
	event.acquire.site = trace->site;
	feed(trace, &event);
}

void trace_contended_hold(struct trace *trace, int32_t tid, uint64_t hold, uint64_t begin,
	uint64_t end, uint16_t waiters, uint64_t requested_ns)
{
	struct event event = {.kind = EVENT_RELEASE, .tid = tid, .at = end};

	event.release.seq = 2 * hold;
	event.release.held_ns = end - begin;
	event.release.requested_ns = requested_ns;
	event.release.waiters = waiters;
	event.release.acquired = 1;
	event.release.site = trace->site;
	feed(trace, &event);
}

void trace_hold(struct trace *trace, int32_t tid, uint64_t hold, uint64_t begin, uint64_t end)
{
	trace_contended_hold(trace, tid, hold, begin, end, 0, 0);
}

void trace_cycles(struct trace *trace, int32_t tid, uint64_t hold, uint64_t at,
	const uint64_t *words, size_t count)
{
	struct event event = {.kind = EVENT_CYCLES, .tid = tid, .at = at};

	event.cycles.seq = 2 * hold;
	event.cycles.words = (struct event_numbers){words, count};
	feed(trace, &event);
}

void trace_unseen(struct trace *trace, int32_t tid, uint64_t hold, uint64_t end)
{
	struct event event = {.kind = EVENT_RELEASE, .tid = tid, .at = end};

	event.release.seq = 2 * hold;
	event.release.held_ns = EVENT_UNKNOWN;
	event.release.site = trace->site;
	feed(trace, &event);
}

const struct gil_report *trace_only_gil(const struct trace *trace)
{
	assert_int_equal(trace->report.process_count, 1);
	assert_int_equal(trace->report.processes[0].gil_count, 1);
	return &trace->report.processes[0].gils[0];
}

const struct thread_report *trace_thread_of(const struct gil_report *gil, int32_t tid)
{
	const struct thread_report *found = NULL;

	for (size_t i = 0; i < gil->thread_count; i++) {
		if (gil->threads[i].tid != tid)
			continue;
		assert_null(found);
		found = &gil->threads[i];
	}
	assert_non_null(found);
	return found;
}

uint64_t trace_blame(const struct gil_report *gil, int32_t waiter, int32_t holder)
{
	int waiter_index = (int)(trace_thread_of(gil, waiter) - gil->threads);
	int holder_index = holder < 0 ? holder : (int)(trace_thread_of(gil, holder) - gil->threads);

	for (size_t i = 0; i < gil->blame_count; i++) {
		if (gil->blame[i].waiter == waiter_index && gil->blame[i].holder == holder_index)
			return gil->blame[i].wait_ns;
	}
	return 0;
}

uint64_t trace_doubt(const struct trace *trace, enum doubt_kind kind)
{
	assert_int_equal(trace->report.doubts[kind].present, trace->report.doubts[kind].count > 0);
	return trace->report.doubts[kind].count;
}

static void check_distribution(const struct distribution *distribution)
{
	if (!distribution->count) {
		assert_int_equal(distribution->total_ns, 0);
		assert_true(distribution->max_ns == FIGURE_UNKNOWN);
		return;
	}
	assert_true(distribution->p50_ns <= distribution->p90_ns);
	assert_true(distribution->p90_ns <= distribution->p95_ns);
	assert_true(distribution->p95_ns <= distribution->p99_ns);
	assert_true(distribution->p99_ns <= distribution->max_ns);
	assert_true(distribution->mean_ns <= distribution->max_ns);
	assert_true(distribution->max_ns <= distribution->total_ns);
}

static uint64_t line_blame_between(const struct gil_report *gil, int waiter, int holder)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < gil->line_blame_count; i++) {
		if (gil->line_blame[i].waiter == waiter && gil->line_blame[i].holder == holder)
			sum = tally_plus(sum, gil->line_blame[i].wait_ns);
	}
	return sum;
}

static void add_figures(struct site_figures *sum, const struct site_figures *part)
{
	assert_true(part->holds || part->hold_max_ns == FIGURE_UNKNOWN);
	assert_true(part->waits || part->wait_max_ns == FIGURE_UNKNOWN);
	assert_true(!part->holds || part->hold_max_ns <= part->held_ns);
	assert_true(!part->waits || part->wait_max_ns <= part->wait_ns);
	sum->held_ns = tally_plus(sum->held_ns, part->held_ns);
	sum->holds += part->holds;
	sum->wait_ns = tally_plus(sum->wait_ns, part->wait_ns);
	sum->waits += part->waits;
	sum->blocked_ns = tally_plus(sum->blocked_ns, part->blocked_ns);
}

static void check_thread_sites(const struct gil_report *gil, const struct thread_report *thread)
{
	struct site_figures sum = {0};

	for (size_t i = 0; i < thread->site_count; i++) {
		assert_true(i == 0 || thread->sites[i - 1].site < thread->sites[i].site);
		assert_true(thread->sites[i].site < (int)gil->site_count);
		add_figures(&sum, &thread->sites[i].figures);
	}
	assert_true(sum.held_ns == thread->held_ns);
	assert_true(sum.holds == thread->hold.count);
	assert_true(sum.wait_ns == thread->wait_ns);
	assert_true(sum.waits == thread->wait.count);
}

/* The lines add up to the GIL, and what each one blocks to the blame. */
static void check_sites(const struct gil_report *gil)
{
	struct site_figures sum = {0};
	uint64_t blamed = 0;
	bool rest = false; /* then there was no room for all pairs */

	for (size_t i = 0; i < gil->site_count; i++)
		rest = rest || gil->sites[i].kind == SITE_REST;
	for (size_t i = 0; i < gil->site_count; i++) {
		uint64_t blocked = 0;

		for (size_t j = 0; j < gil->line_blame_count; j++) {
			if (gil->line_blame[j].holder_site == (int)i)
				blocked = tally_plus(blocked, gil->line_blame[j].wait_ns);
		}
		assert_true(rest || blocked == gil->sites[i].figures.blocked_ns);
		add_figures(&sum, &gil->sites[i].figures);
	}
	for (size_t i = 0; i < gil->blame_count; i++)
		blamed = gil->blame[i].holder >= 0 ? tally_plus(blamed, gil->blame[i].wait_ns)
						   : blamed;
	assert_true(sum.blocked_ns == blamed);
	assert_true(sum.held_ns == gil->held_ns);
	assert_true(sum.holds == gil->hold.count);
	assert_true(sum.wait_ns == gil->wait_ns);
	assert_true(sum.waits == gil->wait.count);
}

static void check_threads(const struct gil_report *gil)
{
	uint64_t held = 0, wait = 0, acquisitions = 0;

	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *thread = &gil->threads[i];
		uint64_t blamed = 0;

		for (size_t j = 0; j < gil->blame_count; j++) {
			if (gil->blame[j].waiter == (int)i)
				blamed = tally_plus(blamed, gil->blame[j].wait_ns);
			assert_true(gil->blame[j].holder < (int)gil->thread_count);
			assert_true(gil->blame[j].wait_ns > 0);
			assert_true(line_blame_between(gil, (int)i, gil->blame[j].holder) ==
					    gil->blame[j].wait_ns ||
				    gil->blame[j].waiter != (int)i);
		}
		check_thread_sites(gil, thread);
		assert_true(blamed == thread->wait_ns);
		assert_true(thread->alive_ns <= gil->span_ns);
		assert_true(gil->detail == GIL_DETAIL_TIMES ||
			    thread->wait_turn.count <= thread->wait.count);
		check_distribution(&thread->hold);
		check_distribution(&thread->wait);
		check_distribution(&thread->wait_turn);
		held = tally_plus(held, thread->held_ns);
		wait = tally_plus(wait, thread->wait_ns);
		acquisitions += thread->acquisitions;
	}
	assert_true(held == gil->held_ns);
	assert_true(wait == gil->wait_ns);
	assert_true(acquisitions == gil->acquisitions);
}

static void check_gils(const struct gil_report *gils, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct gil_report *gil = &gils[i];

		check_threads(gil);
		check_sites(gil);
		check_distribution(&gil->hold);
		check_distribution(&gil->wait);
		check_distribution(&gil->handoff);
		check_distribution(&gil->drop_latency);
		assert_true(gil->held_ns <= gil->span_ns);
		if (gil->span_ns) {
			assert_true(gil->utilization >= 0 && gil->utilization <= 1);
			assert_true(gil->contention >= 0 && gil->contention <= 1);
		}
	}
}

void trace_check(const struct report *report, unsigned allowed)
{
	for (int kind = 0; kind < DOUBT_KINDS; kind++) {
		if (!(allowed & 1u << kind) && report->doubts[kind].count)
			fail_msg("doubt %d: %llu", kind,
				(unsigned long long)report->doubts[kind].count);
	}
	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		check_gils(process->gils, process->gil_count);
		for (size_t j = 0; j < process->region_count; j++)
			check_gils(process->regions[j].gils, process->regions[j].gil_count);
	}
}

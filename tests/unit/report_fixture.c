/* Fabricated reports; see report_fixture.h. */
#include "report_fixture.h"

#include <math.h>
#include <string.h>

void fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->report.path = (char *)"/tmp/trace";
	f->report.begin_ns = UINT64_C(1700000000) * S;
	f->report.duration_ns = 10 * S;
	f->report.end_ns = f->report.begin_ns + f->report.duration_ns;
	f->report.events = 123456;
	f->report.complete = true;
	f->report.processes = f->processes;
}

struct process_report *fixture_process(struct fixture *f, const char *command, int32_t pid)
{
	struct process_report *process = &f->processes[f->report.process_count++];

	*process = (struct process_report){
		.pid = pid,
		.ppid = 1,
		.command = (char *)command,
		.executable = (char *)"/usr/bin/python3.11",
		.implementation = (char *)"CPython",
		.version = (char *)"3.11.2",
		.gil_mode = GIL_ENABLED,
		.exited = true,
		.gils = &f->gils[f->gil_count],
		.modules = f->modules,
		.regions = f->regions,
	};
	return process;
}

struct gil_report *fixture_gil(struct fixture *f, uint64_t span_ns)
{
	struct process_report *process = &f->processes[f->report.process_count - 1];
	struct gil_report *gil = &f->gils[f->gil_count++];

	*gil = (struct gil_report){
		.id = (uint16_t)process->gil_count,
		.kind = process->gil_count ? INTERPRETER_SUB : INTERPRETER_MAIN,
		.interval_us = 5000,
		.span_ns = span_ns,
		.threads = &f->threads[f->thread_count],
		.blame = &f->blame[f->blame_count],
		.sites = &f->sites[f->site_count],
		.line_blame = &f->line_blame[f->line_blame_count],
		.stacks = &f->stacks[f->stack_count],
	};
	process->gil_count++;
	return gil;
}

struct distribution fixture_distribution(uint64_t count, uint64_t total_ns, uint64_t max_ns)
{
	uint64_t mean = count ? total_ns / count : 0;

	return (struct distribution){
		.count = count,
		.total_ns = total_ns,
		.mean_ns = mean,
		.p50_ns = mean,
		.p90_ns = mean + (max_ns - mean) / 10,
		.p95_ns = mean + (max_ns - mean) / 5,
		.p99_ns = mean + (max_ns - mean) / 2,
		.max_ns = max_ns,
	};
}

struct thread_report *fixture_thread(struct fixture *f, const char *name, uint64_t held_ns,
	uint64_t takes, uint64_t wait_ns, uint64_t waits)
{
	struct gil_report *gil = &f->gils[f->gil_count - 1];
	struct thread_report *t = &f->threads[f->thread_count++];

	*t = (struct thread_report){
		.tid = f->processes[f->report.process_count - 1].pid + (int32_t)gil->thread_count,
		.name = (char *)name,
		.kind = gil->thread_count ? THREAD_PYTHON : THREAD_MAIN,
		.acquisitions = takes,
		.contended_acquisitions = waits,
		.held_ns = held_ns,
		.wait_ns = wait_ns,
		.alive_ns = gil->span_ns,
		.hold = fixture_distribution(
			takes, held_ns, takes > 1 ? 2 * held_ns / takes : held_ns),
		.wait = fixture_distribution(
			waits, wait_ns, waits > 1 ? 2 * wait_ns / waits : wait_ns),
	};
	gil->thread_count++;
	return t;
}

void fixture_blame(struct fixture *f, int waiter, int holder, uint64_t wait_ns)
{
	f->blame[f->blame_count++] = (struct blame_report){waiter, holder, wait_ns};
	f->gils[f->gil_count - 1].blame_count++;
}

static struct gil_report *last_gil(struct fixture *f)
{
	return &f->gils[f->gil_count - 1];
}

struct site_report *fixture_site(struct fixture *f, const char *file, int32_t line,
	const char *function, uint64_t held_ns, uint64_t holds, uint64_t wait_ns, uint64_t waits,
	uint64_t blocked_ns)
{
	struct site_report *site = &f->sites[f->site_count++];

	*site = (struct site_report){
		.kind = line ? SITE_LINE : SITE_NOT_KNOWN,
		.file = (char *)file,
		.function = (char *)function,
		.line = line,
		.first_line = line ? line - 3 : 0,
		.figures =
			{
				.held_ns = held_ns,
				.holds = holds,
				.hold_max_ns = holds ? 2 * held_ns / holds : FIGURE_UNKNOWN,
				.wait_ns = wait_ns,
				.waits = waits,
				.wait_max_ns = waits ? 2 * wait_ns / waits : FIGURE_UNKNOWN,
				.blocked_ns = blocked_ns,
			},
	};
	last_gil(f)->site_count++;
	return site;
}

void fixture_line_blame(struct fixture *f, int waiter, int waiter_site, int holder, int holder_site,
	uint64_t wait_ns)
{
	f->line_blame[f->line_blame_count++] =
		(struct line_blame_report){waiter, waiter_site, holder, holder_site, wait_ns};
	last_gil(f)->line_blame_count++;
}

struct stack_report *fixture_stack(struct fixture *f, enum stack_kind kind, int thread,
	uint64_t count, uint64_t total_ns, uint64_t max_ns)
{
	struct stack_report *stack = &f->stacks[f->stack_count++];

	*stack = (struct stack_report){
		.kind = kind,
		.thread = thread,
		.count = count,
		.known = max_ns == FIGURE_UNKNOWN ? 0 : count,
		.total_ns = total_ns,
		.max_ns = max_ns,
		.at_ns = 5 * S,
		.whole = true,
		.python = &f->python[f->python_count],
		.native = &f->native[f->native_count],
	};
	last_gil(f)->stack_count++;
	return stack;
}

void fixture_python_frame(struct fixture *f, const char *file, int32_t line, const char *function)
{
	f->python[f->python_count++] = (struct python_frame){(char *)file, (char *)function, line};
	f->stacks[f->stack_count - 1].python_count++;
}

void fixture_native_frame(struct fixture *f, int module, uint64_t offset, const char *function)
{
	f->native[f->native_count++] = (struct native_frame){
		.module = module, .offset = offset, .function = (char *)function};
	f->stacks[f->stack_count - 1].native_count++;
}

static void add(struct distribution *sum, const struct distribution *part)
{
	uint64_t max_ns = part->max_ns > sum->max_ns ? part->max_ns : sum->max_ns;

	*sum = fixture_distribution(
		sum->count + part->count, sum->total_ns + part->total_ns, max_ns);
}

void fixture_sum(struct fixture *f, double contention, uint64_t handoff_ns)
{
	struct gil_report *gil = &f->gils[f->gil_count - 1];

	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *t = &gil->threads[i];

		gil->held_ns += t->held_ns;
		gil->wait_ns += t->wait_ns;
		gil->acquisitions += t->acquisitions;
		gil->contended_acquisitions += t->contended_acquisitions;
		gil->drop_requests += t->drop_requests_sent;
		gil->forced_releases += t->drop_requests_received;
		add(&gil->hold, &t->hold);
		add(&gil->wait, &t->wait);
	}
	gil->utilization = (double)gil->held_ns / (double)gil->span_ns;
	gil->load = (double)gil->wait_ns / (double)gil->span_ns;
	gil->contention = contention;
	gil->handoff_ns = handoff_ns;
	gil->handoff = fixture_distribution(gil->contended_acquisitions, handoff_ns,
		gil->contended_acquisitions ? 3 * handoff_ns / gil->contended_acquisitions : 0);
	gil->drop_latency = fixture_distribution(gil->forced_releases,
		gil->forced_releases * 40 * US, gil->forced_releases ? 2 * MS : 0);
}

static void computing_threads(struct fixture *f, int count, const char *const *names)
{
	uint64_t turns = 10 * S / (5050 * US);
	uint64_t held = 9950 * MS / (uint64_t)count, waited = 10 * S - held;

	fixture_gil(f, 10 * S);
	for (int i = 0; i < count; i++) {
		struct thread_report *t = fixture_thread(f, names[i], held, turns / (uint64_t)count,
			waited, turns / (uint64_t)count);

		t->drop_requests_sent = t->drop_requests_received = turns / (uint64_t)count;
		t->wait_turn = t->wait;
	}
	fixture_thread(f, "MainThread", 21 * MS, 240, 3 * MS, 2);
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < count; k++)
			if (k != i)
				fixture_blame(f, i, k, (waited - 20 * MS) / (uint64_t)(count - 1));
		fixture_blame(f, i, BLAME_HANDOFF, 20 * MS);
	}
	fixture_blame(f, count, 0, 3 * MS);
	fixture_sum(f, 0.995, 20 * MS);
}

void fixture_two_cpu_threads(struct fixture *f)
{
	fixture_init(f);
	fixture_process(f, "python3 countdown.py threads", 4711);
	computing_threads(f, 2, (const char *[]){"Thread-1 (countdown)", "Thread-2 (countdown)"});
}

void fixture_four_cpu_threads(struct fixture *f)
{
	fixture_init(f);
	fixture_process(f, "python3 multi_threaded.py", 4711);
	computing_threads(f, 4, (const char *[]){"worker-0", "worker-1", "worker-2", "worker-3"});
}

/* Of a thread, and added to that of the GIL. */
static void fixture_forecast(struct fixture *f, int thread, uint64_t wait_ns, uint64_t saved_ns)
{
	struct gil_report *gil = last_gil(f);

	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		struct forecast_report *sum = &gil->forecast[i];

		gil->threads[thread].forecast[i] = *sum = (struct forecast_report){
			.interval_us = forecast_intervals_us[i],
			.smaller = true,
			.changed_waits = sum->changed_waits + (saved_ns > 0),
			.saved_ns = saved_ns + saved_ns / 8 * (uint64_t)i,
			.wait_ns = wait_ns - saved_ns - saved_ns / 8 * (uint64_t)i,
		};
	}
}

static void convoy_lines(struct fixture *f)
{
	const char *file = "/srv/app/mixed.py", *threading = "/srv/python/threading.py";

	fixture_site(f, file, 12, "compute", 9890 * MS, 1880, 30 * MS, 1800, 9370 * MS);
	fixture_site(f, file, 27, "Exchange.messages", 20 * MS, 1850, 9390 * MS, 1850, 20 * MS);
	fixture_site(f, threading, 1116, "Thread._wait_for_tstate_lock", 25 * MS, 80, 0, 0, 0);
	fixture_site(f, "", 0, "", 12 * MS, 70, 10 * MS, 10, 0);
	fixture_line_blame(f, 1, 1, 0, 0, 9360 * MS);
	fixture_line_blame(f, 1, 1, BLAME_HANDOFF, -1, 30 * MS);
	fixture_line_blame(f, 0, 0, 1, 1, 20 * MS);
	fixture_line_blame(f, 1, 3, 0, 0, 10 * MS);
	fixture_line_blame(f, 0, 0, BLAME_HANDOFF, -1, 10 * MS);
	fixture_stack(f, STACK_WAIT, 1, 1840, 9300 * MS, 10 * MS);
	fixture_python_frame(f, file, 27, "Exchange.messages");
	fixture_python_frame(f, threading, 975, "Thread.run");
	fixture_forecast(f, 0, 30 * MS, 0);
	fixture_forecast(f, 1, 9400 * MS, 7440 * MS);
}

void fixture_convoy(struct fixture *f)
{
	struct thread_report *cpu, *io;

	fixture_init(f);
	fixture_process(f, "python3 mixed.py", 4711);
	fixture_gil(f, 10 * S);
	cpu = fixture_thread(f, "cpu", 9900 * MS, 1900, 30 * MS, 1800);
	cpu->drop_requests_received = 1850;
	io = fixture_thread(f, "io", 22 * MS, 1900, 9400 * MS, 1860);
	io->drop_requests_sent = 1850;
	fixture_thread(f, "MainThread", 25 * MS, 80, 0, 0);
	fixture_blame(f, 1, 0, 9370 * MS);
	fixture_blame(f, 1, BLAME_HANDOFF, 30 * MS);
	fixture_blame(f, 0, 1, 20 * MS);
	fixture_blame(f, 0, BLAME_HANDOFF, 10 * MS);
	fixture_sum(f, 0.943, 40 * MS);
	convoy_lines(f);
}

static void long_hold_lines(struct fixture *f)
{
	const char *file = "/srv/app/solver.py";

	f->modules[0] =
		(struct module_report){(char *)"/usr/bin/python3.11", (char *)"", 0, 1 << 24};
	f->modules[1] =
		(struct module_report){(char *)"/srv/app/_solver.cpython-311-x86_64-linux-gnu.so",
			(char *)"", 1 << 28, 1 << 20};
	f->processes[0].module_count = 2;
	fixture_site(f, file, 88, "Grid.relax", 7900 * MS, 75, 0, 0, 7100 * MS);
	fixture_site(f, file, 40, "main.<locals>.<lambda>", 100 * MS, 5, 5 * MS, 70, 90 * MS);
	fixture_site(f, "/srv/app/ui.py", 7, "draw", 120 * MS, 400, 7200 * MS, 90, 5 * MS);
	fixture_line_blame(f, 1, 2, 0, 0, 7100 * MS);
	fixture_line_blame(f, 1, 2, 0, 1, 90 * MS);
	fixture_line_blame(f, 1, 2, BLAME_HANDOFF, -1, 10 * MS);
	fixture_line_blame(f, 0, 1, 1, 2, 5 * MS);
	fixture_stack(f, STACK_UNANSWERED, 0, 75, 7900 * MS, 150 * MS);
	fixture_python_frame(f, file, 88, "Grid.relax");
	fixture_python_frame(f, file, 131, "solve");
	fixture_python_frame(f, file, 140, "main");
	fixture_python_frame(f, "/srv/python/runpy.py", 88, "_run_code");
	fixture_python_frame(f, "", 0, "");
	fixture_python_frame(f, file, 1, "<module>");
	fixture_python_frame(f, file, 1, "<module>");
	fixture_native_frame(f, 1, 0x1f30, "relax_rows");
	fixture_native_frame(f, 1, 0x2000, NULL);
	fixture_native_frame(f, 0, 0x2000, "_PyEval_EvalFrameDefault");
	fixture_native_frame(f, 0, 0x2600, "_start");
	fixture_stack(f, STACK_HOLD, 0, 1, 0, FIGURE_UNKNOWN);
	fixture_native_frame(f, 0, 0x2000, NULL);
	fixture_native_frame(f, 1, 0x1f44, NULL);
	fixture_native_frame(f, 0, 0x2100, NULL);
	fixture_native_frame(f, 0, 0x2600, NULL);
}

void fixture_long_holds(struct fixture *f)
{
	struct gil_report *gil;
	struct thread_report *t;

	fixture_init(f);
	fixture_process(f, "python3 solver.py", 4711);
	gil = fixture_gil(f, 10 * S);
	t = fixture_thread(f, "solver", 8 * S, 80, 5 * MS, 70);
	t->drop_requests_received = 75;
	t->hold.max_ns = 150 * MS;
	t = fixture_thread(f, "ui", 120 * MS, 400, 7200 * MS, 90);
	t->drop_requests_sent = 75;
	fixture_blame(f, 1, 0, 7190 * MS);
	fixture_blame(f, 1, BLAME_HANDOFF, 10 * MS);
	fixture_blame(f, 0, 1, 5 * MS);
	fixture_sum(f, 0.72, 10 * MS);
	gil->drop_latency = fixture_distribution(75, 6800 * MS, 145 * MS);
	long_hold_lines(f);
}

void fixture_contention(struct fixture *f)
{
	fixture_init(f);
	fixture_process(f, "python3 io_threads.py", 4711);
	fixture_gil(f, 10 * S);
	for (int i = 0; i < 4; i++)
		fixture_thread(f,
			(const char *[]){"reader-0", "reader-1", "reader-2", "reader-3"}[i],
			1200 * MS, 1000000, 1500 * MS, 150000);
	for (int i = 0; i < 4; i++) {
		fixture_blame(f, i, (i + 1) % 4, 500 * MS);
		fixture_blame(f, i, (i + 2) % 4, 400 * MS);
		fixture_blame(f, i, BLAME_HANDOFF, 600 * MS);
	}
	fixture_sum(f, 0.55, 2400 * MS);
}

void fixture_single(struct fixture *f)
{
	fixture_init(f);
	fixture_process(f, "python3 countdown.py single", 4711);
	fixture_gil(f, 6200 * MS);
	fixture_thread(f, "MainThread", 6190 * MS, 31, 0, 0);
	fixture_sum(f, 0, 0);
}

void fixture_two_processes(struct fixture *f)
{
	fixture_init(f);
	for (int i = 0; i < 3; i++) {
		fixture_process(f, "python3 countdown.py processes", 4711 + 10 * i);
		fixture_gil(f, 4060 * MS);
		fixture_thread(f, "MainThread", i ? 4 * S : 40 * MS, i ? 31 : 250, 0, 0);
		if (i == 0)
			fixture_thread(f, "QueueFeederThread", 2 * MS, 12, 40 * US, 1);
		fixture_sum(f, 0, 0);
	}
}

void fixture_fifty_processes(struct fixture *f)
{
	fixture_two_cpu_threads(f);
	for (int i = 0; i < 49; i++) {
		fixture_process(f, "python3 -m worker --queue jobs --verbose", 5000 + i);
		fixture_gil(f, 3 * S);
		fixture_thread(f, "MainThread", 2 * S, 100, i * US, i > 0);
		fixture_sum(f, 0, 0);
	}
}

void fixture_many_threads(struct fixture *f)
{
	static char names[64][32];

	fixture_init(f);
	fixture_process(f, "python3 server.py", 4711);
	fixture_gil(f, 60 * S);
	for (int i = 0; i < 64; i++) {
		const char digits[] = {(char)('0' + i / 10), (char)('0' + i % 10), '\0'};

		strcpy(names[i], "ThreadPoolExecutor-0_");
		strcat(names[i], digits);
		fixture_thread(f, names[i], (uint64_t)(800 - 3 * i) * MS, 40000,
			(uint64_t)(400 - i) * MS, 3000);
	}
	for (int i = 0; i < 64; i++)
		for (int k = 0; k < 64; k++)
			if (i != k)
				fixture_blame(f, i, k, (uint64_t)(400 - i) * MS / 63);
	fixture_sum(f, 0.33, 2 * S);
}

void fixture_unknown(struct fixture *f)
{
	struct process_report *process;
	struct gil_report *gil;

	fixture_init(f);
	f->report.complete = false;
	f->report.lost_events = 45678;
	f->report.doubts[DOUBT_LOST_EVENTS] = (struct doubt){45678, true};
	f->report.doubts[DOUBT_UNFINISHED] = (struct doubt){1, true};
	f->report.doubts[DOUBT_UNATTRIBUTED_WAIT] = (struct doubt){1234567, true};
	process = fixture_process(f, "python3.13t free.py", 100);
	process->gil_mode = GIL_DISABLED;
	process = fixture_process(f, "pypy3 x.py", 101);
	process->gil_mode = GIL_MODE_UNKNOWN;
	process->implementation = process->version = (char *)"";
	process = fixture_process(f, "python3 killed.py", 102);
	process->exited = false;
	gil = fixture_gil(f, 10 * S);
	fixture_thread(f, "MainThread", 4 * S, 1000, 1 * S, 300);
	fixture_thread(f, "", 4 * S, 1000, 1 * S, 300);
	fixture_sum(f, 0.2, 10 * MS);
	gil->held_ns = gil->threads[0].held_ns = FIGURE_UNKNOWN;
	gil->utilization = NAN;
	gil->drop_latency.count = 5;
	gil->drop_latency.max_ns = FIGURE_UNKNOWN;
}

void fixture_hostile_names(struct fixture *f)
{
	static const char *const names[] = {
		"\033[31mred\033[0m\a",			    /* terminal escapes */
		"broken \xff\xc3 bytes",		    /* not UTF-8 */
		"工作线程-一二三四五六七八九十甲乙丙丁",    /* two columns each */
		"cafe\xcc\x81 \xf0\x9f\x90\x8d two\nlines", /* combining, emoji, line break */
		"\xe2\x80\xaegnirts",			    /* writing direction */
	};

	fixture_init(f);
	f->report.path =
		(char *)"/tmp/\033]0;title\a/a-very-long-path/without-any-space/which-has-to-be-"
			"broken/somewhere/because-it-is-wider-than/the-terminal";
	fixture_process(
		f, "python3 \033[2J\xf0\x28 工作线程工作线程工作线程工作线程工作线程.py", 4711);
	computing_threads(f, 5, names);
}

/* A part of the convoy, and one region that was not left. */
void fixture_region(struct fixture *f)
{
	fixture_convoy(f);
	f->report.region = (char *)"Exchange \033[31m";
	f->regions[0] = (struct region_report){
		.name = (char *)"Exchange \033[31m", .count = 1850, .total_ns = 9 * S, .threads = 2};
	f->regions[1] = (struct region_report){.name = (char *)"warm up",
		.count = 2,
		.total_ns = 10 * MS,
		.threads = 1,
		.unclosed = 1};
	f->regions[2] = (struct region_report){
		.name = (char *)"never begun", .threads = 1, .unmatched = 3};
	f->processes[0].region_count = 3;
	f->threads[0].all_acquisitions = f->threads[0].acquisitions;
	f->threads[0].all_drop_requests_received = f->threads[0].drop_requests_received;
}

/* Fabricated reports for the tests of verdicts, tables and renderers: no allocation, nothing to
 * free. */
#ifndef REPORT_FIXTURE_H
#define REPORT_FIXTURE_H

#include "stats/report.h"

#define MS UINT64_C(1000000)
#define US UINT64_C(1000)
#define S UINT64_C(1000000000)

struct fixture {
	struct report report;
	struct process_report processes[64];
	struct gil_report gils[64];
	struct thread_report threads[128];
	struct blame_report blame[4500];
	struct site_report sites[64];
	struct line_blame_report line_blame[64];
	struct stack_report stacks[8];
	struct python_frame python[32];
	struct native_frame native[32];
	struct module_report modules[8];
	struct region_report regions[8];
	size_t gil_count;
	size_t thread_count;
	size_t blame_count;
	size_t site_count;
	size_t line_blame_count;
	size_t stack_count;
	size_t python_count;
	size_t native_count;
};

/* A whole trace without processes. */
void fixture_init(struct fixture *f);

/* Strings are not copied. A process gets its GILs before the next process is added, and so on down.
 */
struct process_report *fixture_process(struct fixture *f, const char *command, int32_t pid);
struct gil_report *fixture_gil(struct fixture *f, uint64_t span_ns);

/* `waits` of its `takes` waited; the distributions are made up to fit. */
struct thread_report *fixture_thread(struct fixture *f, const char *name, uint64_t held_ns,
	uint64_t takes, uint64_t wait_ns, uint64_t waits);
void fixture_blame(struct fixture *f, int waiter, int holder, uint64_t wait_ns);

/* A line of the last GIL, held and waited at, and an entry of blame by line. */
struct site_report *fixture_site(struct fixture *f, const char *file, int32_t line,
	const char *function, uint64_t held_ns, uint64_t holds, uint64_t wait_ns, uint64_t waits,
	uint64_t blocked_ns);
void fixture_line_blame(struct fixture *f, int waiter, int waiter_site, int holder, int holder_site,
	uint64_t wait_ns);

/* A stack of the last GIL; frames are added to it, innermost first. */
struct stack_report *fixture_stack(struct fixture *f, enum stack_kind kind, int thread,
	uint64_t count, uint64_t total_ns, uint64_t max_ns);
void fixture_python_frame(struct fixture *f, const char *file, int32_t line, const char *function);
void fixture_native_frame(struct fixture *f, int module, uint64_t offset, const char *function);

/* Sums of the last GIL from its threads; contention and handoff_ns are given. */
void fixture_sum(struct fixture *f, double contention, uint64_t handoff_ns);

/* A distribution of `count` durations that add up to `total_ns`, the longest of them `max_ns`. */
struct distribution fixture_distribution(uint64_t count, uint64_t total_ns, uint64_t max_ns);

/* The situations. */
void fixture_two_cpu_threads(struct fixture *f);
void fixture_four_cpu_threads(struct fixture *f);
void fixture_convoy(struct fixture *f);
void fixture_long_holds(struct fixture *f);
void fixture_contention(struct fixture *f);
void fixture_single(struct fixture *f);
void fixture_two_processes(struct fixture *f);
void fixture_fifty_processes(struct fixture *f);
void fixture_many_threads(struct fixture *f);
void fixture_unknown(struct fixture *f);
void fixture_hostile_names(struct fixture *f);
void fixture_region(struct fixture *f);

#endif /* REPORT_FIXTURE_H */

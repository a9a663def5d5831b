/* Which situation the figures of a GIL show: the rules of verdict.h. */
#include "tables/verdict.h"

#include <math.h>

#include <glib.h>

#include "tables/figures.h"
#include "tables/verdict_lines.h"
#include "tables/verdict_words.h"

/* What the blame entries say about one thread. */
struct standing {
	bool computes;
	bool loses;	     /* holds little, waits long behind computing threads */
	uint64_t blamed;     /* others' waits while it held */
	uint64_t behind;     /* its waits while a computing thread held */
	uint64_t behind_top; /* ... while that one of them held which it waited for most */
	int top;
};

struct judgement {
	const struct report *report;
	const struct process_report *process;
	const struct gil_report *gil;
	struct standing *standings;
	struct verdict_figures *figures;
};

static uint64_t known(uint64_t figure)
{
	return figure == FIGURE_UNKNOWN ? 0 : figure;
}

/* What a thread is, it also is outside of a region. */
static bool computes(const struct report *report, const struct thread_report *t)
{
	if (report->region)
		return figure_ratio(t->all_drop_requests_received, t->all_acquisitions) >=
		       VERDICT_FORCED_SHARE;
	return figure_ratio(t->drop_requests_received, t->acquisitions) >= VERDICT_FORCED_SHARE;
}

static bool loses(const struct thread_report *t, const struct standing *s, uint64_t interval)
{
	double hold = figure_ratio(figure_mean(t->held_ns, t->acquisitions), interval);
	double wait = figure_ratio(t->wait.mean_ns, interval);

	return !s->computes && hold <= VERDICT_BRIEF_HOLD && wait >= VERDICT_CONVOY_WAIT &&
	       t->wait.count >= VERDICT_CONVOY_WAITS &&
	       figure_ratio(t->wait_ns, t->alive_ns) >= VERDICT_CONVOY_LOST &&
	       figure_ratio(s->behind, t->wait_ns) >= VERDICT_DOMINANT_SHARE;
}

static struct standing *standings_new(const struct report *report, const struct gil_report *gil)
{
	struct standing *standings = g_new0(struct standing, gil->thread_count);

	for (size_t i = 0; i < gil->thread_count; i++) {
		standings[i].computes = computes(report, &gil->threads[i]);
		standings[i].top = -1;
	}
	for (size_t i = 0; i < gil->blame_count; i++) {
		const struct blame_report *blame = &gil->blame[i];
		struct standing *waiter = &standings[blame->waiter];

		if (blame->holder < 0)
			continue;
		standings[blame->holder].blamed += blame->wait_ns;
		if (!standings[blame->holder].computes)
			continue;
		waiter->behind += blame->wait_ns;
		if (blame->wait_ns > waiter->behind_top) {
			waiter->behind_top = blame->wait_ns;
			waiter->top = blame->holder;
		}
	}
	for (size_t i = 0; i < gil->thread_count; i++)
		standings[i].loses =
			loses(&gil->threads[i], &standings[i], figure_interval_ns(gil));
	return standings;
}

static bool single_threaded(const struct gil_report *gil)
{
	if (gil->load >= VERDICT_LOAD_NONE)
		return false;
	if (gil->thread_count == 1)
		return true;
	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *t = &gil->threads[i];

		if (figure_ratio(t->held_ns, gil->held_ns) > VERDICT_SINGLE_SHARE &&
			figure_ratio(t->acquisitions, gil->acquisitions) > VERDICT_SINGLE_SHARE)
			return true;
	}
	return false;
}

static bool long_holds(const struct judgement *j, double share)
{
	const struct distribution *latency = &j->gil->drop_latency;
	double contended_ns = j->gil->contention * (double)j->gil->span_ns;

	if (latency->count == 0 || latency->total_ns == FIGURE_UNKNOWN ||
		latency->p99_ns == FIGURE_UNKNOWN || j->gil->span_ns == FIGURE_UNKNOWN)
		return false;
	j->figures->unanswered = (double)latency->total_ns / contended_ns;
	return j->figures->unanswered >= share &&
	       latency->p99_ns >= VERDICT_LONG_HOLD_INTERVALS * figure_interval_ns(j->gil);
}

/* Fills the figures about the threads that `chosen` picks out. */
static void describe_group(
	const struct judgement *j, bool (*chosen)(const struct judgement *, size_t))
{
	const struct gil_report *gil = j->gil;
	uint64_t wanted = 0, wait = 0, alive = 0, longest = 0, behind = 0, most = 0;

	j->figures->threads = 0;
	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *t = &gil->threads[i];

		if (!chosen(j, i))
			continue;
		j->figures->threads++;
		wanted = figure_sum(wanted, figure_sum(t->held_ns, t->wait_ns));
		wait = figure_sum(wait, t->wait_ns);
		alive = figure_sum(alive, t->alive_ns);
		longest = MAX(longest, t->alive_ns);
		behind += j->standings[i].behind;
		if (known(t->held_ns) > most) {
			most = t->held_ns;
			j->figures->turn_ns = t->hold.p50_ns;
		}
	}
	j->figures->demand = figure_ratio(wanted, longest);
	j->figures->wait_share = figure_ratio(wait, alive);
	j->figures->mutual_share = gil->blame_count ? figure_ratio(behind, wait) : NAN;
}

static bool chosen_computes(const struct judgement *j, size_t thread)
{
	return j->standings[thread].computes;
}

static bool chosen_waits(const struct judgement *j, size_t thread)
{
	return known(j->gil->threads[thread].wait_ns) > 0;
}

static void describe_victim(const struct judgement *j)
{
	struct verdict_figures *f = j->figures;
	const struct thread_report *t;

	for (size_t i = 0; i < j->gil->thread_count; i++) {
		if (!j->standings[i].loses)
			continue;
		f->victims++;
		if (f->victim < 0 ||
			j->gil->threads[i].wait_ns > j->gil->threads[f->victim].wait_ns)
			f->victim = (int)i;
	}
	if (f->victim < 0)
		return;
	t = &j->gil->threads[f->victim];
	f->victim_waits = t->wait.count;
	f->victim_wait_ns = t->wait.mean_ns;
	f->victim_hold_ns = figure_mean(t->held_ns, t->acquisitions);
	f->victim_lost = figure_ratio(t->wait_ns, t->alive_ns);
	f->holder = j->standings[f->victim].top;
	f->behind_holder = figure_ratio(j->standings[f->victim].behind_top, t->wait_ns);
}

/* The thread that most waiting is behind; with `least_ns`, only one that has held so long at a
 * time. */
static void describe_holder(const struct judgement *j, uint64_t least_ns)
{
	struct verdict_figures *f = j->figures;
	uint64_t most = 0;

	for (size_t i = 0; i < j->gil->thread_count; i++) {
		if (j->standings[i].blamed <= most ||
			known(j->gil->threads[i].hold.max_ns) < least_ns)
			continue;
		most = j->standings[i].blamed;
		f->holder = (int)i;
		f->behind_holder = figure_ratio(most, j->gil->wait_ns);
	}
	if (!(f->behind_holder >= VERDICT_DOMINANT_SHARE))
		f->holder = -1;
}

/* Somebody waits, and it is not for holders that do not let go: for whom, then? */
static enum verdict_kind judge_waiting(const struct judgement *j)
{
	uint64_t computing = 0, losing = 0;
	size_t computing_count = 0;

	for (size_t i = 0; i < j->gil->thread_count; i++) {
		uint64_t wait = known(j->gil->threads[i].wait_ns);

		computing += j->standings[i].computes ? wait : 0;
		computing_count += j->standings[i].computes;
		losing += j->standings[i].loses ? wait : 0;
	}
	if (losing > computing && figure_ratio(losing, j->gil->wait_ns) >= VERDICT_DOMINANT_SHARE) {
		describe_group(j, chosen_computes);
		describe_victim(j);
		return VERDICT_CONVOY;
	}
	if (computing_count >= 2 &&
		figure_ratio(computing, j->gil->wait_ns) >= VERDICT_DOMINANT_SHARE) {
		describe_group(j, chosen_computes);
		describe_victim(j);
		return VERDICT_CPU_BOUND;
	}
	describe_group(j, chosen_waits);
	describe_holder(j, 0);
	return VERDICT_CONTENTION;
}

static bool worthless(const struct report *report)
{
	if (!report->doubts[DOUBT_LOST_EVENTS].present || report->lost_events == FIGURE_UNKNOWN)
		return false;
	return figure_ratio(report->lost_events, report->events + report->lost_events) >
	       VERDICT_LOSS_WORTHLESS;
}

static enum verdict_kind describe_long_holds(const struct judgement *j)
{
	describe_group(j, chosen_waits);
	describe_holder(j, VERDICT_LONG_HOLD_INTERVALS * figure_interval_ns(j->gil));
	return VERDICT_LONG_HOLDS;
}

/* Of PyPy the waiting is known, but nothing that could explain it. */
static enum verdict_kind judge_waits_alone(const struct judgement *j)
{
	if (worthless(j->report) || isnan(j->gil->load))
		return VERDICT_UNKNOWN;
	if (j->gil->load < VERDICT_LOAD_NONE)
		return VERDICT_NO_CONTENTION;
	describe_group(j, chosen_waits);
	j->figures->mutual_share = NAN;
	return VERDICT_CONTENTION;
}

static enum verdict_kind judge(const struct judgement *j)
{
	const struct gil_report *gil = j->gil;
	enum verdict_kind kind;

	if (!gil && j->process->gil_mode == GIL_DISABLED)
		return VERDICT_FREE_THREADED;
	if (!gil && j->process->gil_mode == GIL_NONE)
		return VERDICT_NO_GIL;
	if (gil && gil->kind == INTERPRETER_PYPY)
		return judge_waits_alone(j);
	if (!gil || gil->acquisitions == 0 || gil->acquisitions == FIGURE_UNKNOWN ||
		worthless(j->report))
		return VERDICT_UNKNOWN;
	if (single_threaded(gil))
		return VERDICT_SINGLE_THREADED;
	if (isnan(gil->load))
		return VERDICT_UNKNOWN;
	if (gil->load < VERDICT_LOAD_NONE)
		return VERDICT_NO_CONTENTION;
	if (long_holds(j, VERDICT_UNANSWERED_MOSTLY))
		return describe_long_holds(j);
	kind = judge_waiting(j);
	/* Many threads make a mean waiter while each of them hardly ever is one. */
	if (kind == VERDICT_CONTENTION && j->figures->wait_share < VERDICT_SHARE_NONE)
		return VERDICT_NO_CONTENTION;
	if (kind == VERDICT_CONTENTION && long_holds(j, VERDICT_UNANSWERED_SHARE))
		return describe_long_holds(j);
	return kind;
}

static enum verdict_severity severity(const struct verdict *verdict, const struct gil_report *gil)
{
	switch (verdict->kind) {
	case VERDICT_UNKNOWN:
	case VERDICT_NO_GIL:
	case VERDICT_FREE_THREADED:
		return VERDICT_SEVERITY_UNKNOWN;
	case VERDICT_SINGLE_THREADED:
	case VERDICT_NO_CONTENTION:
		return VERDICT_SEVERITY_NONE;
	default:
		return gil->load >= VERDICT_LOAD_HIGH ? VERDICT_SEVERITY_HIGH
						      : VERDICT_SEVERITY_LOW;
	}
}

static bool doubtful(const struct report *report)
{
	return report->doubts[DOUBT_LOST_EVENTS].present ||
	       report->doubts[DOUBT_SEQUENCE_GAP].present ||
	       report->doubts[DOUBT_OVERLAP].present || report->doubts[DOUBT_IMPOSSIBLE].present ||
	       report->doubts[DOUBT_TRUNCATED].present;
}

void verdict_init(struct verdict *verdict, const struct report *report,
	const struct process_report *process, const struct gil_report *gil)
{
	struct judgement j = {report, process, gil, NULL, &verdict->figures};

	*verdict = (struct verdict){
		.qualified = doubtful(report),
		.figures =
			{
				.demand = NAN,
				.wait_share = NAN,
				.mutual_share = NAN,
				.turn_ns = FIGURE_UNKNOWN,
				.unanswered = NAN,
				.holder = -1,
				.behind_holder = NAN,
				.victim = -1,
				.victim_waits = FIGURE_UNKNOWN,
				.victim_wait_ns = FIGURE_UNKNOWN,
				.victim_hold_ns = FIGURE_UNKNOWN,
				.victim_lost = NAN,
				.site = -1,
				.behind_site = NAN,
				.site_hold_ns = FIGURE_UNKNOWN,
				.unanswered_stack = -1,
			},
	};
	if (gil)
		j.standings = standings_new(report, gil);
	verdict->kind = judge(&j);
	verdict->severity = severity(verdict, gil);
	if (verdict->severity >= VERDICT_SEVERITY_LOW)
		verdict_lines_describe(&verdict->figures, gil);
	verdict_words_fill(verdict, report, process, gil);
	g_free(j.standings);
}

void verdict_release(struct verdict *verdict)
{
	g_free(verdict->sentence);
	g_free(verdict->next);
}

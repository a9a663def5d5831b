/* Judges runs of a program by rules; see judge.h. */
#include "check/judge.h"

#include <signal.h>
#include <string.h>

const char *gate_verdict_key(enum gate_verdict verdict)
{
	static const char *const keys[] = {
		[GATE_PASS] = "pass", [GATE_WORSE] = "worse", [GATE_UNKNOWN] = "unknown"};

	return keys[verdict];
}

void run_free(struct run *run)
{
	if (!run)
		return;
	json_decref(run->report);
	g_free(run->name);
	g_free(run->problem);
	g_free(run);
}

static const struct run *run_at(const struct case_of_judgement *of, guint i)
{
	return g_ptr_array_index(of->runs, i);
}

static void set_unknown(struct outcome *outcome, char *reason)
{
	outcome->verdict = GATE_UNKNOWN;
	g_free(outcome->reason);
	outcome->reason = reason;
}

static char *absent_reason(const struct rule *rule)
{
	const char *patterns[] = {rule->thread, rule->site, rule->region, rule->process};
	static const char *const words[] = {"thread", "line", "region", "process"};

	for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++)
		if (patterns[i])
			return g_strdup_printf("no %s '%s' occurs%s", words[i], patterns[i],
				rule->optional
					? ""
					: "; if that is well, give the rule 'optional = true'");
	return g_strdup("no GIL was found; giltrace doctor looks for the reason");
}

/* The values of all runs. */
static void gather(struct outcome *outcome, const struct case_of_judgement *of)
{
	bool upper = limit_is_upper(outcome->kind);
	guint absent = 0;

	for (guint i = 0; i < of->runs->len && !outcome->reason; i++) {
		struct observation observation;

		observe(&observation, run_at(of, i)->report, outcome->rule, upper);
		if (observation.state == NOT_KNOWN) {
			set_unknown(outcome, g_steal_pointer(&observation.reason));
		} else if (observation.state != ABSENT) {
			series_add(&outcome->series, observation.value);
		} else if (!outcome->rule->optional) {
			set_unknown(outcome, absent_reason(outcome->rule));
		} else {
			absent++;
			/* What does not occur does no harm; a least of it is not asked for. */
			if (upper)
				series_add(&outcome->series, 0);
		}
		observation_release(&observation);
	}
	outcome->absent = absent == of->runs->len;
	if (outcome->verdict == GATE_UNKNOWN)
		series_release(&outcome->series);
	series_sort(&outcome->series);
}

static void set_baseline(struct outcome *outcome, const struct case_of_judgement *of)
{
	bool upper = limit_is_upper(outcome->kind);
	const struct series *series =
		of->baseline ? baseline_find(of->baseline, outcome->rule, upper) : NULL;

	if (!series)
		return;
	outcome->has_baseline = true;
	outcome->baseline_count = series->count;
	outcome->baseline = series_median(series);
	outcome->baseline_least = series_least(series);
	outcome->baseline_most = series_most(series);
}

/*
 * From a baseline: what is allowed on top of its median, and never less than what
 * its own runs differ by, put once more beyond the worst of them.
 */
static double relative_limit(const struct outcome *outcome)
{
	const struct limit *limit = &outcome->rule->limits[outcome->kind];
	double spread = outcome->baseline_most - outcome->baseline_least;
	double allowed = MAX(limit->value, limit->relative * outcome->baseline);

	if (limit_is_upper(outcome->kind))
		return MAX(outcome->baseline + allowed, outcome->baseline_most + spread);
	return MIN(outcome->baseline - allowed, outcome->baseline_least - spread);
}

/* Why there is no baseline to compare with; NULL: there is one. */
static char *baseline_reason(const struct outcome *outcome, const struct case_of_judgement *of,
	const struct judgement *judgement)
{
	char *mismatch;

	if (!of->baseline)
		return g_strdup("there is no baseline; giltrace check --update-baseline writes it");
	mismatch = baseline_mismatch(
		of->baseline, of->machine, of->config->any_machine, judgement->interpreter);
	if (mismatch)
		return mismatch;
	if (!outcome->has_baseline)
		return g_strdup("it is not in the baseline; giltrace check --update-baseline "
				"writes it anew");
	if (of->runs->len < BASELINE_RUNS_LEAST)
		return g_strdup_printf("against a baseline it takes at least %d runs, and there %s "
				       "%u; say --repeat %d",
			BASELINE_RUNS_LEAST, of->runs->len == 1 ? "is" : "are", of->runs->len,
			BASELINE_RUNS_LEAST);
	if (of->baseline->runs < BASELINE_RUNS_LEAST)
		return g_strdup_printf("the baseline is of %u run%s, and how far a figure varies "
				       "takes at least %d",
			of->baseline->runs, of->baseline->runs == 1 ? "" : "s",
			BASELINE_RUNS_LEAST);
	/* What may be absent may have been so in some of these runs. */
	if (outcome->baseline_count < BASELINE_RUNS_LEAST)
		return g_strdup_printf("the baseline has %zu value%s of it, and how far a figure "
				       "varies takes at least %d",
			outcome->baseline_count, outcome->baseline_count == 1 ? "" : "s",
			BASELINE_RUNS_LEAST);
	return NULL;
}

static void set_limit(struct outcome *outcome, const struct case_of_judgement *of,
	const struct judgement *judgement)
{
	char *reason;

	set_baseline(outcome, of);
	if (!limit_is_relative(outcome->kind)) {
		outcome->limit = outcome->rule->limits[outcome->kind].value;
		outcome->has_limit = true;
		return;
	}
	reason = baseline_reason(outcome, of, judgement);
	outcome->has_limit = !reason;
	if (!reason)
		outcome->limit = relative_limit(outcome);
	else if (outcome->verdict != GATE_UNKNOWN)
		set_unknown(outcome, reason);
	else
		g_free(reason);
}

/* From the run that is nearest to the median. */
static void find_causes(struct outcome *outcome, const struct case_of_judgement *of)
{
	struct observation best = {0};
	double median = series_median(&outcome->series), distance = 0;
	bool upper = limit_is_upper(outcome->kind);

	for (guint i = 0; i < of->runs->len; i++) {
		struct observation observation;
		double away;

		observe(&observation, run_at(of, i)->report, outcome->rule, upper);
		away = ABS(observation.value - median);
		if (observation.object && (!best.object || away < distance)) {
			best = observation;
			distance = away;
		}
	}
	g_ptr_array_unref(outcome->causes);
	outcome->causes = causes_find(&best, outcome->rule);
}

static void decide(struct outcome *outcome, const struct case_of_judgement *of)
{
	double now;

	if (outcome->verdict == GATE_UNKNOWN || outcome->series.count == 0)
		return;
	now = series_median(&outcome->series);
	if (limit_is_upper(outcome->kind) ? now <= outcome->limit : now >= outcome->limit)
		return;
	outcome->verdict = GATE_WORSE;
	find_causes(outcome, of);
}

static struct outcome *judge_limit(struct judgement *judgement, const struct case_of_judgement *of,
	const struct rule *rule, enum limit_kind kind)
{
	struct outcome *outcome = g_new0(struct outcome, 1);

	outcome->rule = rule;
	outcome->kind = kind;
	outcome->causes = g_ptr_array_new();
	g_ptr_array_add(judgement->outcomes, outcome);
	if (judgement->refusal)
		set_unknown(outcome, g_strdup(judgement->refusal));
	else
		gather(outcome, of);
	set_limit(outcome, of, judgement);
	decide(outcome, of);
	return outcome;
}

static char *status_words(const struct run *run)
{
	g_autofree char *which = run->name ? g_strdup_printf(" (%s)", run->name) : g_strdup("");

	if (run->status > 128)
		return g_strdup_printf("the program failed: it ended with status %d, as by signal "
				       "%d (%s)%s",
			run->status, run->status - 128, strsignal(run->status - 128), which);
	return g_strdup_printf("the program failed: it ended with status %d%s", run->status, which);
}

static char *problem_of(const struct run *run, const GPtrArray *accepted)
{
	if (!run->report)
		return g_strdup(run->problem ? run->problem : "there is no report");
	return refusal_of(run->report, accepted);
}

/* Why nothing can be said, whatever it is about. */
static char *refuse(const struct case_of_judgement *of)
{
	if (of->runs->len == 0)
		return g_strdup("there is no run to judge");
	for (guint i = 0; i < of->runs->len; i++)
		if (run_at(of, i)->status)
			return status_words(run_at(of, i));
	for (guint i = 0; i < of->runs->len; i++) {
		char *reason = problem_of(run_at(of, i), of->config->accepted);
		char *named;

		if (!reason)
			continue;
		if (of->runs->len == 1 || !run_at(of, i)->name)
			return reason;
		named = g_strdup_printf("%s: %s", run_at(of, i)->name, reason);
		g_free(reason);
		return named;
	}
	return NULL;
}

static void free_outcome(void *data)
{
	struct outcome *outcome = data;

	series_release(&outcome->series);
	g_free(outcome->reason);
	g_ptr_array_unref(outcome->causes);
	g_free(outcome);
}

/* Different runs on different interpreters cannot be told apart from a change. */
static char *common_interpreter(const struct case_of_judgement *of, char **refusal)
{
	char *first = NULL;

	for (guint i = 0; i < of->runs->len; i++) {
		const struct run *run = run_at(of, i);
		g_autofree char *name = run->report ? interpreters_of(run->report) : g_strdup("");

		if (!first)
			first = g_steal_pointer(&name);
		else if (strcmp(first, name) != 0 && !*refusal)
			*refusal = g_strdup_printf(
				"the runs are of different interpreters: %s and %s", first, name);
	}
	return first ? first : g_strdup("");
}

char *judge_refusal(const struct case_of_judgement *of, char **interpreter)
{
	char *refusal = refuse(of);

	*interpreter = common_interpreter(of, &refusal);
	return refusal;
}

void judge(struct judgement *judgement, const struct case_of_judgement *of)
{
	memset(judgement, 0, sizeof(*judgement));
	judgement->outcomes = g_ptr_array_new_with_free_func(free_outcome);
	judgement->runs = of->runs->len;
	judgement->refusal = judge_refusal(of, &judgement->interpreter);
	judgement->verdict = judgement->refusal ? GATE_UNKNOWN : GATE_PASS;
	for (guint i = 0; i < of->config->rules->len; i++) {
		const struct rule *rule = g_ptr_array_index(of->config->rules, i);

		for (int kind = 0; kind < LIMITS; kind++) {
			const struct outcome *outcome;

			if (!rule->limits[kind].given)
				continue;
			outcome = judge_limit(judgement, of, rule, (enum limit_kind)kind);
			/* One certain regression is certain, whatever else is not known. */
			if (outcome->verdict == GATE_WORSE || judgement->verdict == GATE_PASS)
				judgement->verdict = outcome->verdict;
		}
	}
}

void judgement_release(struct judgement *judgement)
{
	g_clear_pointer(&judgement->outcomes, g_ptr_array_unref);
	g_clear_pointer(&judgement->refusal, g_free);
	g_clear_pointer(&judgement->interpreter, g_free);
}

void judgement_to_baseline(const struct judgement *judgement, struct baseline *baseline)
{
	baseline->runs = (unsigned)judgement->runs;
	baseline->interpreter = g_strdup(judgement->interpreter);
	for (guint i = 0; i < judgement->outcomes->len; i++) {
		const struct outcome *outcome = g_ptr_array_index(judgement->outcomes, i);

		if (outcome->series.count)
			baseline_add(baseline, outcome->rule, limit_is_upper(outcome->kind),
				&outcome->series);
	}
}

/* The words for outcomes of a gate; see gate_words.h. */
#include "render/gate_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/humane.h"
#include "base/utf8.h"

char *gate_label(const struct outcome *outcome)
{
	g_autofree char *subject = rule_subject(outcome->rule);

	return utf8_clean(outcome->rule->name ? outcome->rule->name : subject);
}

char *gate_value(enum unit unit, double value)
{
	char text[HUMANE_SIZE];

	switch (unit) {
	case UNIT_NS:
		return g_strdup(humane_duration(text, (uint64_t)(value + 0.5)));
	case UNIT_SHARE:
		return g_strdup(humane_share(text, value));
	case UNIT_COUNT:
		if (value == floor(value))
			return g_strdup(humane_count(text, (uint64_t)value));
		return g_strdup(humane_number(text, value));
	default:
		return g_strdup(humane_number(text, value));
	}
}

static enum unit unit_of(const struct outcome *outcome)
{
	return outcome->rule->figure.unit;
}

char *gate_limit(const struct outcome *outcome)
{
	g_autofree char *value = NULL;

	if (!outcome->has_limit)
		return g_strdup("-");
	/* What may fall to nothing or below may fall to nothing. */
	value = gate_value(unit_of(outcome), MAX(outcome->limit, 0));
	return g_strdup_printf(
		"%s %s", limit_is_upper(outcome->kind) ? "at most" : "at least", value);
}

char *gate_now(const struct outcome *outcome)
{
	if (outcome->absent)
		return g_strdup("none");
	if (outcome->series.count == 0)
		return g_strdup("?");
	return gate_value(unit_of(outcome), series_median(&outcome->series));
}

char *gate_range(const struct outcome *outcome)
{
	const struct series *series = &outcome->series;
	g_autofree char *least = NULL, *most = NULL;

	if (outcome->absent || series->count < 2)
		return g_strdup("");
	least = gate_value(unit_of(outcome), series_least(series));
	most = gate_value(unit_of(outcome), series_most(series));
	return strcmp(least, most) == 0 ? g_strdup("") : g_strdup_printf("%s .. %s", least, most);
}

char *gate_baseline(const struct outcome *outcome)
{
	return outcome->has_baseline ? gate_value(unit_of(outcome), outcome->baseline)
				     : g_strdup("");
}

const char *gate_verdict_words(enum gate_verdict verdict)
{
	static const char *const words[] = {
		[GATE_PASS] = "ok", [GATE_WORSE] = "WORSE", [GATE_UNKNOWN] = "unknown"};

	return words[verdict];
}

char *gate_sentence(const struct outcome *outcome)
{
	g_autofree char *subject = NULL, *now = NULL, *limit = NULL, *baseline = NULL,
			*sentence = NULL;

	if (outcome->verdict == GATE_UNKNOWN) {
		sentence = g_strdup_printf("cannot tell: %s", outcome->reason);
		return utf8_clean(sentence);
	}
	subject = rule_subject(outcome->rule);
	now = gate_now(outcome);
	limit = gate_limit(outcome);
	baseline = gate_baseline(outcome);
	sentence = g_strdup_printf("%s is %s%s%s%s, and has to be %s", subject, now,
		*baseline ? " (baseline " : "", baseline, *baseline ? ")" : "", limit);
	return utf8_clean(sentence);
}

char *gate_cause(const struct cause *cause)
{
	g_autofree char *name = g_path_get_basename(cause->file);
	g_autofree char *text =
		g_strdup_printf("%s:%d %s: %s", name, cause->line, cause->function, cause->words);

	return utf8_clean(text);
}

size_t gate_count(const struct judgement *judgement, enum gate_verdict verdict)
{
	size_t count = 0;

	for (guint i = 0; i < judgement->outcomes->len; i++) {
		const struct outcome *outcome = g_ptr_array_index(judgement->outcomes, i);

		count += outcome->verdict == verdict;
	}
	return count;
}

char *gate_summary(const struct judgement *judgement)
{
	size_t worse = gate_count(judgement, GATE_WORSE);
	size_t unknown = gate_count(judgement, GATE_UNKNOWN);
	guint all = judgement->outcomes->len;

	if (judgement->refusal) {
		g_autofree char *text = g_strdup_printf("Cannot tell: %s", judgement->refusal);

		return utf8_clean(text);
	}
	if (worse && unknown)
		return g_strdup_printf(
			"Worse: %zu of %u limits not kept, and of %zu nobody can tell", worse, all,
			unknown);
	if (worse)
		return g_strdup_printf(
			"Worse: %zu of %u limit%s not kept", worse, all, all == 1 ? "" : "s");
	if (unknown)
		return g_strdup_printf(
			"Cannot tell of %zu of %u limit%s", unknown, all, all == 1 ? "" : "s");
	return g_strdup_printf("Pass: %u limit%s kept", all, all == 1 ? "" : "s");
}

char *gate_runs(const struct judgement *judgement)
{
	g_autofree char *text =
		g_strdup_printf("%zu run%s%s%s", judgement->runs, judgement->runs == 1 ? "" : "s",
			*judgement->interpreter ? ", " : "", judgement->interpreter);

	return utf8_clean(text);
}

char *gate_relative(const char *root, const char *file)
{
	size_t length = root ? strlen(root) : 0;

	if (length && strncmp(file, root, length) == 0 && file[length] == '/')
		return utf8_clean(file + length + 1);
	return utf8_clean(g_str_has_prefix(file, "./") ? file + 2 : file);
}

struct gate_place gate_place(const struct outcome *outcome, const char *root)
{
	const char *where = outcome->rule->where, *colon = strrchr(where, ':');
	struct gate_place place;

	if (outcome->causes->len) {
		const struct cause *cause = g_ptr_array_index(outcome->causes, 0);

		place.file = gate_relative(root, cause->file);
		place.line = MAX(cause->line, 1);
	} else {
		g_autofree char *file =
			colon ? g_strndup(where, (gsize)(colon - where)) : g_strdup(where);

		place.file = gate_relative(root, file);
		place.line = colon ? MAX(atoi(colon + 1), 1) : 1;
	}
	return place;
}

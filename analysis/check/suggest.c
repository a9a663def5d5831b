/* Rules that hold for a program as it is; see suggest.h. */
#include "check/suggest.h"

#include <math.h>
#include <string.h>

#include "check/judge.h"

/* Threads by more names than this are not looked at one by one. */
enum { PATTERNS_MOST = 8 };

/* Of fewer acquisitions, a part says nothing: one of two is half. */
#define ACQUISITIONS_LEAST 10

/* A figure that is counted is stable when it varies by no more than this part. */
#define COUNT_SPREAD 0.05

/* A limit on a time that is so many times the median notices nothing. */
#define TIME_FACTOR 10

struct candidate {
	const char *figure;
	enum figure_scope scope;
	enum limit_kind kind;
	double floor; /* the least margin that its limit gets */
	double most;  /* a limit beyond it notices nothing; 0: TIME_FACTOR decides */
	const char *why;
};

/* Best first: what the machine has least to do with. */
static const struct candidate candidates[] = {
	{"drop_requests_received / acquisitions", SCOPE_THREAD, LIMIT_MAX, 0.1, 0.7,
		"how often it has to be asked to let go of the GIL"},
	{"acquisitions", SCOPE_THREAD, LIMIT_MIN, 1, 0, "how often it lets go of the GIL"},
	{"forced_releases / acquisitions", SCOPE_GIL, LIMIT_MAX, 0.05, 0.7,
		"how often anybody has to be asked"},
	{"contention", SCOPE_GIL, LIMIT_MAX, 0.1, 0.7, "part of the time in which somebody waits"},
	{"wait.max_ns", SCOPE_GIL, LIMIT_MAX, 5e6, 0, "the longest wait"},
	{"hold.max_ns", SCOPE_THREAD, LIMIT_MAX, 5e6, 0, "its longest hold"},
};

/* One candidate, of a certain thread pattern or none, over the runs. */
struct trial {
	const struct candidate *candidate;
	struct rule rule;
	struct series series;
	double limit;
};

/* Whether the figure is known of every run; fills the series. */
static bool gather(
	struct series *series, const struct rule *rule, bool upper, const GPtrArray *runs)
{
	for (guint i = 0; i < runs->len; i++) {
		const struct run *run = g_ptr_array_index(runs, i);
		struct observation observation;
		bool known;

		observe(&observation, run->report, rule, upper);
		known = observation.state == OBSERVED || observation.state == OBSERVED_NONE;
		if (known)
			series_add(series, observation.value);
		observation_release(&observation);
		if (!known)
			return false;
	}
	series_sort(series);
	return series->count > 0;
}

/* Whether each thread takes the GIL often enough for a part of it to mean something. */
static bool has_acquisitions(const struct rule *like, const GPtrArray *runs)
{
	struct rule rule = *like;
	struct series series = {0};
	bool enough;

	figure_init(&rule.figure, "acquisitions");
	enough = gather(&series, &rule, false, runs) && series_least(&series) >= ACQUISITIONS_LEAST;
	series_release(&series);
	figure_release(&rule.figure);
	return enough;
}

/* Sets the limit; false when the figure varies too much for one. */
static bool set_limit(struct trial *trial)
{
	const struct candidate *candidate = trial->candidate;
	double least = series_least(&trial->series), most = series_most(&trial->series);
	double median = series_median(&trial->series), spread = most - least;

	if (candidate->kind == LIMIT_MIN) {
		trial->limit = floor(least - MAX(MAX(spread, 0.1 * least), candidate->floor));
		return least >= ACQUISITIONS_LEAST && spread <= COUNT_SPREAD * median;
	}
	trial->limit = most + MAX(MAX(spread, 0.5 * most), candidate->floor);
	if (candidate->most > 0)
		return trial->limit <= candidate->most;
	return trial->limit <= TIME_FACTOR * MAX(median, candidate->floor);
}

/* "12ms", rounded up to two digits. */
static char *duration(double ns)
{
	static const struct {
		double ns;
		const char *name;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		double amount = ns / units[i].ns;

		if (amount < 1 && i + 1 < G_N_ELEMENTS(units))
			continue;
		return amount < 10
			       ? g_strdup_printf("%.1f%s", ceil(10 * amount) / 10, units[i].name)
			       : g_strdup_printf("%.0f%s", ceil(amount), units[i].name);
	}
	return g_strdup("1us");
}

static char *value_text(enum unit unit, double value)
{
	switch (unit) {
	case UNIT_NS:
		return duration(value);
	case UNIT_SHARE:
		return g_strdup_printf("%.1f%%", ceil(1000 * value) / 10);
	default:
		return g_strdup_printf("%.0f", value);
	}
}

/* As a TOML string: quotes and backslashes, for nothing else is in a name that was cleaned. */
static void put_string(GString *toml, const char *key, const char *text)
{
	g_string_append_printf(toml, "%s = \"", key);
	for (const char *at = text; *at; at++) {
		if (*at == '"' || *at == '\\')
			g_string_append_c(toml, '\\');
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			g_string_append_printf(toml, "\\u%04x", (unsigned)(unsigned char)*at);
		else
			g_string_append_c(toml, *at);
	}
	g_string_append(toml, "\"\n");
}

static void put_seen(GString *toml, const struct trial *trial)
{
	enum unit unit = trial->rule.figure.unit;
	g_autofree char *least = value_text(unit, series_least(&trial->series));
	g_autofree char *most = value_text(unit, series_most(&trial->series));

	g_string_append_printf(toml, "# %s: %s to %s in %zu runs\n", trial->candidate->why, least,
		most, trial->series.count);
}

static void put_rule(GString *toml, const struct trial *trial)
{
	enum unit unit = trial->rule.figure.unit;
	g_autofree char *limit = value_text(unit, trial->limit);

	g_string_append(toml, "\n[[rule]]\n");
	put_seen(toml, trial);
	put_string(toml, "figure", trial->rule.figure.text);
	if (trial->rule.thread)
		put_string(toml, "thread", trial->rule.thread);
	if (unit == UNIT_COUNT)
		g_string_append_printf(toml, "%s = %s\n", limit_key(trial->candidate->kind), limit);
	else
		put_string(toml, limit_key(trial->candidate->kind), limit);
}

static void put_refusal(GString *toml, const struct trial *trial)
{
	g_autofree char *subject = rule_subject(&trial->rule);
	g_autofree char *line = g_strdelimit(g_strdup(subject), "\r\n", ' ');

	g_string_append_printf(toml, "\n# Not proposed, it varies too much: %s\n", line);
	put_seen(toml, trial);
}

/* Returns whether there is a rule now; those that cannot be are appended to `refused`. */
static bool try_candidate(GString *toml, GString *refused, const struct candidate *candidate,
	char *thread, const GPtrArray *runs)
{
	struct trial trial = {
		.candidate = candidate, .rule = {.scope = candidate->scope, .thread = thread}};
	bool proposed = false;

	figure_init(&trial.rule.figure, candidate->figure);
	if (gather(&trial.series, &trial.rule, limit_is_upper(candidate->kind), runs) &&
		(!trial.rule.figure.bottom || has_acquisitions(&trial.rule, runs))) {
		proposed = set_limit(&trial);
		if (proposed)
			put_rule(toml, &trial);
		else
			put_refusal(refused, &trial);
	}
	series_release(&trial.series);
	figure_release(&trial.rule.figure);
	return proposed;
}

/* "worker-*" of "worker-12": numbers are given anew in every run. */
static char *pattern_of(const char *name)
{
	GString *pattern = g_string_new(NULL);

	for (const char *at = name; *at; at++) {
		if (g_ascii_isdigit(*at)) {
			if (at == name || !g_ascii_isdigit(at[-1]))
				g_string_append_c(pattern, '*');
			continue;
		}
		if (strchr("*?[]\\", *at))
			g_string_append_c(pattern, '\\');
		g_string_append_c(pattern, *at);
	}
	return g_string_free(pattern, FALSE);
}

static void add_patterns(GPtrArray *patterns, const json_t *gil)
{
	const json_t *threads = json_object_get(gil, "threads"), *thread;
	size_t i;

	json_array_foreach(threads, i, thread)
	{
		const char *name = json_string_value(json_object_get(thread, "name"));
		char *pattern = name && *name ? pattern_of(name) : NULL;

		if (!pattern || patterns->len == PATTERNS_MOST || strcmp(pattern, "*") == 0 ||
			g_ptr_array_find_with_equal_func(patterns, pattern, g_str_equal, NULL))
			g_free(pattern);
		else
			g_ptr_array_add(patterns, pattern);
	}
}

/* Of the first run: what is not in the others is not proposed anyway. */
static GPtrArray *find_patterns(const GPtrArray *runs)
{
	const struct run *run = g_ptr_array_index(runs, 0);
	GPtrArray *patterns = g_ptr_array_new_with_free_func(g_free);
	const json_t *processes = json_object_get(run->report, "processes"), *process;
	size_t i;

	json_array_foreach(processes, i, process)
	{
		const json_t *gils = json_object_get(process, "gils"), *gil;
		size_t k;

		json_array_foreach(gils, k, gil)
		{
			add_patterns(patterns, gil);
		}
	}
	return patterns;
}

unsigned suggest(GString *toml, const GPtrArray *runs)
{
	GPtrArray *patterns = find_patterns(runs);
	GString *refused = g_string_new(NULL);
	unsigned rules = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
		const struct candidate *candidate = &candidates[i];

		if (candidate->scope == SCOPE_GIL)
			rules += try_candidate(toml, refused, candidate, NULL, runs);
		for (guint k = 0; k < patterns->len && candidate->scope == SCOPE_THREAD; k++)
			rules += try_candidate(
				toml, refused, candidate, g_ptr_array_index(patterns, k), runs);
	}
	g_string_append(toml, refused->str);
	g_string_free(refused, TRUE);
	g_ptr_array_unref(patterns);
	return rules;
}

/* One rule of a gate; see rule.h. */
#include "check/rule.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/duration.h"
#include "base/similar.h"

static const char *const limit_keys[] = {
	[LIMIT_MAX] = "max",
	[LIMIT_MIN] = "min",
	[LIMIT_INCREASE] = "max_increase",
	[LIMIT_DECREASE] = "max_decrease",
};

/* The other keys that a rule may have. */
static const char *const keys[] = {"figure", "name", "process", "thread", "site", "region",
	"combine", "optional", "whole", "at"};

const char *limit_key(enum limit_kind kind)
{
	return limit_keys[kind];
}

bool limit_is_upper(enum limit_kind kind)
{
	return kind == LIMIT_MAX || kind == LIMIT_INCREASE;
}

bool limit_is_relative(enum limit_kind kind)
{
	return kind == LIMIT_INCREASE || kind == LIMIT_DECREASE;
}

/* What is being read, for errors. */
struct reader {
	const char *path;
	const struct toml_pair *pair;
	const struct rule *rule;
	struct error *error;
};

static int fail(const struct reader *r, const char *what)
{
	return error_set(r->error, -EINVAL, "%s:%d: %s", r->path, r->pair->line, what);
}

static int expect(const struct reader *r, const char *wanted)
{
	return error_set(r->error, -EINVAL, "%s:%d: '%s' has to be %s, not %s", r->path,
		r->pair->line, r->pair->key, wanted, toml_kind_words(r->pair->value->kind));
}

static int take_string(const struct reader *r, char **string)
{
	if (r->pair->value->kind != TOML_STRING)
		return expect(r, "a string");
	if (!*r->pair->value->string)
		return error_set(r->error, -EINVAL, "%s:%d: '%s' is empty", r->path, r->pair->line,
			r->pair->key);
	g_free(*string);
	*string = g_strdup(r->pair->value->string);
	return 0;
}

/* "10%" as 0.1. */
static bool parse_percent(const char *text, double *share)
{
	size_t digits = strspn(text, "0123456789.");
	char *end;

	if (!digits || !g_ascii_isdigit(*text) || strcmp(text + digits, "%") != 0)
		return false;
	*share = g_ascii_strtod(text, &end) / 100;
	return end == text + digits && isfinite(*share);
}

/* What a limit on a figure of that unit looks like. */
static const char *example_of(enum unit unit)
{
	switch (unit) {
	case UNIT_NS:
		return "a duration such as \"5ms\"";
	case UNIT_SHARE:
		return "a share such as 0.1 or \"10%\"";
	default:
		return "a number";
	}
}

/* A value of the figure's own unit. */
static bool take_amount(const struct toml_value *value, enum unit unit, double *amount)
{
	bool number = value->kind == TOML_INTEGER || value->kind == TOML_REAL;
	uint64_t ns;

	if (unit == UNIT_NS) {
		bool duration = value->kind == TOML_STRING &&
				!g_ascii_isdigit(value->string[strlen(value->string) - 1]) &&
				duration_parse_threshold(value->string, &ns);

		*amount = duration ? (double)ns : 0;
		/* Of no time, the unit goes without saying. */
		return duration || (number && value->real == 0);
	}
	*amount = value->real;
	if (number)
		return value->real >= 0;
	return unit == UNIT_SHARE && value->kind == TOML_STRING &&
	       parse_percent(value->string, amount);
}

static int take_limit(
	const struct reader *r, const struct toml_value *value, bool relative, struct limit *limit)
{
	enum unit unit = r->rule->figure.unit;
	double amount;

	limit->given = true;
	if (value->kind == TOML_STRING && !*value->string)
		return fail(r, "a limit is empty");
	if (relative && value->kind == TOML_STRING && parse_percent(value->string, &amount)) {
		limit->relative = MAX(limit->relative, amount);
		return 0;
	}
	if (!take_amount(value, unit, &amount))
		return error_set(r->error, -EINVAL, "%s:%d: '%s' of %s has to be %s%s", r->path,
			r->pair->line, r->pair->key, r->rule->figure.text,
			relative ? "a part of the baseline such as \"10%\", or " : "",
			example_of(unit));
	limit->value = MAX(limit->value, amount);
	return 0;
}

static int take_limits(const struct reader *r, enum limit_kind kind, struct limit *limit)
{
	const struct toml_value *value = r->pair->value;
	int code = 0;

	if (value->kind != TOML_ARRAY)
		return take_limit(r, value, limit_is_relative(kind), limit);
	if (!limit_is_relative(kind))
		return expect(r, "one value");
	if (value->items->len == 0)
		return fail(r, "an array of limits is empty");
	for (guint i = 0; code == 0 && i < value->items->len; i++)
		code = take_limit(r, g_ptr_array_index(value->items, i), true, limit);
	return code;
}

static int take_combine(const struct reader *r, struct rule *rule)
{
	const struct toml_value *value = r->pair->value;

	if (value->kind != TOML_STRING)
		return expect(r, "\"worst\" or \"sum\"");
	rule->sum = strcmp(value->string, "sum") == 0;
	if (!rule->sum && strcmp(value->string, "worst") != 0)
		return fail(r, "'combine' has to be \"worst\" or \"sum\"");
	return 0;
}

static int take_boolean(const struct reader *r, bool *slot)
{
	if (r->pair->value->kind != TOML_BOOLEAN)
		return expect(r, "true or false");
	*slot = r->pair->value->boolean;
	return 0;
}

static int complain_key(const struct reader *r)
{
	const char *lead = "did you mean '";
	GString *meant = g_string_new(NULL);

	error_set(r->error, -EINVAL, "%s:%d: a rule has no '%s'", r->path, r->pair->line,
		r->pair->key);
	for (size_t i = 0; i < G_N_ELEMENTS(keys) + LIMITS; i++) {
		const char *key = i < LIMITS ? limit_keys[i] : keys[i - LIMITS];

		if (!similar_names(r->pair->key, key))
			continue;
		g_string_append_printf(meant, "%s%s'", lead, key);
		lead = " or '";
	}
	error_next(
		r->error, meant->len ? "%s?" : "giltrace-check(1) lists what it has", meant->str);
	g_string_free(meant, TRUE);
	return -EINVAL;
}

static int take_key(const struct reader *r, struct rule *rule)
{
	const struct {
		const char *key;
		char **string;
	} strings[] = {
		{"name", &rule->name},
		{"process", &rule->process},
		{"thread", &rule->thread},
		{"site", &rule->site},
		{"region", &rule->region},
		{"at", &rule->where},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
		if (strcmp(r->pair->key, strings[i].key) == 0)
			return take_string(r, strings[i].string);
	for (int kind = 0; kind < LIMITS; kind++)
		if (strcmp(r->pair->key, limit_keys[kind]) == 0)
			return take_limits(r, (enum limit_kind)kind, &rule->limits[kind]);
	if (strcmp(r->pair->key, "combine") == 0)
		return take_combine(r, rule);
	if (strcmp(r->pair->key, "optional") == 0)
		return take_boolean(r, &rule->optional);
	if (strcmp(r->pair->key, "whole") == 0)
		return take_boolean(r, &rule->whole);
	return strcmp(r->pair->key, "figure") == 0 ? 0 : complain_key(r);
}

/* First, for the limits are read in its unit. */
static int take_figure(struct reader *r, const struct toml_table *table, struct rule *rule)
{
	g_autofree char *text = NULL;
	int code;

	for (guint i = 0; i < table->pairs->len; i++) {
		r->pair = g_ptr_array_index(table->pairs, i);
		if (strcmp(r->pair->key, "figure") != 0)
			continue;
		code = take_string(r, &text);
		if (code < 0)
			return code;
		figure_init(&rule->figure, text);
		return 0;
	}
	return error_set(
		r->error, -EINVAL, "%s:%d: this rule has no 'figure'", r->path, table->line);
}

static int settle_scope(const struct reader *r, struct rule *rule)
{
	bool trace = g_str_has_prefix(rule->figure.top, "trace.");

	if (rule->thread && rule->site)
		return error_set(r->error, -EINVAL,
			"%s: a rule is about a thread or a site, not both", rule->where);
	if (trace && (rule->thread || rule->site || rule->region || rule->process))
		return error_set(r->error, -EINVAL, "%s: %s is of the trace as a whole",
			rule->where, rule->figure.top);
	if (rule->thread)
		rule->scope = SCOPE_THREAD;
	else if (rule->site)
		rule->scope = SCOPE_SITE;
	else if (trace)
		rule->scope = SCOPE_TRACE;
	else
		rule->scope = SCOPE_GIL;
	return 0;
}

static int check_figure(
	const struct reader *r, const struct rule *rule, const struct vocabulary *vocabulary)
{
	static const char *const of[] = {[SCOPE_GIL] = "a GIL",
		[SCOPE_THREAD] = "a thread",
		[SCOPE_SITE] = "a site",
		[SCOPE_TRACE] = "a trace"};
	g_autofree char *next = NULL;
	const char *missing;

	if (vocabulary_knows(vocabulary, rule->scope, &rule->figure, &missing))
		return 0;
	error_set(r->error, -EINVAL, "%s: there is no figure '%s' of %s", rule->where, missing,
		of[rule->scope]);
	next = vocabulary_suggest(vocabulary, rule->scope, missing);
	error_next(r->error, "%s", next);
	return -EINVAL;
}

static int read_rule(struct reader *r, struct rule *rule, const struct toml_table *table,
	const struct vocabulary *vocabulary)
{
	bool limited = false;
	int code = take_figure(r, table, rule);

	for (guint i = 0; code == 0 && i < table->pairs->len; i++) {
		r->pair = g_ptr_array_index(table->pairs, i);
		code = take_key(r, rule);
	}
	if (code == 0)
		code = settle_scope(r, rule);
	if (code == 0)
		code = check_figure(r, rule, vocabulary);
	for (int kind = 0; kind < LIMITS; kind++)
		limited = limited || rule->limits[kind].given;
	if (code == 0 && !limited)
		code = error_set(r->error, -EINVAL,
			"%s: this rule has no limit: max, min, max_increase or max_decrease",
			rule->where);
	return code;
}

int rule_read(struct rule **rule, const struct toml_table *table, const char *path,
	const struct vocabulary *vocabulary, struct error *error)
{
	struct reader reader = {.path = path, .rule = NULL, .error = error};
	int code;

	*rule = g_new0(struct rule, 1);
	(*rule)->where = g_strdup_printf("%s:%d", path, table->line);
	reader.rule = *rule;
	code = read_rule(&reader, *rule, table, vocabulary);
	if (code < 0)
		g_clear_pointer(rule, rule_free);
	return code;
}

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	figure_release(&rule->figure);
	g_free(rule->name);
	g_free(rule->process);
	g_free(rule->thread);
	g_free(rule->site);
	g_free(rule->region);
	g_free(rule->where);
	g_free(rule);
}

static void append_part(GString *subject, const char *word, const char *pattern)
{
	if (pattern)
		g_string_append_printf(subject, ", %s %s", word, pattern);
}

char *rule_subject(const struct rule *rule)
{
	GString *subject = g_string_new(rule->sum ? "sum of " : NULL);

	g_string_append(subject, rule->figure.text);
	append_part(subject, "thread", rule->thread);
	append_part(subject, "site", rule->site);
	append_part(subject, "region", rule->region);
	append_part(subject, "process", rule->process);
	return g_string_free(subject, FALSE);
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	g_autofree char *of_a = rule_subject(a), *of_b = rule_subject(b);

	if (strcmp(of_a, of_b) != 0 || g_strcmp0(a->name, b->name) != 0 ||
		a->optional != b->optional || a->whole != b->whole)
		return false;
	for (int kind = 0; kind < LIMITS; kind++) {
		const struct limit *p = &a->limits[kind], *q = &b->limits[kind];

		if (p->given != q->given || p->value != q->value || p->relative != q->relative)
			return false;
	}
	return true;
}

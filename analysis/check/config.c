/* The configuration of a gate; see config.h. */
#include "check/config.h"

#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "check/file.h"
#include "check/rule.h"
#include "check/toml.h"

/* Nobody repeats more often, and statistics on it would take too long. */
enum { REPEAT_MOST = 1000 };

/* Doubts that can be accepted; the others say that figures are wrong. */
static const char *const acceptable[] = {"unfinished", "gil_forgotten"};

static const char *const keys[] = {"repeat", "baseline", "any_machine", "accept"};

static void free_rule(void *rule)
{
	rule_free(rule);
}

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config->accepted = g_ptr_array_new_with_free_func(g_free);
	config->rules = g_ptr_array_new_with_free_func(free_rule);
}

/* What is being read, for errors. */
struct reader {
	struct config *config;
	const char *path;
	const struct vocabulary *vocabulary;
	const struct toml_pair *pair;
	struct error *error;
};

static int fail(const struct reader *r, const char *what)
{
	return error_set(r->error, -EINVAL, "%s:%d: %s", r->path, r->pair->line, what);
}

static int take_repeat(const struct reader *r)
{
	const struct toml_value *value = r->pair->value;

	if (value->kind != TOML_INTEGER || value->integer < 1 || value->integer > REPEAT_MOST)
		return fail(r, "'repeat' has to be a number of runs from 1 to 1000");
	r->config->repeat = (unsigned)value->integer;
	return 0;
}

static int take_baseline(const struct reader *r)
{
	const struct toml_value *value = r->pair->value;
	g_autofree char *folder = g_path_get_dirname(r->path);

	if (value->kind != TOML_STRING || !*value->string)
		return fail(r, "'baseline' has to be the path of a file");
	g_free(r->config->baseline);
	if (strcmp(folder, ".") == 0 || g_path_is_absolute(value->string))
		r->config->baseline = g_strdup(value->string);
	else
		r->config->baseline = g_build_filename(folder, value->string, NULL);
	return 0;
}

static int take_any_machine(const struct reader *r)
{
	if (r->pair->value->kind != TOML_BOOLEAN)
		return fail(r, "'any_machine' has to be true or false");
	r->config->any_machine = r->pair->value->boolean;
	return 0;
}

static int take_accepted(const struct reader *r)
{
	const struct toml_value *value = r->pair->value;

	for (guint i = 0; value->kind == TOML_ARRAY && i < value->items->len; i++) {
		const struct toml_value *item = g_ptr_array_index(value->items, i);
		bool known = false;

		for (size_t k = 0; item->kind == TOML_STRING && k < G_N_ELEMENTS(acceptable); k++)
			known = known || strcmp(item->string, acceptable[k]) == 0;
		if (!known)
			return fail(r, "'accept' can have \"unfinished\" and \"gil_forgotten\"");
		g_ptr_array_add(r->config->accepted, g_strdup(item->string));
	}
	return value->kind == TOML_ARRAY ? 0 : fail(r, "'accept' has to be an array of strings");
}

static int take_setting(const struct reader *r)
{
	int (*const takers[])(const struct reader *) = {
		take_repeat, take_baseline, take_any_machine, take_accepted};

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(r->pair->key, keys[i]) == 0)
			return takers[i](r);
	error_set(r->error, -EINVAL, "%s:%d: there is no setting '%s'", r->path, r->pair->line,
		r->pair->key);
	error_next(r->error, "there are repeat, baseline, any_machine and accept; a rule's own "
			     "keys stand below [[rule]]");
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (similar_names(r->pair->key, keys[i]))
			error_next(r->error, "did you mean '%s'?", keys[i]);
	return -EINVAL;
}

static bool has_rule(const struct config *config, const struct rule *rule)
{
	for (guint i = 0; i < config->rules->len; i++)
		if (rule_equal(g_ptr_array_index(config->rules, i), rule))
			return true;
	return false;
}

static int take_rule(const struct reader *r, const struct toml_table *table)
{
	struct rule *rule;
	int code;

	if (strcmp(table->name, "rule") != 0 || !table->element)
		return error_set(r->error, -EINVAL,
			"%s:%d: what is '%s'? a configuration has settings and [[rule]]", r->path,
			table->line, table->name);
	code = rule_read(&rule, table, r->path, r->vocabulary, r->error);
	if (code < 0)
		return code;
	if (has_rule(r->config, rule))
		rule_free(rule);
	else
		g_ptr_array_add(r->config->rules, rule);
	return 0;
}

static int read_tables(struct reader *r, const struct toml *toml, bool settings)
{
	const struct toml_table *top = g_ptr_array_index(toml->tables, 0);
	int code = 0;

	for (guint i = 0; code == 0 && i < top->pairs->len; i++) {
		r->pair = g_ptr_array_index(top->pairs, i);
		code = settings ? take_setting(r) : fail(r, "only [[rule]] can stand here");
	}
	for (guint i = 1; code == 0 && i < toml->tables->len; i++)
		code = take_rule(r, g_ptr_array_index(toml->tables, i));
	return code;
}

static int read_file(struct reader *r, bool settings)
{
	struct toml toml;
	char *text;
	int code = file_text(r->path, &text, r->error);

	if (code < 0)
		return code;
	code = toml_parse(&toml, text, r->path, r->error);
	g_free(text);
	if (code < 0)
		return code;
	code = read_tables(r, &toml, settings);
	toml_release(&toml);
	return code;
}

int config_read(struct config *config, const char *path, const struct vocabulary *vocabulary,
	struct error *error)
{
	struct reader reader = {
		.config = config, .path = path, .vocabulary = vocabulary, .error = error};

	return read_file(&reader, true);
}

int config_read_rules(struct config *config, const char *path, const struct vocabulary *vocabulary,
	struct error *error)
{
	struct reader reader = {
		.config = config, .path = path, .vocabulary = vocabulary, .error = error};

	return read_file(&reader, false);
}

bool config_is_relative(const struct config *config)
{
	for (guint i = 0; i < config->rules->len; i++) {
		const struct rule *rule = g_ptr_array_index(config->rules, i);

		for (int kind = 0; kind < LIMITS; kind++)
			if (rule->limits[kind].given && limit_is_relative((enum limit_kind)kind))
				return true;
	}
	return false;
}

void config_release(struct config *config)
{
	g_free(config->baseline);
	g_clear_pointer(&config->accepted, g_ptr_array_unref);
	g_clear_pointer(&config->rules, g_ptr_array_unref);
}

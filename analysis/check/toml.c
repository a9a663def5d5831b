/* Reads configurations in TOML; see toml.h. Values are in toml_value.c. */
#include "check/toml.h"

#include <errno.h>
#include <string.h>

#include "check/toml_scan.h"

static void free_pair(void *data)
{
	struct toml_pair *pair = data;

	g_free(pair->key);
	toml_value_free(pair->value);
	g_free(pair);
}

static void free_table(void *data)
{
	struct toml_table *table = data;

	g_free(table->name);
	g_ptr_array_free(table->pairs, TRUE);
	g_free(table);
}

static struct toml_table *add_table(struct toml *toml, char *name, bool element, int line)
{
	struct toml_table *table = g_new0(struct toml_table, 1);

	table->name = name;
	table->element = element;
	table->line = line;
	table->pairs = g_ptr_array_new_with_free_func(free_pair);
	g_ptr_array_add(toml->tables, table);
	return table;
}

/* The end of a line on which everything was read: only a comment may follow. */
static int finish_line(struct toml_scan *scan)
{
	toml_skip_blank(scan);
	if (*scan->at == '#') {
		int code = toml_skip_comment(scan);

		if (code < 0)
			return code;
	}
	if (*scan->at == '\r' && scan->at[1] == '\n')
		scan->at++;
	if (!*scan->at)
		return 0;
	if (*scan->at != '\n')
		return toml_fail(scan, "'%.*s' is one too many here",
			(int)strcspn(scan->at, " \t\r\n"), scan->at);
	scan->at++;
	scan->line++;
	return 0;
}

static bool is_bare(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '-';
}

/* A bare or quoted name, to `*name`. */
static int read_key(struct toml_scan *scan, char **name)
{
	size_t length = 0;
	int code = 0;

	if (*scan->at == '"' || *scan->at == '\'') {
		code = toml_read_string(scan, name);
	} else {
		while (is_bare(scan->at[length]))
			length++;
		if (!length)
			return toml_fail(scan, "a name is missing before '%.*s'",
				(int)strcspn(scan->at, "\r\n"), scan->at);
		*name = g_strndup(scan->at, length);
		scan->at += length;
	}
	if (code < 0)
		return code;
	toml_skip_blank(scan);
	if (*scan->at != '.')
		return 0;
	g_clear_pointer(name, g_free);
	return toml_fail(scan, "names joined by dots are not supported here");
}

static const struct toml_table *find_table(const struct toml *toml, const char *name)
{
	for (guint i = 1; i < toml->tables->len; i++) {
		const struct toml_table *table = g_ptr_array_index(toml->tables, i);

		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

static int read_header(struct toml *toml, struct toml_scan *scan, struct toml_table **table)
{
	const struct toml_table *earlier;
	bool element = scan->at[1] == '[';
	char *name = NULL;
	int code;

	scan->at += element ? 2 : 1;
	toml_skip_blank(scan);
	code = read_key(scan, &name);
	if (code < 0 || !name)
		return code;
	if (scan->at[0] != ']' || (element && scan->at[1] != ']')) {
		code = toml_fail(scan, "'%s%s' is not closed", element ? "[[" : "[", name);
		g_free(name);
		return code;
	}
	earlier = find_table(toml, name);
	if (earlier && !(element && earlier->element)) {
		code = toml_fail(scan, "'%s' is there already, on line %d", name, earlier->line);
		g_free(name);
		return code;
	}
	scan->at += element ? 2 : 1;
	*table = add_table(toml, name, element, scan->line);
	return finish_line(scan);
}

static int read_pair(struct toml_scan *scan, struct toml_table *table)
{
	struct toml_pair *pair;
	char *key = NULL;
	int code = read_key(scan, &key);

	if (code < 0 || !key)
		return code;
	for (guint i = 0; i < table->pairs->len; i++) {
		const struct toml_pair *other = g_ptr_array_index(table->pairs, i);

		if (strcmp(other->key, key) == 0) {
			code = toml_fail(
				scan, "'%s' is there already, on line %d", key, other->line);
			g_free(key);
			return code;
		}
	}
	pair = g_new0(struct toml_pair, 1);
	pair->key = key;
	pair->line = scan->line;
	g_ptr_array_add(table->pairs, pair);
	if (*scan->at != '=')
		return toml_fail(scan, "'=' and a value are missing after '%s'", key);
	scan->at++;
	toml_skip_blank(scan);
	code = toml_read_value(scan, &pair->value);
	return code < 0 ? code : finish_line(scan);
}

static int parse(struct toml *toml, struct toml_scan *scan)
{
	struct toml_table *table = add_table(toml, g_strdup(""), false, 1);
	int code = 0;

	while (code == 0) {
		toml_skip_blank(scan);
		if (!*scan->at)
			return 0;
		if (*scan->at == '[')
			code = read_header(toml, scan, &table);
		else if (strchr("#\r\n", *scan->at))
			code = finish_line(scan);
		else
			code = read_pair(scan, table);
	}
	return code;
}

int toml_parse(struct toml *toml, const char *text, const char *path, struct error *error)
{
	struct toml_scan scan = {.at = text, .line = 1, .path = path, .error = error};
	int code;

	toml->tables = g_ptr_array_new_with_free_func(free_table);
	if (!g_utf8_validate(text, -1, NULL))
		code = error_set(error, -EINVAL, "%s: this is not UTF-8, so it is not TOML", path);
	else
		code = parse(toml, &scan);
	if (code < 0)
		toml_release(toml);
	return code;
}

void toml_release(struct toml *toml)
{
	g_clear_pointer(&toml->tables, g_ptr_array_unref);
}

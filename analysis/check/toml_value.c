/* The values of TOML; see toml_scan.h. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "check/toml_scan.h"

enum { ARRAYS_DEEPEST = 8 };

int toml_fail(struct toml_scan *scan, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return error_set(scan->error, -EINVAL, "%s:%d: %s", scan->path, scan->line, what);
}

void toml_skip_blank(struct toml_scan *scan)
{
	scan->at += strspn(scan->at, " \t");
}

static bool is_control(char c)
{
	return c != '\t' && g_ascii_iscntrl(c);
}

int toml_skip_comment(struct toml_scan *scan)
{
	for (; *scan->at && *scan->at != '\n'; scan->at++)
		if (is_control(*scan->at) && !(*scan->at == '\r' && scan->at[1] == '\n'))
			return toml_fail(scan, "a control character in a comment");
	return 0;
}

/* \uXXXX and \UXXXXXXXX; `at` stands on the u. */
static int read_code_point(struct toml_scan *scan, GString *out)
{
	int digits = *scan->at == 'u' ? 4 : 8;
	guint32 code = 0;

	for (int i = 1; i <= digits; i++) {
		if (!g_ascii_isxdigit(scan->at[i]))
			return toml_fail(
				scan, "\\%c needs %d hexadecimal digits", *scan->at, digits);
		code = code << 4 | (guint32)g_ascii_xdigit_value(scan->at[i]);
	}
	if (!code || !g_unichar_validate(code))
		return toml_fail(scan, "\\%.*s is no character", digits + 1, scan->at);
	g_string_append_unichar(out, code);
	scan->at += digits + 1;
	return 0;
}

/* `at` stands behind the backslash. */
static int read_escape(struct toml_scan *scan, GString *out)
{
	static const char names[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	const char *name = *scan->at ? strchr(names, *scan->at) : NULL;

	if (*scan->at == 'u' || *scan->at == 'U')
		return read_code_point(scan, out);
	if (!name)
		return toml_fail(scan,
			"a string in double quotes has no \\%.1s; write \\\\ for a backslash, or "
			"use single quotes",
			scan->at);
	g_string_append_c(out, meanings[name - names]);
	scan->at++;
	return 0;
}

int toml_read_string(struct toml_scan *scan, char **string)
{
	char quote = *scan->at;
	GString *out;
	int code = 0;

	if (scan->at[1] == quote && scan->at[2] == quote)
		return toml_fail(scan, "strings over several lines are not supported here");
	out = g_string_new(NULL);
	scan->at++;
	while (code == 0 && *scan->at != quote) {
		if (!*scan->at || is_control(*scan->at)) {
			code = toml_fail(scan, "a string is not closed by %c", quote);
		} else if (*scan->at == '\\' && quote == '"') {
			scan->at++;
			code = read_escape(scan, out);
		} else {
			g_string_append_c(out, *scan->at++);
		}
	}
	if (code < 0) {
		g_string_free(out, TRUE);
		return code;
	}
	scan->at++;
	*string = g_string_free(out, FALSE);
	return 0;
}

/* Digits with single underscores between them; false when there are none. */
static bool take_digits(const char **at, GString *out)
{
	const char *from = *at;

	while (g_ascii_isdigit(**at) || (**at == '_' && *at > from && g_ascii_isdigit((*at)[-1]) &&
						g_ascii_isdigit((*at)[1]))) {
		if (**at != '_')
			g_string_append_c(out, **at);
		(*at)++;
	}
	return *at > from;
}

/* Appends the number at `*at` as C has it. */
static bool take_number(const char **at, GString *out, bool *real)
{
	const char *first;

	*real = false;
	if (**at == '+' || **at == '-')
		g_string_append_c(out, *(*at)++);
	first = *at;
	if (!take_digits(at, out) || (*first == '0' && *at > first + 1))
		return false;
	if (**at == '.') {
		*real = true;
		g_string_append_c(out, *(*at)++);
		if (!take_digits(at, out))
			return false;
	}
	if (**at != 'e' && **at != 'E')
		return true;
	*real = true;
	g_string_append_c(out, *(*at)++);
	if (**at == '+' || **at == '-')
		g_string_append_c(out, *(*at)++);
	return take_digits(at, out);
}

static int read_number(struct toml_scan *scan, struct toml_value *value)
{
	int length = (int)strcspn(scan->at, " \t\r\n,]#");
	GString *digits = g_string_new(NULL);
	const char *at = scan->at;
	bool real, whole, too_large = false;

	whole = take_number(&at, digits, &real) && at == scan->at + length;
	value->kind = real ? TOML_REAL : TOML_INTEGER;
	if (whole) {
		errno = 0;
		value->integer = real ? 0 : g_ascii_strtoll(digits->str, NULL, 10);
		too_large = errno == ERANGE;
		value->real = g_ascii_strtod(digits->str, NULL);
	}
	g_string_free(digits, TRUE);
	if (!whole)
		return toml_fail(scan, "'%.*s' is no value; strings and durations stand in quotes",
			length, scan->at);
	if (too_large)
		return toml_fail(scan, "%.*s is too large", length, scan->at);
	scan->at = at;
	return 0;
}

/* White space, line ends and comments, as they may stand in an array. */
static int skip_space(struct toml_scan *scan)
{
	for (;;) {
		toml_skip_blank(scan);
		if (*scan->at == '#') {
			int code = toml_skip_comment(scan);

			if (code < 0)
				return code;
		}
		if (*scan->at == '\r' && scan->at[1] == '\n')
			scan->at++;
		if (*scan->at != '\n')
			return 0;
		scan->at++;
		scan->line++;
	}
}

static void free_item(void *item)
{
	toml_value_free(item);
}

static int read_item(struct toml_scan *scan, struct toml_value *array)
{
	struct toml_value *item;
	int code = toml_read_value(scan, &item);

	if (code < 0)
		return code;
	g_ptr_array_add(array->items, item);
	code = skip_space(scan);
	if (code < 0)
		return code;
	if (*scan->at == ',')
		scan->at++;
	else if (*scan->at != ']')
		return toml_fail(
			scan, "',' or ']' is missing in the array of line %d", array->line);
	return skip_space(scan);
}

static int read_array(struct toml_scan *scan, struct toml_value *value)
{
	int code;

	if (++scan->depth > ARRAYS_DEEPEST)
		return toml_fail(scan, "arrays are nested too deeply");
	value->kind = TOML_ARRAY;
	value->items = g_ptr_array_new_with_free_func(free_item);
	scan->at++;
	code = skip_space(scan);
	while (code == 0 && *scan->at != ']') {
		if (!*scan->at)
			return toml_fail(
				scan, "the array of line %d is not closed by ]", value->line);
		code = read_item(scan, value);
	}
	if (code < 0)
		return code;
	scan->at++;
	scan->depth--;
	return 0;
}

static bool take_word(struct toml_scan *scan, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(scan->at, word, length) != 0 || g_ascii_isalnum(scan->at[length]))
		return false;
	scan->at += length;
	return true;
}

static int read_into(struct toml_scan *scan, struct toml_value *value)
{
	switch (*scan->at) {
	case '"':
	case '\'':
		value->kind = TOML_STRING;
		return toml_read_string(scan, &value->string);
	case '[':
		return read_array(scan, value);
	case '{':
		return toml_fail(scan, "inline tables are not supported here");
	case '\0':
	case '\r':
	case '\n':
	case '#':
		return toml_fail(scan, "a value is missing");
	}
	value->kind = TOML_BOOLEAN;
	value->boolean = take_word(scan, "true");
	if (value->boolean || take_word(scan, "false"))
		return 0;
	return read_number(scan, value);
}

int toml_read_value(struct toml_scan *scan, struct toml_value **value)
{
	int code;

	*value = g_new0(struct toml_value, 1);
	(*value)->line = scan->line;
	code = read_into(scan, *value);
	if (code < 0)
		g_clear_pointer(value, toml_value_free);
	return code;
}

void toml_value_free(struct toml_value *value)
{
	if (!value)
		return;
	g_free(value->string);
	if (value->items)
		g_ptr_array_free(value->items, TRUE);
	g_free(value);
}

const char *toml_kind_words(enum toml_kind kind)
{
	static const char *const words[] = {
		[TOML_STRING] = "a string",
		[TOML_INTEGER] = "an integer",
		[TOML_REAL] = "a number",
		[TOML_BOOLEAN] = "true or false",
		[TOML_ARRAY] = "an array",
	};

	return words[kind];
}

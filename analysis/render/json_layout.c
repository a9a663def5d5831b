/* JSON laid out for people as well; see json_layout.h. */
#include "render/json_layout.h"

#include <errno.h>
#include <stdbool.h>

#define FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(9))

static int put(FILE *out, const char *text)
{
	return fputs(text, out) == EOF ? -1 : 0;
}

static int new_line(FILE *out, int depth)
{
	return fprintf(out, "\n%*s", 2 * depth, "") < 0 ? -1 : 0;
}

static bool is_container(const json_t *value)
{
	return json_is_object(value) || json_is_array(value);
}

/* Holds containers that are not empty. */
static bool is_nested(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach(value, key, item) if (is_container(item)) return true;
	json_array_foreach(value, i, item) if (is_container(item)) return true;
	return false;
}

static int dump(const json_t *value, FILE *out)
{
	return json_dumpf(value, out, FLAGS);
}

static int dump_key(const char *key, FILE *out)
{
	json_t *string = json_string(key);
	int result = string ? dump(string, out) : -1;

	json_decref(string);
	return result ? result : put(out, ": ");
}

static int write_value(json_t *value, FILE *out, int depth)
{
	const char *separator = "";
	const char *key;
	json_t *item;
	size_t i;

	if (!is_nested(value))
		return dump(value, out);
	if (put(out, json_is_object(value) ? "{" : "["))
		return -1;
	json_object_foreach(value, key, item)
	{
		if (put(out, separator) || new_line(out, depth + 1) || dump_key(key, out) ||
			write_value(item, out, depth + 1))
			return -1;
		separator = ",";
	}
	json_array_foreach(value, i, item)
	{
		if (put(out, separator) || new_line(out, depth + 1) ||
			write_value(item, out, depth + 1))
			return -1;
		separator = ",";
	}
	if (new_line(out, depth))
		return -1;
	return put(out, json_is_object(value) ? "}" : "]");
}

int json_layout_write(const json_t *value, FILE *out)
{
	errno = 0;
	if (write_value((json_t *)value, out, 0) || put(out, "\n") || fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

/* Building JSON: what the files that render it share. Used by nothing else. */
#ifndef GILTRACE_JSON_BUILD_H
#define GILTRACE_JSON_BUILD_H

#include <math.h>
#include <stdbool.h>

#include <glib.h>
#include <jansson.h>

#include "base/utf8.h"
#include "stats/report.h"

/* Objects under construction; `failed` (no memory) is looked at once, at the end. */
struct builder {
	bool failed;
};

/* Takes over `value`. */
static inline void put(struct builder *b, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		b->failed = true;
}

static inline void put_integer(struct builder *b, json_t *object, const char *key, uint64_t value)
{
	put(b, object, key, value > INT64_MAX ? json_null() : json_integer((json_int_t)value));
}

static inline void put_real(struct builder *b, json_t *object, const char *key, double value)
{
	put(b, object, key, isfinite(value) ? json_real(value) : json_null());
}

/* A figure of any unit: whole numbers as such. */
static inline json_t *json_figure(double value)
{
	json_int_t whole = (json_int_t)value;

	return (double)whole == value ? json_integer(whole) : json_real(value);
}

static inline void put_string(struct builder *b, json_t *object, const char *key, const char *value)
{
	char *valid = utf8_valid(value);

	put(b, object, key, json_string(valid));
	g_free(valid);
}

/* An array under `key`; belongs to `object`. */
static inline json_t *put_array(struct builder *b, json_t *object, const char *key)
{
	json_t *array = json_array();

	put(b, object, key, array);
	return array;
}

/* An object at the end of `array`, which owns it. */
static inline json_t *append_object(struct builder *b, json_t *array)
{
	json_t *object = json_object();

	if (json_array_append_new(array, object))
		b->failed = true;
	return object;
}

static inline void put_tid(struct builder *b, json_t *object, const char *key,
	const struct gil_report *gil, int thread)
{
	bool known = gil && thread >= 0;

	put(b, object, key, known ? json_integer(gil->threads[thread].tid) : json_null());
}

/* Negative: there is none. */
static inline void put_index(struct builder *b, json_t *object, const char *key, int index)
{
	put(b, object, key, index < 0 ? json_null() : json_integer(index));
}

/* Of blame. */
static inline void put_holder(
	struct builder *b, json_t *object, const struct gil_report *gil, int holder)
{
	if (holder == BLAME_HANDOFF)
		put_string(b, object, "holder", "handoff");
	else if (holder == BLAME_UNKNOWN)
		put_string(b, object, "holder", "unknown");
	else
		put_tid(b, object, "holder", gil, holder);
}

#endif /* GILTRACE_JSON_BUILD_H */

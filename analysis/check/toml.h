/*
 * Reads the part of TOML 1.0 that a configuration of giltrace needs, strictly:
 * comments, [table] and [[array of tables]] of one bare or quoted name, keys of the
 * same, and as values strings ("basic", 'literal'), decimal integers and floats,
 * true, false, and arrays of these, which may go over several lines. What else
 * TOML has (dotted keys, inline tables, dates, multi-line strings, other bases) is
 * refused by name rather than misread. Debian 12 has no C library for TOML.
 */
#ifndef GILTRACE_CHECK_TOML_H
#define GILTRACE_CHECK_TOML_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/error.h"

enum toml_kind { TOML_STRING, TOML_INTEGER, TOML_REAL, TOML_BOOLEAN, TOML_ARRAY };

struct toml_value {
	enum toml_kind kind;
	int line; /* from 1 */
	char *string;
	int64_t integer;
	double real; /* of an integer, too */
	bool boolean;
	GPtrArray *items; /* struct toml_value * */
};

struct toml_pair {
	char *key;
	int line;
	struct toml_value *value;
};

struct toml_table {
	char *name;   /* "" at the top */
	bool element; /* of an array of tables: [[name]] */
	int line;
	GPtrArray *pairs; /* struct toml_pair *, in their order */
};

struct toml {
	GPtrArray *tables; /* struct toml_table *, in their order; the first is the top */
};

/*
 * Parses `text`, which `path` names in errors: "PATH:LINE: what is wrong". Returns
 * 0, then toml_release() is to follow, or -EINVAL.
 */
int toml_parse(struct toml *toml, const char *text, const char *path, struct error *error);
void toml_release(struct toml *toml);

/* "a string", "an integer" and so on. */
const char *toml_kind_words(enum toml_kind kind);

#endif /* GILTRACE_CHECK_TOML_H */

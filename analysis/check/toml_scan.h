/* Reading values of TOML: what toml.c and toml_value.c share. Used by nothing else. */
#ifndef GILTRACE_CHECK_TOML_SCAN_H
#define GILTRACE_CHECK_TOML_SCAN_H

#include "check/toml.h"

struct toml_scan {
	const char *at;
	int line;
	int depth; /* arrays inside of arrays */
	const char *path;
	struct error *error;
};

/* Sets the error, with file and line before it, and returns -EINVAL. */
int toml_fail(struct toml_scan *scan, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Spaces and tabs. */
void toml_skip_blank(struct toml_scan *scan);

/* From '#' to before the end of the line. */
int toml_skip_comment(struct toml_scan *scan);

/* A quoted string. The caller frees `*string` after 0. */
int toml_read_string(struct toml_scan *scan, char **string);

/* Any value. After 0 toml_value_free() is to follow; else `*value` is NULL. */
int toml_read_value(struct toml_scan *scan, struct toml_value **value);
void toml_value_free(struct toml_value *value);

#endif /* GILTRACE_CHECK_TOML_SCAN_H */

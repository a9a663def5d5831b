/* JSON laid out for people as well: flat objects on one line, others broken out. */
#ifndef GILTRACE_JSON_LAYOUT_H
#define GILTRACE_JSON_LAYOUT_H

#include <stdio.h>

#include <jansson.h>

/* Writes `value` and a newline, keys in their order. Returns 0 or -errno. */
int json_layout_write(const json_t *value, FILE *out);

#endif /* GILTRACE_JSON_LAYOUT_H */

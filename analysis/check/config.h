/* The configuration of a gate, giltrace.toml: settings and rules. */
#ifndef GILTRACE_CHECK_CONFIG_H
#define GILTRACE_CHECK_CONFIG_H

#include <stdbool.h>

#include <glib.h>

#include "base/error.h"
#include "check/figure.h"

struct config {
	unsigned repeat;     /* runs; 0: not said */
	char *baseline;	     /* path, found from the folder of the configuration; NULL: none */
	bool any_machine;    /* the baseline may be from another one */
	GPtrArray *accepted; /* char *: doubts (kinds of the JSON report) that do not matter */
	GPtrArray *rules;    /* struct rule * */
};

/* Of nothing. */
void config_init(struct config *config);

/*
 * Adds what the file says. 0, -EINVAL with file and line, or what reading it failed
 * with. config_release() in any case.
 */
int config_read(struct config *config, const char *path, const struct vocabulary *vocabulary,
	struct error *error);

/* Adds the rules of a file that has nothing else; rules that are there already are left out. */
int config_read_rules(struct config *config, const char *path, const struct vocabulary *vocabulary,
	struct error *error);

/* Whether there is a limit against a baseline. */
bool config_is_relative(const struct config *config);

void config_release(struct config *config);

#endif /* GILTRACE_CHECK_CONFIG_H */

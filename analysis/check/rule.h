/*
 * One rule of a gate: a figure, of what, and how it may be. Read from [[rule]] of a
 * configuration, and from the file that a test suite writes while it is recorded.
 */
#ifndef GILTRACE_CHECK_RULE_H
#define GILTRACE_CHECK_RULE_H

#include <stdbool.h>

#include <glib.h>

#include "base/error.h"
#include "check/figure.h"
#include "check/toml.h"

enum limit_kind {
	LIMIT_MAX,
	LIMIT_MIN,
	LIMIT_INCREASE, /* these two: against the baseline */
	LIMIT_DECREASE,
	LIMITS,
};

struct limit {
	bool given;
	double value;	 /* of an increase or decrease: the absolute part */
	double relative; /* share of the baseline; with both, the larger of the two is allowed */
};

/* The patterns are those of glob(7), backslashes included; NULL: all. */
struct rule {
	struct figure figure;
	enum figure_scope scope;
	char *name;    /* what it is shown as; NULL: what it says */
	char *process; /* its command */
	char *thread;  /* its name */
	char *site;    /* "FILE:LINE" or "FILE", with or without folders, or the function */
	char *region;  /* its name: what happened inside of it */
	bool sum;      /* of all that match, instead of the worst of them */
	bool optional; /* what does not occur passes */
	bool whole; /* a region that was not left before the end is one of which nobody can tell */
	struct limit limits[LIMITS];
	char *where; /* "giltrace.toml:12", or what the rule says of it */
};

/*
 * Rules of `table`, a [[rule]]. 0, or -EINVAL with file and line. `path` names the
 * file. rule_free() after 0.
 */
int rule_read(struct rule **rule, const struct toml_table *table, const char *path,
	const struct vocabulary *vocabulary, struct error *error);
void rule_free(struct rule *rule);

/* "wait.p99_ns of thread worker-*": the figure and what it is of, the same for equal ones. The
 * caller frees it. */
char *rule_subject(const struct rule *rule);

/* Whether two say the same. */
bool rule_equal(const struct rule *a, const struct rule *b);

/* "max", "max_increase". */
const char *limit_key(enum limit_kind kind);

/* Whether what is larger is worse. */
bool limit_is_upper(enum limit_kind kind);
bool limit_is_relative(enum limit_kind kind);

#endif /* GILTRACE_CHECK_RULE_H */

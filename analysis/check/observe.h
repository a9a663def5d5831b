/* What one run of a program says: about the figure of a rule, and whether it says anything. */
#ifndef GILTRACE_CHECK_OBSERVE_H
#define GILTRACE_CHECK_OBSERVE_H

#include <stdbool.h>

#include <jansson.h>

#include "check/rule.h"

enum observation_state {
	OBSERVED,
	OBSERVED_NONE, /* the longest of nothing and the like; value 0 */
	ABSENT,	       /* no thread, site, region or process is what the rule is about */
	NOT_KNOWN,     /* `reason` says why */
};

/* Objects belong to the report. */
struct observation {
	enum observation_state state;
	double value;
	char *reason; /* why it is not known, else NULL */
	const json_t *process;
	const json_t *gil;
	const json_t *object; /* what the value is of: the worst; with a sum the largest */
};

/*
 * The figure of `rule` in a JSON report; of several matches the largest with
 * `upper`, the smallest without, or their sum. observation_release() is to follow.
 */
void observe(
	struct observation *observation, const json_t *report, const struct rule *rule, bool upper);
void observation_release(struct observation *observation);

/* Whether what the lines of `gil` have may be too little, or lines be missing. */
bool observe_lacks_lines(const json_t *process, const json_t *gil);

/*
 * Why nothing can be said from this report, whatever it is about: lost events, a
 * trace that is cut off and the like. NULL: nothing. `accepted`: kinds of doubts
 * that do not matter. The caller frees it.
 */
char *refusal_of(const json_t *report, const GPtrArray *accepted);

/* "CPython 3.13": every Python of the report, once. "" when there is none. The caller frees it. */
char *interpreters_of(const json_t *report);

#endif /* GILTRACE_CHECK_OBSERVE_H */

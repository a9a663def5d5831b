/* What verdicts are called, by machines and in tables; see verdict.h. */
#include "tables/verdict.h"

static const struct {
	const char *key;
	const char *name;
} kinds[VERDICT_KINDS] = {
	[VERDICT_UNKNOWN] = {"unknown", "unknown"},
	[VERDICT_NO_GIL] = {"no_gil", "no GIL"},
	[VERDICT_FREE_THREADED] = {"free_threaded", "GIL is off"},
	[VERDICT_SINGLE_THREADED] = {"single_threaded", "one thread"},
	[VERDICT_NO_CONTENTION] = {"no_contention", "no contention"},
	[VERDICT_CONTENTION] = {"contention", "contention"},
	[VERDICT_LONG_HOLDS] = {"long_holds", "long holds"},
	[VERDICT_CONVOY] = {"convoy", "convoy"},
	[VERDICT_CPU_BOUND] = {"cpu_bound", "CPU-bound"},
};

const char *verdict_kind_key(enum verdict_kind kind)
{
	return kinds[kind].key;
}

const char *verdict_kind_name(enum verdict_kind kind)
{
	return kinds[kind].name;
}

const char *verdict_severity_key(enum verdict_severity severity)
{
	static const char *const keys[] = {
		[VERDICT_SEVERITY_UNKNOWN] = "unknown",
		[VERDICT_SEVERITY_NONE] = "none",
		[VERDICT_SEVERITY_LOW] = "low",
		[VERDICT_SEVERITY_HIGH] = "high",
	};

	return keys[severity];
}

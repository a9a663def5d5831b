/* What the user sets in the environment for the traced process; see options.h. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hot.h"

#define STACK_OVER_NS UINT64_C(10000000)
#define UNANSWERED_OVER_NS UINT64_C(20000000)

struct options options HOT_DATA = {
	.sites = true,
	.stack_over_ns = STACK_OVER_NS,
	.unanswered_over_ns = UNANSWERED_OVER_NS,
};

static bool unit_of(const char *suffix, uint64_t *unit_ns)
{
	static const struct {
		const char *suffix;
		uint64_t ns;
	} units[] = {{"", 1}, {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(suffix, units[i].suffix) == 0) {
			*unit_ns = units[i].ns;
			return true;
		}
	}
	return false;
}

uint64_t options_duration_ns(const char *text, uint64_t fallback)
{
	uint64_t value, unit_ns;
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return fallback;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || !unit_of(end, &unit_ns) || value > UINT64_MAX / unit_ns)
		return fallback;
	return value * unit_ns;
}

/* A threshold that nothing reaches, where the user says 0. */
static uint64_t threshold(const char *name, uint64_t fallback)
{
	uint64_t over_ns = options_duration_ns(getenv(name), fallback);

	return over_ns ? over_ns : UINT64_MAX;
}

/* `fallback`: where the environment does not say. */
static bool is_on(const char *name, bool fallback)
{
	const char *text = getenv(name);

	return text ? strcmp(text, "0") != 0 : fallback;
}

/* -1, which is no signal, for what is no number. */
static int signal_number(const char *text)
{
	char *end;
	long number;

	if (!text || !*text)
		return 0;
	number = strtol(text, &end, 10);
	return *end || number < 0 || number > 64 ? -1 : (int)number;
}

void options_read(void)
{
	options.sites = is_on("GILTRACE_SITES", true);
	options.burst = is_on("GILTRACE_BURST", true);
	options.tsc = is_on("GILTRACE_TSC", true);
	options.stack_over_ns = threshold("GILTRACE_STACK_OVER", STACK_OVER_NS);
	options.stack_signal = signal_number(getenv("GILTRACE_STACK_SIGNAL"));
	options.unanswered_over_ns = threshold("GILTRACE_UNANSWERED_OVER", UNANSWERED_OVER_NS);
}

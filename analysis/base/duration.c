/* A length of time as people write it; see duration.h. */
#include "base/duration.h"

#include <stddef.h>
#include <string.h>

#include <glib.h>

static const struct {
	const char *name;
	double ns;
} units[] = {
	{"", 1e9},
	{"us", 1e3},
	{"ms", 1e6},
	{"s", 1e9},
	{"m", 60e9},
	{"min", 60e9},
	{"h", 3600e9},
	{"d", 86400e9},
};

static const double longest_ns = 100 * 366 * 86400e9;

static bool parse(const char *text, double least_ns, uint64_t *ns)
{
	size_t length = strspn(text, "0123456789.");
	char *end;
	double value;

	/* Only such digits: neither a sign, nor "1e3", nor "inf", nor a locale's comma. */
	if (!length || !g_ascii_isdigit(text[0]))
		return false;
	value = g_ascii_strtod(text, &end);
	if (end != text + length)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		value *= units[i].ns;
		if (value < least_ns || value > longest_ns)
			return false;
		*ns = (uint64_t)(value + 0.5);
		return true;
	}
	return false;
}

bool duration_parse(const char *text, uint64_t *ns)
{
	return parse(text, 1, ns);
}

bool duration_parse_threshold(const char *text, uint64_t *ns)
{
	return parse(text, 0, ns);
}

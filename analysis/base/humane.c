/* Figures as people read them; see humane.h. */
#include "base/humane.h"

#include <math.h>
#include <stdio.h>

#include <glib.h>

/* A unit is used from `from` on: seconds stay seconds until there are a thousand of them. */
struct unit {
	double from;
	double size;
	const char *name;
};

static const struct unit durations[] = {
	{0, 1, "ns"},
	{1e3, 1e3, "us"},
	{1e6, 1e6, "ms"},
	{1e9, 1e9, "s"},
	{1e12, 60e9, "min"},
	{36e12, 3600e9, "h"},
};

static const struct unit counts[] = {
	{1e4, 1e3, "k"},
	{1e6, 1e6, "M"},
	{1e9, 1e9, "G"},
	{1e12, 1e12, "T"},
};

/* The last unit that `value` reaches once it is rounded to three digits (999.6 us is 1.00 ms). */
static const struct unit *pick_unit(const struct unit *units, size_t count, double value)
{
	const struct unit *unit = units;

	for (size_t i = 1; i < count; i++)
		if (value + units[i - 1].size / 2 >= units[i].from)
			unit = &units[i];
	return unit;
}

/* Three significant digits of a value below 1000. */
static void digits(char *text, double value)
{
	const char *format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";

	g_ascii_formatd(text, HUMANE_SIZE, format, value);
}

static char *with_unit(char *text, double value, const struct unit *unit)
{
	char number[HUMANE_SIZE];

	digits(number, value / unit->size);
	g_snprintf(text, HUMANE_SIZE, "%s %s", number, unit->name);
	return text;
}

char *humane_duration(char *text, uint64_t ns)
{
	if (ns == UINT64_MAX)
		g_strlcpy(text, "?", HUMANE_SIZE);
	else if (ns == 0)
		g_strlcpy(text, "0", HUMANE_SIZE);
	else if (ns < 1000)
		g_snprintf(text, HUMANE_SIZE, "%u ns", (unsigned)ns);
	else
		with_unit(text, (double)ns,
			pick_unit(durations, G_N_ELEMENTS(durations), (double)ns));
	return text;
}

char *humane_count(char *text, uint64_t count)
{
	if (count == UINT64_MAX)
		g_strlcpy(text, "?", HUMANE_SIZE);
	else if (count < 10000)
		g_snprintf(text, HUMANE_SIZE, "%u", (unsigned)count);
	else
		with_unit(text, (double)count,
			pick_unit(counts, G_N_ELEMENTS(counts), (double)count));
	return text;
}

char *humane_number(char *text, double number)
{
	if (isnan(number))
		g_strlcpy(text, "?", HUMANE_SIZE);
	else if (number == 0)
		g_strlcpy(text, "0", HUMANE_SIZE);
	else if (number < 0.01)
		g_strlcpy(text, "<0.01", HUMANE_SIZE);
	else if (number < 99999)
		digits(text, number);
	else
		g_ascii_formatd(text, HUMANE_SIZE, "%.2e", number);
	return text;
}

char *humane_share(char *text, double share)
{
	char number[HUMANE_SIZE];

	if (isnan(share))
		return humane_number(text, share);
	g_snprintf(text, HUMANE_SIZE, "%.12s %%", humane_number(number, 100 * share));
	return text;
}

/*
 * What the two files that word verdicts share (verdict_words.c: nobody waits or
 * nobody knows; verdict_waiting.c: threads wait). Used by nothing else.
 */
#ifndef GILTRACE_VERDICT_SPEECH_H
#define GILTRACE_VERDICT_SPEECH_H

#include <glib.h>

#include "base/humane.h"
#include "tables/verdict.h"

/* A verdict being worded; `gil` may be NULL where nobody knows. */
struct speech {
	const struct verdict *verdict;
	const struct report *report;
	const struct process_report *process;
	const struct gil_report *gil;
	GString *sentence;
	GString *next;
};

/* Figures within a sentence; each text lives until the end of the block that asks for it. */
#define DURATION(ns) humane_duration((char[HUMANE_SIZE]){0}, (ns))
#define COUNT(n) humane_count((char[HUMANE_SIZE]){0}, (n))
#define TIMES(x) g_ascii_formatd((char[HUMANE_SIZE]){0}, HUMANE_SIZE, "%.1f", (x))
#define PERCENT(x) speech_percent((char[HUMANE_SIZE]){0}, (x))

/* A share in running text: no more than two digits of it matter there. Writes HUMANE_SIZE bytes,
 * returns them. */
const char *speech_percent(char *text, double share);

/* Appends the label of a thread, an index in its GIL, in quotes. */
void speech_thread(GString *text, const struct gil_report *gil, int thread);

void speech_cpu_bound(const struct speech *s);
void speech_convoy(const struct speech *s);
void speech_long_holds(const struct speech *s);
void speech_contention(const struct speech *s);

#endif /* GILTRACE_VERDICT_SPEECH_H */

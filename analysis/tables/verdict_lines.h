/* What a verdict says about lines. Used by the files that word verdicts, and by verdict.c. */
#ifndef GILTRACE_VERDICT_LINES_H
#define GILTRACE_VERDICT_LINES_H

#include "tables/verdict.h"
#include "tables/verdict_speech.h"

/* Fills `site`, `behind_site`, `site_hold_ns` and `unanswered_stack`. */
void verdict_lines_describe(struct verdict_figures *figures, const struct gil_report *gil);

/* "Of all waiting, 92 % is behind image.py:88 decode(), which keeps the GIL 41.0 ms at a time." */
void speech_line(const struct speech *s);

/*
 * The same to begin with, where there is such a line, and in what C function it is:
 * "image.py:88 decode() keeps the GIL 41.0 ms at a time, 92 % of all waiting is behind it; it is
 * inside libfoo.so:foo_decode, which does not release the GIL."
 */
void speech_holding_line(const struct speech *s);

/*
 * Where holders were when they did not answer, and in what, as far as that is known; at the line
 * that was spoken of, that they were there.
 */
void speech_unanswered(const struct speech *s);

/* How to learn it where it is not known, as a step to take. */
void speech_name_the_function(const struct speech *s);

/* What a smaller switch interval would change for thread `victim`, as a step to take. */
void speech_forecast(const struct speech *s, int victim);

#endif /* GILTRACE_VERDICT_LINES_H */

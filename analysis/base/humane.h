/*
 * Figures as people read them: three significant digits and a unit, in ASCII,
 * with a point whatever the locale, so that two reports can be compared.
 */
#ifndef GILTRACE_HUMANE_H
#define GILTRACE_HUMANE_H

#include <stddef.h>
#include <stdint.h>

/* Room that every text below fits in, its end included. */
#define HUMANE_SIZE 16

/* Each writes into `text` (HUMANE_SIZE bytes) and returns it. UINT64_MAX and NaN are unknown: "?".
 */

/* "0", "380 ns", "5.05 ms", "12.3 s", "16.7 min", "30.1 h". */
char *humane_duration(char *text, uint64_t ns);

/* "0", "9999", "12.3 k", "4.56 M". */
char *humane_count(char *text, uint64_t count);

/* 1 is the whole: "0 %", "<0.01 %", "0.25 %", "7.43 %", "98.1 %", "100 %". */
char *humane_share(char *text, double share);

/* A plain number: "0", "<0.01", "0.98", "3.91", "61.4". */
char *humane_number(char *text, double number);

#endif /* GILTRACE_HUMANE_H */

/* A length of time as people write it. */
#ifndef GILTRACE_DURATION_H
#define GILTRACE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads "250us", "500ms", "10s", "1.5m", "1h", and "10", which are seconds as in sleep(1)
 * and timeout(1). False when it is none, zero, or longer than a hundred years.
 */
bool duration_parse(const char *text, uint64_t *ns);

/* The same for a threshold, of which 0 is one. */
bool duration_parse_threshold(const char *text, uint64_t *ns);

#endif /* GILTRACE_DURATION_H */

/* Typing errors: which known name was meant. */
#ifndef GILTRACE_SIMILAR_H
#define GILTRACE_SIMILAR_H

#include <stdbool.h>

/* Whether `typed` may be meant for `name`: its beginning, or with few letters added, left out or
 * exchanged. */
bool similar_names(const char *typed, const char *name);

#endif /* GILTRACE_SIMILAR_H */

/* Why no GIL was found in a program. */
#ifndef GILTRACE_NATURE_WORDS_H
#define GILTRACE_NATURE_WORDS_H

#include "base/nature.h"

/* A new string without full stop, to be freed with g_free(): "the program is not Python: no ..." */
char *nature_reason(const struct nature *nature);

/* What to do; "" when there is nothing. */
const char *nature_next(const struct nature *nature);

#endif /* GILTRACE_NATURE_WORDS_H */

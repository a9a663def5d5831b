/* What the profile says of itself, and how its markers are shown; see firefox.h. */
#ifndef GILTRACE_EXPORT_FIREFOX_META_H
#define GILTRACE_EXPORT_FIREFOX_META_H

#include "export/firefox.h"

/* Categories, by number: kinds of marks have theirs in their order. */
#define CATEGORY_OF_LINES 1
#define CATEGORY_OF_HOLDS 2

/* What a kind of mark is called in the data of a marker. */
extern const char *const firefox_types[MARK_KINDS];

/* The object, to the profile's output. */
void firefox_put_meta(const struct firefox *firefox, const struct report *report);

/* Text, which must be valid UTF-8, as JSON; nanoseconds as milliseconds, without losing any. */
void firefox_put_string(FILE *out, const char *text);
void firefox_put_ms(FILE *out, uint64_t ns);

#endif /* GILTRACE_EXPORT_FIREFOX_META_H */

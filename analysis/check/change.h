/* Parts of a comparison that compare.c and compare_sites.c share. Used by nothing else. */
#ifndef GILTRACE_CHECK_CHANGE_H
#define GILTRACE_CHECK_CHANGE_H

#include "check/compare.h"

/* Both series are filled: sorts them and says what the change is. */
void change_settle(struct change *change);
void change_release(struct change *change);

/* The lines of both sides' runs. */
void compare_sites(struct comparison *comparison);

#endif /* GILTRACE_CHECK_CHANGE_H */

/* GILTRACE_CHILDREN=0: this process is recorded, those that it starts are not. */
#ifndef GILTRACE_CHILDREN_H
#define GILTRACE_CHILDREN_H

#include <stdbool.h>

bool children_traced(void);

/* Takes this library out of LD_PRELOAD, so that programs started from here run without it. */
void children_release(void);

#endif /* GILTRACE_CHILDREN_H */

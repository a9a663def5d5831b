/* The libraries that stand beside this one. */
#ifndef GILTRACE_BESIDE_H
#define GILTRACE_BESIDE_H

/*
 * Opens one for good, by its file's name; NULL when that fails, and dlerror() says why.
 * By the folder first: the search path of the caller's is not followed where another
 * preloaded library (AddressSanitizer's) passes our call on as its own.
 */
void *beside_open(const char *name);

#endif /* GILTRACE_BESIDE_H */

/*
 * What is true of all GILs of one build of CPython: whether the words around the
 * cond are where every version so far has them, and whether the GIL can be
 * switched off. The pthread calls alone tell who has the GIL; a version that
 * nobody has seen yet is timed all the same, without what needs those words.
 */
#ifndef GILTRACE_TRAITS_H
#define GILTRACE_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "contract.h"

enum trait {
	TRAIT_SWITCHABLE =
		1 << 0, /* of a free-threaded build, with a word that says whether it is on */
	TRAIT_OPAQUE = 1 << 1, /* the words are not where they should be */
};

/* Looks at the first GIL of a Python, while it is being created. */
uint8_t traits_of(uintptr_t cond, bool free_threaded);

/*
 * Whether a GIL is on; of memory that may be gone by now. `free_threaded`: its
 * build can run without.
 */
enum gil_mode traits_mode(uintptr_t cond, uint8_t traits, bool free_threaded);

/* Is there no such GIL any more? False where that cannot be told. */
bool traits_gone(uintptr_t cond, uint8_t traits);

#endif /* GILTRACE_TRAITS_H */

/*
 * The names that events and their fields have in the trace, and where each field
 * goes in `struct event`: the only part of the analysis that knows them.
 */
#ifndef GILTRACE_DECODE_SHAPES_H
#define GILTRACE_DECODE_SHAPES_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

enum { SHAPE_FIELDS = 12 };

enum field_type { FIELD_UNSIGNED, FIELD_SIGNED, FIELD_ENUM, FIELD_STRING, FIELD_NUMBERS };

struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct event */
	size_t size;
	uint64_t last; /* FIELD_ENUM: the largest value that this version knows */
};

struct shape {
	const char *name;
	enum event_kind kind;
	struct field fields[SHAPE_FIELDS]; /* ends at the first without a name */
};

/* NULL when the contract has no such event. */
const struct shape *shape_of(const char *name);

/* Every kind has one. */
const struct shape *shape_of_kind(enum event_kind kind);

#endif /* GILTRACE_DECODE_SHAPES_H */

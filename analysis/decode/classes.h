/* The event classes of a trace and their layouts, each looked at once. */
#ifndef GILTRACE_DECODE_CLASSES_H
#define GILTRACE_DECODE_CLASSES_H

#include <glib.h>
#include <stdint.h>

#include "decode/fields.h"

struct class_entry {
	const bt_event_class *class;
	struct layout *layout; /* NULL unless the use is LAYOUT_KNOWN */
	enum layout_use use;
};

/* Entries are found by the address of their class in a table of this many slots (a power of two)
 * first. */
enum { CLASSES_SLOTS = 64 };

struct classes {
	GHashTable *entries;
	struct class_entry *slots[CLASSES_SLOTS];
};

void classes_init(struct classes *classes);
void classes_release(struct classes *classes);

/* Looks at a class that is met for the first time. */
struct class_entry *classes_add(struct classes *classes, const bt_event_class *class);

static inline const struct class_entry *classes_find(
	struct classes *classes, const bt_event_class *class)
{
	/* Addresses of different classes differ from bit 5 on: none is smaller. */
	struct class_entry **slot = &classes->slots[((uintptr_t) class >> 5) % CLASSES_SLOTS];

	if (!*slot || (*slot)->class != class)
		*slot = classes_add(classes, class);
	return *slot;
}

#endif /* GILTRACE_DECODE_CLASSES_H */

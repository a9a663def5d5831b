/* The event classes of a trace and their layouts; see classes.h. */
#include "decode/classes.h"

#include <string.h>

static void free_entry(void *data)
{
	struct class_entry *entry = data;

	layout_free(entry->layout);
	bt_event_class_put_ref(entry->class);
	g_free(entry);
}

void classes_init(struct classes *classes)
{
	memset(classes, 0, sizeof(*classes));
	classes->entries = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_entry);
}

void classes_release(struct classes *classes)
{
	g_hash_table_unref(classes->entries);
}

struct class_entry *classes_add(struct classes *classes, const bt_event_class *class)
{
	struct class_entry *entry = g_hash_table_lookup(classes->entries, class);

	if (entry)
		return entry;
	entry = g_new0(struct class_entry, 1);
	/* Else another one could come to be at its address, when a live session's process is gone.
	 */
	bt_event_class_get_ref(class);
	entry->class = class;
	entry->layout = layout_new(class, &entry->use);
	g_hash_table_insert(classes->entries, (void *)(uintptr_t) class, entry);
	return entry;
}

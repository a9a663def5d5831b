/* A hash table from numbers to pointers: pids, GIL ids, tids. Entries are replaced, never removed.
 */
#ifndef GILTRACE_MODEL_MAP_H
#define GILTRACE_MODEL_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
	void *value; /* NULL: free */
	uint32_t key;
};

/* All zero: empty. */
struct map {
	struct map_entry *entries;
	uint32_t mask;
	uint32_t used;
};

static inline uint32_t map_hash(uint32_t key)
{
	return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* NULL when there is none. */
static inline void *map_get(const struct map *map, uint32_t key)
{
	if (!map->entries)
		return NULL;
	for (uint32_t i = map_hash(key);; i++) {
		const struct map_entry *entry = &map->entries[i & map->mask];

		if (!entry->value || entry->key == key)
			return entry->value;
	}
}

/* `value` is not NULL. Aborts when memory is exhausted, as GLib does. */
void map_set(struct map *map, uint32_t key, void *value);

/* Frees the table, not the values. */
void map_release(struct map *map);

#endif /* GILTRACE_MODEL_MAP_H */

/* A hash table from numbers to pointers; see map.h. */
#include "model/map.h"

#include <glib.h>

#define FIRST_SIZE 8

static struct map_entry *find(const struct map *map, uint32_t key)
{
	for (uint32_t i = map_hash(key);; i++) {
		struct map_entry *entry = &map->entries[i & map->mask];

		if (!entry->value || entry->key == key)
			return entry;
	}
}

static void grow(struct map *map)
{
	struct map old = *map;
	uint32_t size = old.entries ? 2 * (old.mask + 1) : FIRST_SIZE;

	map->entries = g_new0(struct map_entry, size);
	map->mask = size - 1;
	for (uint32_t i = 0; old.entries && i <= old.mask; i++) {
		if (old.entries[i].value)
			*find(map, old.entries[i].key) = old.entries[i];
	}
	g_free(old.entries);
}

void map_set(struct map *map, uint32_t key, void *value)
{
	struct map_entry *entry;

	/* At most three quarters full, so that a search always meets a free entry. */
	if (!map->entries || 4 * (map->used + 1) > 3 * (map->mask + 1))
		grow(map);
	entry = find(map, key);
	if (!entry->value)
		map->used++;
	*entry = (struct map_entry){.key = key, .value = value};
}

void map_release(struct map *map)
{
	g_free(map->entries);
	*map = (struct map){0};
}

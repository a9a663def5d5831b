/* The table of this process's GILs; see gils.h. */
#include "gils.h"

#include <string.h>

struct gil gils[GILS_SLOTS];
static uint16_t last_id;
static uintptr_t main_cond;

static struct gil *free_slot(uintptr_t cond)
{
	size_t slot = gils_slot(cond);

	for (int probe = 0; probe < GILS_PROBES; probe++) {
		struct gil *gil = &gils[(slot + probe) & (GILS_SLOTS - 1)];

		if (gil->key <= GILS_GIVEN_UP)
			return gil;
	}
	return NULL;
}

struct gil *gils_add(void *cond)
{
	struct gil *gil = free_slot((uintptr_t)cond);

	if (!gil)
		return NULL;
	if (!main_cond)
		main_cond = (uintptr_t)cond;
	/* A thread that finds the key sees an initialised GIL: the key comes last. */
	memset((char *)gil + sizeof(gil->key), 0, sizeof(*gil) - sizeof(gil->key));
	gil->cond = (uintptr_t)cond;
	gil->id = last_id++;
	gil->kind = (uintptr_t)cond == main_cond ? INTERPRETER_MAIN : INTERPRETER_SUB;
	gil->interval_us = (uint32_t)layout_interval_us((uintptr_t)cond);
	__atomic_store_n(&gil->key, gil->cond, __ATOMIC_RELEASE);
	return gil;
}

void gils_forget(struct gil *gil)
{
	__atomic_store_n(&gil->key, GILS_GIVEN_UP, __ATOMIC_RELEASE);
}

void gils_clear(void)
{
	for (size_t i = 0; i < GILS_SLOTS; i++)
		if (gils[i].key)
			gils[i].key = 0;
	last_id = 0;
	main_cond = 0;
}

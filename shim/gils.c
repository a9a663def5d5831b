/* The table of this process's GILs; see gils.h. */
#include "gils.h"

#include <string.h>

#include "options.h"

struct gil gils[GILS_SLOTS];
uintptr_t gils_keys[GILS_SLOTS];
uint64_t gils_on_since[GILS_SLOTS];
static uint16_t last_id;
static const struct gil *main_gil;

static struct gil *free_slot(uintptr_t cond)
{
	size_t slot = gils_slot(cond);

	for (int probe = 0; probe < GILS_PROBES; probe++) {
		size_t at = (slot + probe) & (GILS_SLOTS - 1);

		if (!gils_in(at))
			return &gils[at];
	}
	return NULL;
}

static void set_key(struct gil *gil, uintptr_t key)
{
	__atomic_store_n(&gil->key, key, __ATOMIC_RELEASE);
	__atomic_store_n(&gils_keys[gil - gils], key, __ATOMIC_RELEASE);
}

struct gil *gils_add(void *cond, bool first, uint8_t traits)
{
	struct gil *gil = free_slot((uintptr_t)cond);
	bool is_main = first || !main_gil || main_gil->cond == (uintptr_t)cond;

	if (!gil)
		return NULL;
	if (is_main)
		main_gil = gil;
	/* A thread that finds the key sees an initialised GIL: the key comes last. */
	memset((char *)gil + sizeof(gil->key), 0, sizeof(*gil) - sizeof(gil->key));
	gil->cond = (uintptr_t)cond;
	gil->id = last_id++;
	gil->kind = is_main ? INTERPRETER_MAIN : INTERPRETER_SUB;
	gil->traits = traits;
	gil->interval_us = gil_interval_us(gil);
	*gil_on_since(gil) = 0;
	gil->keeps = options.burst;
	set_key(gil, gil->cond);
	return gil;
}

static bool is_idle(const struct gil *gil)
{
	return __atomic_load_n(&gil->holder, __ATOMIC_RELAXED) <= HOLDER_NONE &&
	       __atomic_load_n(&gil->waiters, __ATOMIC_RELAXED) == 0;
}

struct gil *gils_idlest(const void *cond)
{
	size_t slot = gils_slot((uintptr_t)cond);
	struct gil *idlest = NULL;

	for (int probe = 0; probe < GILS_PROBES; probe++) {
		struct gil *gil = gils_in((slot + probe) & (GILS_SLOTS - 1));

		if (!gil || gil == main_gil)
			continue;
		if (traits_gone(gil->cond, gil->traits))
			return gil;
		if (is_idle(gil) && (!idlest || gil->acquired_at < idlest->acquired_at))
			idlest = gil;
	}
	return idlest;
}

const struct gil *gils_main(void)
{
	return main_gil;
}

void gils_forget(struct gil *gil)
{
	set_key(gil, GILS_GIVEN_UP);
}

void gils_clear(void)
{
	for (size_t i = 0; i < GILS_SLOTS; i++)
		if (gils_keys[i])
			set_key(&gils[i], 0);
	last_id = 0;
	main_gil = NULL;
}

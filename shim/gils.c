/* The table of this process's GILs; see gils.h. */
#include "gils.h"

#include <string.h>

#include "bursts.h"
#include "options.h"

struct gil gils[GILS_SLOTS];
uint64_t gils_on_since[GILS_SLOTS];
static uint16_t last_id;
static const struct gil *main_gil;

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
	if (options.burst) {
		gil->burst = &bursts[gil - gils];
		gil->burst->batch.count = 0;
		gil->burst->locked = false; /* a thread that fork() did not copy may have had it */
	}
	__atomic_store_n(&gil->key, gil->cond, __ATOMIC_RELEASE);
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
		struct gil *gil = &gils[(slot + probe) & (GILS_SLOTS - 1)];

		if (gil->key <= GILS_GIVEN_UP || gil == main_gil)
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
	__atomic_store_n(&gil->key, GILS_GIVEN_UP, __ATOMIC_RELEASE);
}

void gils_clear(void)
{
	for (size_t i = 0; i < GILS_SLOTS; i++)
		if (gils[i].key)
			gils[i].key = 0;
	last_id = 0;
	main_gil = NULL;
}

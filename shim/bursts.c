/* Holds that leave together; see bursts.h. */
#include "bursts.h"

#include <stddef.h>
#include <string.h>

#include "sites.h"

/* How long the first hold of a buffer waits, while others follow. */
#define PATIENCE_NS UINT64_C(10000000)

struct burst bursts[GILS_SLOTS];

bool bursts_off;

void bursts_switch(bool on)
{
	__atomic_store_n(&bursts_off, !on, __ATOMIC_SEQ_CST);
}

static unsigned place_of(pid_t tid, uint32_t site)
{
	uint64_t mixed = (uint64_t)site << 32 ^ (uint32_t)tid;

	return (unsigned)(mixed * UINT64_C(0x9E3779B97F4A7C15) >> 58);
}

static void append(struct burst *burst, uint64_t word)
{
	burst->batch.words[burst->batch.count++] = word;
}

/* The place of the next hold is another one than the last one's. */
static bool move(struct burst *burst, pid_t tid, const struct position *position, uint64_t stamp)
{
	uint32_t site = position->code ? sites_find(position) : SITE_UNKNOWN;
	unsigned place;
	uint64_t word;

	if ((position->code && !site) || (uint32_t)tid >> CYCLES_TID_BITS)
		return false;
	place = place_of(tid, site);
	word = cycles_place_word(place, (uint32_t)tid, site);
	if (!(burst->told >> place & 1) || burst->places[place] != word) {
		burst->told |= UINT64_C(1) << place;
		burst->places[place] = word;
		append(burst, word);
	}
	burst->single = false;
	burst->place = (uint8_t)place;
	burst->tid = tid;
	burst->position = *position;
	burst->stamp = stamp;
	return true;
}

static bool is_there(
	const struct burst *burst, pid_t tid, const struct position *position, uint64_t stamp)
{
	return burst->tid == tid && burst->position.code == position->code &&
	       burst->position.instr == position->instr && burst->stamp == stamp;
}

static void begin(struct gil *gil, unsigned generation)
{
	struct burst *burst = gil->burst;

	burst->generation = generation;
	burst->single = false;
	burst->tid = 0;
	burst->told = 0;
	burst->batch.gil = gil->id;
	burst->batch.seq = gil->seq;
	burst->batch.at = gil->acquired_at;
	burst->end = gil->acquired_at;
}

/* With room for two words, and no hold missing before this one. */
static bool add(struct gil *gil, pid_t tid, const struct position *position, uint64_t now)
{
	struct burst *burst = gil->burst;
	struct cycle cycle = {
		.gap_ns = gil->acquired_at - burst->end,
		.hold_ns = now - gil->acquired_at,
	};
	uint64_t stamp = sites_stamp(position->code);

	if (cycles_is_long(cycle) ||
		(!is_there(burst, tid, position, stamp) && !move(burst, tid, position, stamp)))
		return false;
	if (burst->single && cycles_is_short(cycle) && cycles_is_short(burst->last)) {
		burst->batch.words[burst->batch.count - 1] =
			cycles_two(burst->place, burst->last, cycle);
		burst->single = false;
	} else {
		append(burst, cycles_one(burst->place, cycle));
		burst->single = true;
		burst->last = cycle;
	}
	burst->seq = gil->seq;
	burst->end = now;
	return true;
}

bool bursts_add(struct gil *gil, unsigned generation, pid_t tid, const struct position *position,
	uint64_t now)
{
	struct burst *burst = gil->burst;

	if (!burst->batch.count || burst->generation != generation) {
		burst->batch.count = 0;
		begin(gil, generation);
	} else if (gil->seq != burst->seq + 2 || burst->batch.count + 2 > CYCLES_WORDS) {
		return false;
	}
	return add(gil, tid, position, now);
}

bool bursts_is_due(const struct gil *gil, uint64_t now)
{
	return now - gil->burst->batch.at >= PATIENCE_NS;
}

bool bursts_take(struct gil *gil, unsigned generation, struct batch *batch)
{
	struct burst *burst = gil->burst;
	bool any = burst && burst->batch.count && burst->generation == generation;

	if (any)
		memcpy(batch, &burst->batch,
			offsetof(struct batch, words) +
				burst->batch.count * sizeof(burst->batch.words[0]));
	if (burst)
		burst->batch.count = 0;
	return any;
}

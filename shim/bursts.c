/* Holds that leave together; see bursts.h. */
#include "bursts.h"

#include <stddef.h>
#include <string.h>

#include "hot.h"
#include "sites.h"

bool bursts_off HOT_DATA;

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
static __attribute__((noinline)) bool move(
	struct burst *burst, pid_t tid, const struct position *position)
{
	uint64_t moment = sites_moment(), stamp = sites_stamp(position->code);
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
	burst->moment = moment;
	return true;
}

/* A code object has died since the last look, or somebody began to listen: has it to do with us? */
static __attribute__((noinline)) bool is_unchanged(struct burst *burst, uint64_t moment)
{
	if (sites_stamp(burst->position.code) != burst->stamp)
		return false;
	burst->moment = moment;
	return true;
}

static bool is_there(struct burst *burst, pid_t tid, const struct position *position)
{
	uint64_t moment = sites_moment();

	return burst->tid == tid && burst->position.code == position->code &&
	       burst->position.instr == position->instr &&
	       (burst->moment == moment || is_unchanged(burst, moment));
}

static __attribute__((noinline)) void begin(struct gil *gil, unsigned generation)
{
	struct burst *burst = &gil->burst;

	burst->batch.count = 0;
	burst->generation = generation;
	burst->single = false;
	burst->waiters = 0;
	burst->tid = 0;
	burst->told = 0;
	burst->batch.gil = gil->id;
	burst->batch.seq = gil->seq;
	burst->batch.at = gil->acquired_at;
}

/* Another number of threads waits now. */
static __attribute__((noinline)) void tell_waiters(struct burst *burst, uint16_t waiters)
{
	append(burst, cycles_waiters_word(waiters));
	burst->single = false;
	burst->waiters = waiters;
}

static __attribute__((noinline)) void tell_wait(struct burst *burst, const struct waited *waited)
{
	append(burst, cycles_wait_word(waited->ns, waited->site));
	burst->single = false;
}

/* Neither may be long. */
static void pack(struct burst *burst, struct cycle cycle)
{
	if (burst->single && cycles_is_short(cycle)) {
		uint64_t *last = &burst->batch.words[burst->batch.count - 1];
		struct cycle first = cycles_of_one(*last);

		if (cycles_is_short(first)) {
			*last = cycles_two(burst->place, first, cycle);
			burst->single = false;
			return;
		}
	}
	append(burst, cycles_one(burst->place, cycle));
	burst->single = true;
}

static bool is_empty(const struct burst *burst, unsigned generation)
{
	return !burst->batch.count || burst->generation != generation;
}

bool bursts_has_room(const struct gil *gil, unsigned generation)
{
	const struct burst *burst = &gil->burst;

	return is_empty(burst, generation) ||
	       (gil->seq == burst->seq + 2 && burst->batch.count + CYCLES_NEEDED <= CYCLES_WORDS &&
		       !cycles_is_long(gil->acquired_at - gil->released_at));
}

bool bursts_add(struct gil *gil, unsigned generation, pid_t tid, const struct position *position,
	uint16_t waiters, const struct waited *waited, uint64_t now)
{
	struct burst *burst = &gil->burst;
	struct cycle cycle = {
		.gap_ns = gil->acquired_at - gil->released_at,
		.hold_ns = now - gil->acquired_at,
	};

	if (__builtin_expect(is_empty(burst, generation), 0)) {
		begin(gil, generation);
		cycle.gap_ns = 0;
	}
	if (__builtin_expect(cycles_is_long(cycle.hold_ns) || (!is_there(burst, tid, position) &&
								      !move(burst, tid, position)),
		    0))
		return false;
	if (__builtin_expect(burst->waiters != waiters, 0))
		tell_waiters(burst, waiters);
	if (__builtin_expect(waited != NULL, 0))
		tell_wait(burst, waited);
	pack(burst, cycle);
	burst->seq = gil->seq;
	return true;
}

bool bursts_take(struct gil *gil, unsigned generation, struct batch *batch)
{
	struct burst *burst = &gil->burst;
	bool any = burst->batch.count && burst->generation == generation;

	if (any)
		memcpy(batch, &burst->batch,
			offsetof(struct batch, words) +
				burst->batch.count * sizeof(burst->batch.words[0]));
	burst->batch.count = 0;
	return any;
}

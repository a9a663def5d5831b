/* The model under any input at all: it ends, and the invariants hold. Runs under the sanitizers in
 * CI. */
#include <glib.h>

#include "../shim/cycles.h"
#include "trace.h"

static uint64_t any_number(GRand *rand)
{
	uint64_t near = (uint64_t)g_rand_int_range(rand, 0, 64);

	switch (g_rand_int_range(rand, 0, 8)) {
	case 0:
		return UINT64_MAX - near;
	case 1:
		return (UINT64_C(1) << near) - 1;
	case 2:
		return (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
	case 3:
		return (uint64_t)g_rand_int(rand);
	case 4:
		return (uint64_t)g_rand_int_range(rand, 0, 100000);
	default:
		return near;
	}
}

static const char *any_string(GRand *rand)
{
	static const char *const strings[] = {"", "prog", "other", "mine", "\xff"};

	return strings[g_rand_int_range(rand, 0, G_N_ELEMENTS(strings))];
}

static void any_facts(GRand *rand, struct event *event)
{
	if (event->kind == EVENT_PROCESS) {
		event->process.state = (enum process_state)g_rand_int_range(rand, 0, 4);
		event->process.ppid = g_rand_int_range(rand, 0, 3);
		event->process.gil_mode =
			g_rand_int_range(rand, 0, 20) ? GIL_ENABLED : GIL_DISABLED;
		event->process.run = any_string(rand);
		event->process.implementation = any_string(rand);
		event->process.version = any_string(rand);
		event->process.executable = any_string(rand);
		event->process.command = any_string(rand);
	} else if (event->kind == EVENT_GIL) {
		event->gil_info.state = (enum gil_state)g_rand_int_range(rand, 0, 4);
		event->gil_info.kind = (enum interpreter_kind)g_rand_int_range(rand, 0, 2);
		event->gil_info.mode = (enum gil_mode)g_rand_int_range(rand, 0, 4);
		event->gil_info.detail = (enum gil_detail)g_rand_int_range(rand, 0, 2);
		event->gil_info.seq = any_number(rand);
		event->gil_info.interval_us = g_rand_int(rand);
	} else {
		event->thread.state = (enum thread_state)g_rand_int_range(rand, 0, 4);
		event->thread.kind = (enum thread_kind)g_rand_int_range(rand, 0, 3);
		event->thread.name = any_string(rand);
	}
}

static struct event_numbers any_numbers(GRand *rand)
{
	static uint64_t numbers[2][8];
	static int next;
	uint64_t *these = numbers[next++ % 2];

	for (int i = 0; i < 8; i++)
		these[i] = any_number(rand);
	return (struct event_numbers){these, (size_t)g_rand_int_range(rand, 0, 9)};
}

/* Mostly words that mean something. */
static struct event_numbers any_words(GRand *rand)
{
	static uint64_t words[40];

	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
		unsigned place = (unsigned)g_rand_int_range(rand, 0, 3);

		words[i] =
			any_number(rand) << 8 | place << 2 |
			(unsigned)g_rand_int_range(rand, 0, g_rand_int_range(rand, 0, 9) ? 3 : 4);
		if (i == 0 || !g_rand_int_range(rand, 0, 4))
			words[i] = cycles_place_word(place,
				(uint32_t)g_rand_int_range(
					rand, g_rand_int_range(rand, 0, 99) > 0, 7),
				(uint32_t)any_number(rand));
	}
	return (struct event_numbers){words, (size_t)g_rand_int_range(rand, 0, 41)};
}

static void any_description(GRand *rand, struct event *event)
{
	switch (event->kind) {
	case EVENT_SITE:
		event->site.site = (uint32_t)any_number(rand);
		event->site.line = (int32_t)any_number(rand);
		event->site.first_line = (int32_t)any_number(rand);
		event->site.function = any_string(rand);
		event->site.file = any_string(rand);
		break;
	case EVENT_STACK:
		event->stack.kind = (enum stack_kind)g_rand_int_range(rand, 0, 3);
		event->stack.seq = any_number(rand);
		event->stack.whole = (uint8_t)g_rand_int_range(rand, 0, 3);
		event->stack.sites = any_numbers(rand);
		event->stack.addresses = any_numbers(rand);
		break;
	case EVENT_MODULE:
		event->module.base = any_number(rand);
		event->module.size = any_number(rand);
		event->module.build_id = any_string(rand);
		event->module.path = any_string(rand);
		break;
	case EVENT_MARK:
		event->mark.state = (enum mark_state)g_rand_int_range(rand, 0, 4);
		event->mark.name = any_string(rand);
		break;
	default:
		event->unavailable.facility = (enum facility)g_rand_int_range(rand, 0, 2);
		event->unavailable.reason = any_string(rand);
		break;
	}
}

/* Facts are rare, as they begin things anew. */
static void any_event(GRand *rand, struct event *event)
{
	*event = (struct event){
		.kind = g_rand_int_range(rand, 0, 30)
				? (enum event_kind)g_rand_int_range(rand, EVENT_WAIT, EVENT_KINDS)
				: (enum event_kind)g_rand_int_range(rand, 0, EVENT_WAIT),
		.timestamp = any_number(rand),
		.pid = g_rand_int_range(rand, -1, 2),
		.tid = g_rand_int_range(rand, -2, 6),
		.gil = (uint16_t)g_rand_int_range(rand, 0, 2),
		.at = any_number(rand),
	};
	switch (event->kind) {
	case EVENT_WAIT:
		event->wait.holder = g_rand_int_range(rand, -3, 8);
		break;
	case EVENT_DROP_REQUEST:
		event->drop_request.holder = g_rand_int_range(rand, -3, 8);
		break;
	case EVENT_ACQUIRE:
		event->acquire.seq = any_number(rand);
		event->acquire.wait_ns = any_number(rand);
		event->acquire.yield_ns = any_number(rand);
		event->acquire.site = (uint32_t)any_number(rand);
		event->acquire.waiters = (uint16_t)g_rand_int_range(rand, 0, 3);
		break;
	case EVENT_RELEASE:
		event->release.seq = any_number(rand);
		event->release.held_ns = any_number(rand);
		event->release.requested_ns = any_number(rand);
		event->release.site = (uint32_t)any_number(rand);
		event->release.waiters = (uint16_t)g_rand_int_range(rand, 0, 3);
		event->release.acquired = (uint8_t)g_rand_int_range(rand, 0, 3);
		break;
	case EVENT_CYCLES:
		event->cycles.seq = any_number(rand);
		event->cycles.words = any_words(rand);
		break;
	case EVENT_SITE:
	case EVENT_STACK:
	case EVENT_MODULE:
	case EVENT_MARK:
	case EVENT_UNAVAILABLE:
		any_description(rand, event);
		break;
	default:
		any_facts(rand, event);
		break;
	}
}

static const struct region_choice every_region = {.every = true};

/* `timed`: it was watched. */
static void finish(struct stats *stats, struct watch *watch, bool timed)
{
	struct report report = {0};

	stats_finish(stats, &report);
	trace_check(&report, ~0u);
	if (timed)
		watch_compare(watch, &report);
	watch_release(watch);
	report_release(&report);
}

static void test_any_events(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 400; seed++) {
		GRand *rand = g_rand_new_with_seed(seed);
		const struct selection mine = {.run = "mine"};
		struct model_timeline timeline;
		struct watch watch;
		struct stats *stats;

		watch_begin(&watch, &timeline);
		stats = stats_new(seed % 4 ? NULL : &mine, seed % 3 ? NULL : &every_region,
			seed % 2 ? NULL : &timeline);
		for (int i = 0; i < 2000; i++) {
			struct event event;

			any_event(rand, &event);
			stats_feed(stats, &event);
		}
		finish(stats, &watch, seed % 2 == 0);
		g_rand_free(rand);
	}
}

static uint64_t count_cycles(const struct event_numbers *words)
{
	uint64_t count = 0;

	for (size_t i = 0; i < words->count; i++) {
		unsigned kind = cycles_kind(words->numbers[i]);

		count += kind == CYCLES_ONE ? 1 : kind == CYCLES_TWO ? 2 : 0;
	}
	return count;
}

/* Nearly right: sequence numbers go on, times too, but each field may be anything. */
static void test_nearly_right_events(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		GRand *rand = g_rand_new_with_seed(seed);
		struct model_timeline timeline;
		struct watch watch;
		struct stats *stats;
		uint64_t at = 1000000, seq = 0;

		watch_begin(&watch, &timeline);
		stats = stats_new(
			NULL, seed % 3 ? NULL : &every_region, seed % 2 ? NULL : &timeline);
		for (int i = 0; i < 5000; i++) {
			struct event event;

			any_event(rand, &event);
			event.pid = 1;
			event.gil = 1;
			if (g_rand_int_range(rand, 0, 50))
				event.at = at += (uint64_t)g_rand_int_range(rand, 0, 1000);
			if (event.kind == EVENT_RELEASE && g_rand_int_range(rand, 0, 50)) {
				event.release.seq = seq += 2;
				event.release.held_ns = (uint64_t)g_rand_int_range(rand, 0, 2000);
			} else if (event.kind == EVENT_CYCLES && g_rand_int_range(rand, 0, 50)) {
				event.cycles.seq = seq + 2;
				seq += 2 * count_cycles(&event.cycles.words);
			} else if (event.kind == EVENT_ACQUIRE && g_rand_int_range(rand, 0, 50)) {
				event.acquire.seq = seq + 1;
				event.acquire.wait_ns = (uint64_t)g_rand_int_range(rand, 0, 20000);
				event.acquire.yield_ns = (uint64_t)g_rand_int_range(rand, 0, 2000);
			}
			stats_feed(stats, &event);
		}
		finish(stats, &watch, seed % 2 == 0);
		g_rand_free(rand);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_events),
		cmocka_unit_test(test_nearly_right_events),
	};

	return cmocka_run_group_tests_name("model_hostile", tests, NULL, NULL);
}

/* Events that go from one thread to another: all of them, in order, with all that they point to. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decode/conveyor.h"

enum { EVENTS = 100000, WORDS = 250, HUGE_WORDS = 100000, TAKEN = 5000 };

/* What the thread that reads writes into for each event, as babeltrace2 does. */
struct source {
	struct conveyor *conveyor;
	unsigned count;
	unsigned words; /* of a list */
	unsigned put;
	int code; /* of the last one */
	char text[64];
	uint64_t numbers[HUGE_WORDS];
};

static void write_text(char *text, size_t size, unsigned i)
{
	snprintf(
		text, size, "%.*s%u", (int)(i % 40), "a name that is now longer, now shorter, ", i);
}

static unsigned length_of(unsigned i, unsigned words)
{
	return i * 7919 % (words + 1);
}

static struct event_numbers write_numbers(struct source *source, unsigned i)
{
	unsigned count = length_of(i, source->words);

	for (unsigned k = 0; k < count; k++)
		source->numbers[k] = (uint64_t)i << 32 | k;
	/* As a list that was never long: fields.c. */
	return (struct event_numbers){count > 0 ? source->numbers : NULL, count};
}

static void fill(struct source *source, struct event *event, unsigned i)
{
	*event = (struct event){.kind = i % EVENT_KINDS, .timestamp = i, .tid = (int32_t)i};
	write_text(source->text, sizeof(source->text), i);
	switch (event->kind) {
	case EVENT_PROCESS:
		event->process.run = "";
		event->process.implementation = source->text;
		event->process.version = source->text + strlen(source->text) / 2;
		event->process.executable = "executable";
		event->process.command = source->text;
		break;
	case EVENT_THREAD:
		event->thread.name = source->text;
		break;
	case EVENT_RELEASE:
		event->release.seq = i;
		event->release.site = i;
		break;
	case EVENT_CYCLES:
		event->cycles.words = write_numbers(source, i);
		break;
	case EVENT_SITE:
		event->site.function = source->text;
		event->site.file = source->text;
		break;
	case EVENT_STACK:
		event->stack.sites = write_numbers(source, i);
		event->stack.addresses = write_numbers(source, i);
		break;
	case EVENT_MODULE:
		event->module.build_id = source->text;
		event->module.path = source->text;
		break;
	case EVENT_MARK:
		event->mark.name = source->text;
		break;
	case EVENT_UNAVAILABLE:
		event->unavailable.reason = source->text;
		break;
	default:
		break;
	}
}

static void put_all(void *user)
{
	struct source *source = user;
	struct event event;

	for (unsigned i = 0; i < source->count && source->code == 0; i++) {
		fill(source, &event, i);
		source->code = conveyor_put(source->conveyor, &event, 3 * (uint64_t)i);
		source->put++;
		memset(source->text, '?', sizeof(source->text) - 1);
		memset(source->numbers, 0xff, WORDS * sizeof(*source->numbers));
	}
}

static void check_numbers(const struct event_numbers *numbers, unsigned words, unsigned i)
{
	assert_int_equal(numbers->count, length_of(i, words));
	for (unsigned k = 0; k < numbers->count; k++)
		assert_true(numbers->numbers[k] == ((uint64_t)i << 32 | k));
}

static void check(const struct event *event, unsigned words, unsigned i)
{
	char text[64];

	write_text(text, sizeof(text), i);
	assert_int_equal(event->kind, i % EVENT_KINDS);
	assert_int_equal(event->timestamp, i);
	assert_int_equal(event->tid, i);
	switch (event->kind) {
	case EVENT_PROCESS:
		assert_string_equal(event->process.run, "");
		assert_string_equal(event->process.implementation, text);
		assert_string_equal(event->process.version, text + strlen(text) / 2);
		assert_string_equal(event->process.executable, "executable");
		assert_string_equal(event->process.command, text);
		break;
	case EVENT_THREAD:
		assert_string_equal(event->thread.name, text);
		break;
	case EVENT_RELEASE:
		assert_int_equal(event->release.seq, i);
		assert_int_equal(event->release.site, i);
		break;
	case EVENT_CYCLES:
		check_numbers(&event->cycles.words, words, i);
		break;
	case EVENT_SITE:
		assert_string_equal(event->site.function, text);
		assert_string_equal(event->site.file, text);
		break;
	case EVENT_STACK:
		check_numbers(&event->stack.sites, words, i);
		check_numbers(&event->stack.addresses, words, i);
		break;
	case EVENT_MODULE:
		assert_string_equal(event->module.build_id, text);
		assert_string_equal(event->module.path, text);
		break;
	case EVENT_MARK:
		assert_string_equal(event->mark.name, text);
		break;
	case EVENT_UNAVAILABLE:
		assert_string_equal(event->unavailable.reason, text);
		break;
	default:
		break;
	}
}

static struct source source;

static void begin(unsigned count, unsigned words)
{
	memset(&source, 0, sizeof(source));
	source.conveyor = conveyor_new();
	source.count = count;
	source.words = words;
	assert_true(conveyor_start(source.conveyor, put_all, &source));
}

static void take(unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		const struct conveyor_item *item = conveyor_next(source.conveyor);

		assert_non_null(item);
		assert_int_equal(item->order, 3 * (uint64_t)i);
		check(&item->event, source.words, i);
	}
}

static void take_the_end(void)
{
	assert_null(conveyor_next(source.conveyor));
	assert_null(conveyor_next(source.conveyor));
	assert_int_equal(source.code, 0);
	assert_int_equal(source.put, source.count);
	conveyor_free(source.conveyor);
}

static void test_all_arrive(void **state)
{
	(void)state;
	begin(EVENTS, WORDS);
	take(0, EVENTS);
	take_the_end();
}

static void test_none(void **state)
{
	(void)state;
	begin(0, WORDS);
	take_the_end();
}

static void test_one(void **state)
{
	(void)state;
	begin(1, WORDS);
	take(0, 1);
	take_the_end();
}

/* Most of the lists are longer than what a batch has room for. */
static void test_larger_than_a_batch(void **state)
{
	const unsigned count = 20 * EVENT_KINDS;

	(void)state;
	begin(count, HUGE_WORDS);
	take(0, count);
	take_the_end();
}

static void stop_after(unsigned taken)
{
	begin(EVENTS, WORDS);
	take(0, taken);
	conveyor_free(source.conveyor);
	assert_int_equal(source.code, -ECANCELED);
	assert_true(source.put < EVENTS);
}

static void test_no_more_are_wanted(void **state)
{
	(void)state;
	stop_after(TAKEN);
	stop_after(1);
	stop_after(0);
}

/* As when another one's thread could not be started. */
static void test_never_started(void **state)
{
	(void)state;
	conveyor_free(conveyor_new());
	conveyor_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_arrive),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_larger_than_a_batch),
		cmocka_unit_test(test_no_more_are_wanted),
		cmocka_unit_test(test_never_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How the shim finds a GIL, keeps its table of them, and lets children go. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "children.h"
#include "discovery.h"
#include "gils.h"
#include "runtime_gil.h"

/* A GIL's worth of memory, with room in front for what lies before its cond. */
struct memory {
	char before[64];
	char cond[256];
};

static void *part(struct memory *memory, int offset)
{
	return memory->cond + offset;
}

static int clear(void **state)
{
	(void)state;
	gils_clear();
	return 0;
}

static void test_four_calls_in_order_are_a_gil(void **state)
{
	struct discovery discovery = {0};
	struct memory memory;
	void *cond = NULL;

	(void)state;
	discovery_mutex_init(&discovery, &discovery); /* some other mutex first */
	discovery_mutex_init(&discovery, part(&memory, LAYOUT_MUTEX));
	discovery_mutex_init(&discovery, part(&memory, LAYOUT_SWITCH_MUTEX));
	assert_false(discovery_cond_init(&discovery, part(&memory, 0), &cond));
	assert_true(discovery_cond_init(&discovery, part(&memory, LAYOUT_SWITCH_COND), &cond));
	assert_ptr_equal(cond, memory.cond);
	/* And once only. */
	assert_false(discovery_cond_init(&discovery, part(&memory, LAYOUT_SWITCH_COND), &cond));
}

static void test_other_calls_are_none(void **state)
{
	static const int wrong[][4] = {
		/* switch mutex first */
		{LAYOUT_SWITCH_MUTEX, LAYOUT_MUTEX, 0, LAYOUT_SWITCH_COND},
		/* another distance between the mutexes */
		{LAYOUT_MUTEX, LAYOUT_SWITCH_MUTEX + 8, 0, LAYOUT_SWITCH_COND},
		/* conds the other way round */
		{LAYOUT_MUTEX, LAYOUT_SWITCH_MUTEX, LAYOUT_SWITCH_COND, 0},
		/* a cond of something else in between */
		{LAYOUT_MUTEX, LAYOUT_SWITCH_MUTEX, 8, LAYOUT_SWITCH_COND},
	};
	struct memory memory;
	void *cond;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct discovery discovery = {0};

		discovery_mutex_init(&discovery, part(&memory, wrong[i][0]));
		discovery_mutex_init(&discovery, part(&memory, wrong[i][1]));
		assert_false(discovery_cond_init(&discovery, part(&memory, wrong[i][2]), &cond));
		assert_false(discovery_cond_init(&discovery, part(&memory, wrong[i][3]), &cond));
	}
}

static void test_gil_is_found_by_each_part(void **state)
{
	struct memory memory;
	struct gil *gil = gils_add(memory.cond, true, 0);

	(void)state;
	assert_non_null(gil);
	assert_ptr_equal(gils_of_cond(part(&memory, 0)), gil);
	assert_ptr_equal(gils_of_mutex(part(&memory, LAYOUT_MUTEX)), gil);
	assert_ptr_equal(gils_of_switch_cond(part(&memory, LAYOUT_SWITCH_COND)), gil);
	assert_null(gils_of_mutex(part(&memory, LAYOUT_SWITCH_MUTEX)));
	assert_null(gils_of_cond(part(&memory, LAYOUT_SWITCH_COND)));
	assert_int_equal(gil->kind, INTERPRETER_MAIN);
}

static void test_address_reuse_is_a_new_gil(void **state)
{
	struct memory memory;
	struct gil *first = gils_add(memory.cond, true, 0);
	struct gil *second;
	int first_id = first->id;

	(void)state;
	first->seq = 17;
	gils_forget(first);
	assert_null(gils_of_cond(memory.cond));
	second = gils_add(memory.cond, false, 0);
	assert_int_equal(second->seq, 0);
	assert_int_not_equal(second->id, first_id);
	assert_int_equal(second->kind, INTERPRETER_MAIN);
}

static void test_many_gils_or_an_honest_no(void **state)
{
	struct memory *memory = calloc(GILS_SLOTS, sizeof(*memory));
	size_t added = 0;

	(void)state;
	for (size_t i = 0; i < GILS_SLOTS; i++) {
		struct gil *gil = gils_add(memory[i].cond, i == 0, 0);

		if (!gil) {
			assert_null(gils_of_cond(memory[i].cond));
			continue;
		}
		added++;
		assert_int_equal(gil->kind, i == 0 ? INTERPRETER_MAIN : INTERPRETER_SUB);
	}
	/* Each look-up costs at most GILS_PROBES, so not every slot can be used. */
	assert_true(added >= GILS_SLOTS / 2);
	for (size_t i = 0; i < GILS_SLOTS; i++) {
		struct gil *gil = gils_of_cond(memory[i].cond);

		if (gil)
			assert_int_equal(gil->cond, (uintptr_t)memory[i].cond);
	}
	free(memory);
}

/* Subinterpreters end without a word: their places are those not used for longest. */
static void test_room_is_made_for_new_gils(void **state)
{
	enum { MORE = 8 * GILS_SLOTS };
	struct memory *memory = calloc(MORE, sizeof(*memory));
	struct gil *first, *idlest;

	(void)state;
	first = gils_add(memory[0].cond, true, 0);
	for (size_t i = 1; i < MORE; i++) {
		struct gil *gil = gils_add(memory[i].cond, false, 0);

		if (!gil) {
			idlest = gils_idlest(memory[i].cond);
			assert_non_null(idlest);
			assert_ptr_not_equal(idlest, first);
			assert_true(idlest->acquired_at < i);
			gils_forget(idlest);
			gil = gils_add(memory[i].cond, false, 0);
		}
		assert_non_null(gil);
		assert_int_equal(gil->kind, INTERPRETER_SUB);
		gil->acquired_at = i;
	}
	/* The main interpreter's is never given up, nor is one in use. */
	assert_ptr_equal(gils_of_cond(memory[0].cond), first);
	for (size_t i = 0; i < GILS_SLOTS; i++)
		gils[i].holder = 17;
	assert_null(gils_idlest(memory[0].cond));
	gils[0].holder = HOLDER_NONE;
	gils[1].holder = HOLDER_UNKNOWN;
	gils[1].waiters = 1;
	for (size_t i = 0; i < MORE; i++) {
		idlest = gils_idlest(memory[i].cond);
		assert_true(!idlest || idlest == &gils[0]);
	}
	free(memory);
}

/* One whose memory is gone makes room before one that was used less recently. */
static void test_gils_that_are_gone_go_first(void **state)
{
	struct memory *memory = calloc(GILS_SLOTS, sizeof(*memory));
	size_t size = 1 << 16;
	struct memory *mapped =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct gil *gone, *idlest;

	(void)state;
	assert_ptr_not_equal(mapped, MAP_FAILED);
	gone = gils_add(mapped->cond, false, 0);
	gone->acquired_at = 1000;
	gils_add(memory[0].cond, true, 0);
	for (size_t i = 1; i < GILS_SLOTS; i++)
		gils_add(memory[i].cond, false, 0);
	idlest = gils_idlest(mapped->cond);
	assert_ptr_not_equal(idlest, gone);
	munmap(mapped, size);
	assert_ptr_equal(gils_idlest(gone->key ? (void *)gone->key : NULL), gone);
	free(memory);
}

static void test_traits(void **state)
{
	struct {
		int enabled;
		unsigned long interval;
		void *last_holder;
		int locked;
		unsigned long switch_number;
		pthread_cond_t cond;
		pthread_mutex_t mutex;
	} gil = {.interval = 5000, .locked = -1};
	uintptr_t cond = (uintptr_t)&gil.cond;

	(void)state;
	assert_int_equal(traits_of(cond, false), 0);
	assert_int_equal(traits_mode(cond, 0, false), GIL_ENABLED);
	assert_int_equal(traits_of(cond, true), TRAIT_SWITCHABLE);
	assert_int_equal(traits_mode(cond, TRAIT_SWITCHABLE, true), GIL_DISABLED);
	gil.enabled = INT_MAX;
	assert_int_equal(traits_of(cond, true), TRAIT_SWITCHABLE);
	assert_int_equal(traits_mode(cond, TRAIT_SWITCHABLE, true), GIL_ENABLED);
	gil.enabled = 77;
	assert_int_equal(traits_of(cond, true), TRAIT_OPAQUE);
	assert_int_equal(traits_mode(cond, TRAIT_OPAQUE, true), GIL_MODE_UNKNOWN);
	assert_int_equal(traits_of(cond, false), 0);
	/* Other words than the ones that should be there. */
	gil.interval = 0;
	assert_int_equal(traits_of(cond, false), TRAIT_OPAQUE);
	gil.interval = (unsigned long)&gil;
	assert_int_equal(traits_of(cond, false), TRAIT_OPAQUE);
	gil.interval = 5000;
	gil.locked = 4711;
	assert_int_equal(traits_of(cond, false), TRAIT_OPAQUE);
	assert_true(traits_gone(cond, 0));
	assert_false(traits_gone(cond, TRAIT_OPAQUE));
	gil.locked = 1;
	assert_false(traits_gone(cond, 0));
}

/* Its memory is there, but something else is in it: glibc aborts when that is locked. */
static void test_mutex_of_gil(void **state)
{
	struct runtime_gil runtime = {.interval = 5000, .locked = 1};
	uintptr_t cond = (uintptr_t)&runtime.cond;

	(void)state;
	pthread_mutex_init(&runtime.mutex, NULL);
	assert_false(traits_gone(cond, 0));
	pthread_mutex_lock(&runtime.mutex);
	assert_false(traits_gone(cond, 0));
	pthread_mutex_unlock(&runtime.mutex);
	pthread_mutex_destroy(&runtime.mutex);
	assert_true(traits_gone(cond, 0));
	assert_true(traits_gone(cond, TRAIT_OPAQUE));
	memset(&runtime.mutex, 0x5a, sizeof(runtime.mutex));
	assert_true(traits_gone(cond, 0));
	memset(&runtime.mutex, 0, sizeof(runtime.mutex));
	runtime.mutex.__data.__lock = 0x5a5a;
	assert_true(traits_gone(cond, 0));
	runtime.mutex.__data.__lock = 0;
	runtime.mutex.__data.__owner = -1;
	assert_true(traits_gone(cond, 0));
}

static void test_children_lose_only_this_library(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{"libgiltrace.so", NULL},
		{"/opt/lib/libgiltrace.so", NULL},
		{"libjemalloc.so.2 /opt/lib/libgiltrace.so", "libjemalloc.so.2"},
		{"/a/libgiltrace.so:libx.so  liby.so", "libx.so:liby.so"},
		{"libnotgiltrace.so", "libnotgiltrace.so"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("LD_PRELOAD", cases[i].before, 1);
		children_release();
		if (cases[i].after)
			assert_string_equal(getenv("LD_PRELOAD"), cases[i].after);
		else
			assert_null(getenv("LD_PRELOAD"));
	}
	unsetenv("LD_PRELOAD");
	assert_true(children_traced());
	setenv("GILTRACE_CHILDREN", "0", 1);
	assert_false(children_traced());
	unsetenv("GILTRACE_CHILDREN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_four_calls_in_order_are_a_gil),
		cmocka_unit_test(test_other_calls_are_none),
		cmocka_unit_test_setup(test_gil_is_found_by_each_part, clear),
		cmocka_unit_test_setup(test_address_reuse_is_a_new_gil, clear),
		cmocka_unit_test_setup(test_many_gils_or_an_honest_no, clear),
		cmocka_unit_test_setup(test_room_is_made_for_new_gils, clear),
		cmocka_unit_test_setup(test_gils_that_are_gone_go_first, clear),
		cmocka_unit_test_setup(test_traits, clear),
		cmocka_unit_test(test_mutex_of_gil),
		cmocka_unit_test(test_children_lose_only_this_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

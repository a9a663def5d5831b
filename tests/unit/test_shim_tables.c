/* How the shim finds a GIL, keeps its table of them, and lets children go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "children.h"
#include "discovery.h"
#include "gils.h"

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
	struct gil *gil = gils_add(memory.cond);

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
	struct gil *first = gils_add(memory.cond);
	struct gil *second;
	int first_id = first->id;

	(void)state;
	first->seq = 17;
	gils_forget(first);
	assert_null(gils_of_cond(memory.cond));
	second = gils_add(memory.cond);
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
		struct gil *gil = gils_add(memory[i].cond);

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
		cmocka_unit_test(test_children_lose_only_this_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

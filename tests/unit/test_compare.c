/* Two sets of made-up runs side by side. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "check/compare.h"

/* What differs from run to run. */
struct made {
	int load;    /* hundredths */
	int blocked; /* ns behind line 8 of digest; negative: it does not occur */
};

static json_t *report_of(const struct made *made, const char *thread)
{
	json_t *sites = json_array();

	if (made->blocked >= 0)
		json_array_append_new(
			sites, json_pack("{s:s, s:s, s:i, s:i, s:s, s:i, s:i}", "kind", "line",
				       "file", "/a/app.py", "line", 8, "first_line", 5, "function",
				       "digest", "blocked_ns", made->blocked, "held_ns", 70));
	return json_pack("{s:{s:b}, s:[], s:[{s:i, s:s, s:s, s:s, s:s, s:[{s:s, s:f, s:n, s:i, s:["
			 "{s:i, s:s, s:i}], s:o}]}]}",
		"trace", "complete", 1, "doubts", "processes", "pid", 7, "command",
		"python3 app.py", "implementation", "CPython", "version", "3.13.0", "gil",
		"enabled", "gils", "mode", "enabled", "load", (double)made->load / 100,
		"interval_us", "acquisitions", 40, "threads", "tid", 1, "name", thread, "wait_ns",
		made->load, "sites", sites);
}

static json_t *gil_at(GPtrArray *runs, guint i)
{
	const struct run *run = g_ptr_array_index(runs, i);
	json_t *process = json_array_get(json_object_get(run->report, "processes"), 0);

	return json_array_get(json_object_get(process, "gils"), 0);
}

static void free_run(void *run)
{
	run_free(run);
}

static GPtrArray *runs_of(const struct made *made, size_t count)
{
	GPtrArray *runs = g_ptr_array_new_with_free_func(free_run);

	for (size_t i = 0; i < count; i++) {
		struct run *run = g_new0(struct run, 1);

		run->report = report_of(&made[i], "worker [1]");
		g_ptr_array_add(runs, run);
	}
	return runs;
}

static void compare_made(struct comparison *comparison, GPtrArray *before, GPtrArray *after)
{
	struct vocabulary vocabulary;

	vocabulary_init(&vocabulary, ((struct run *)g_ptr_array_index(before, 0))->report);
	compare(comparison, before, after, &vocabulary);
	vocabulary_release(&vocabulary);
}

static const struct change *change_of(
	const struct comparison *comparison, guint group, const char *figure)
{
	const struct change_group *of = g_ptr_array_index(comparison->groups, group);

	for (guint i = 0; i < of->changes->len; i++) {
		const struct change *change = g_ptr_array_index(of->changes, i);

		if (strcmp(change->figure, figure) == 0)
			return change;
	}
	fail_msg("there is no '%s'", figure);
	return NULL;
}

static const struct made quiet[5] = {{50, -1}, {52, -1}, {48, -1}, {51, -1}, {49, -1}};
static const struct made loud[5] = {{70, 9}, {60, 7}, {80, 9}, {61, 9}, {62, 8}};

static void expect(const struct made *made, size_t n, const struct made *other, size_t m,
	enum change_kind load, enum gate_verdict verdict)
{
	GPtrArray *before = runs_of(made, n), *after = runs_of(other, m);
	struct comparison comparison;

	compare_made(&comparison, before, after);
	assert_int_equal(comparison.groups->len, 2);
	assert_int_equal(change_of(&comparison, 0, "load")->kind, load);
	assert_int_equal(change_of(&comparison, 1, "wait_ns")->kind, load);
	assert_string_equal(((struct change_group *)g_ptr_array_index(comparison.groups, 1))->title,
		"worker [1]");
	assert_int_equal(comparison.verdict, verdict);
	comparison_release(&comparison);
	g_ptr_array_unref(before);
	g_ptr_array_unref(after);
}

static void test_changes(void **state)
{
	const struct made similar[5] = {{51, -1}, {50, -1}, {47, -1}, {53, -1}, {60, -1}};

	(void)state;
	expect(quiet, 5, loud, 5, CHANGE_MORE, GATE_WORSE);
	expect(loud, 5, quiet, 5, CHANGE_LESS, GATE_PASS);
	expect(quiet, 5, similar, 5, CHANGE_NOISE, GATE_PASS);
	expect(quiet, 4, loud, 5, CHANGE_UNTOLD, GATE_UNKNOWN);
	expect(quiet, 1, loud, 1, CHANGE_UNTOLD, GATE_UNKNOWN);
}

/* A load that is there in nearly half of the runs only: the medians are equal. */
static void test_equal_medians(void **state)
{
	struct made idle[20], busy[20];

	(void)state;
	for (int i = 0; i < 20; i++) {
		idle[i] = (struct made){0, -1};
		busy[i] = (struct made){i < 11 ? 0 : 60, -1};
	}
	expect(idle, 20, busy, 20, CHANGE_MORE, GATE_WORSE);
	expect(busy, 20, idle, 20, CHANGE_LESS, GATE_PASS);
}

static void test_same_and_unknown(void **state)
{
	GPtrArray *before = runs_of(quiet, 5), *after = runs_of(loud, 5);
	struct comparison comparison;

	(void)state;
	compare_made(&comparison, before, after);
	assert_int_equal(change_of(&comparison, 0, "acquisitions")->kind, CHANGE_SAME);
	comparison_release(&comparison);
	json_object_set_new(gil_at(after, 2), "load", json_null());
	compare_made(&comparison, before, after);
	assert_int_equal(change_of(&comparison, 0, "load")->kind, CHANGE_UNKNOWN);
	assert_int_equal(comparison.verdict, GATE_UNKNOWN);
	comparison_release(&comparison);
	g_ptr_array_unref(before);
	g_ptr_array_unref(after);
}

/* The function moved, and the repository: it is the same line. */
static void test_lines(void **state)
{
	GPtrArray *before = runs_of(quiet, 5), *after = runs_of(loud, 5);
	const struct site_change *site;
	struct comparison comparison;

	(void)state;
	compare_made(&comparison, before, after);
	assert_int_equal(comparison.sites->len, 1);
	site = g_ptr_array_index(comparison.sites, 0);
	assert_int_equal(site->runs_before, 0);
	assert_int_equal(site->runs_after, 5);
	assert_int_equal(site->blocked.kind, CHANGE_MORE);
	comparison_release(&comparison);

	for (guint i = 2; i < after->len; i++) {
		json_t *moved = json_array_get(json_object_get(gil_at(after, i), "sites"), 0);

		json_object_set_new(moved, "file", json_string("/elsewhere/app.py"));
		json_object_set_new(moved, "line", json_integer(108));
		json_object_set_new(moved, "first_line", json_integer(105));
	}
	compare_made(&comparison, after, after);
	assert_int_equal(comparison.sites->len, 1);
	site = g_ptr_array_index(comparison.sites, 0);
	assert_int_equal(site->runs_before, 5);
	assert_int_equal(site->line, 108);
	assert_int_equal(site->blocked.kind, CHANGE_NOISE);
	comparison_release(&comparison);
	g_ptr_array_unref(before);
	g_ptr_array_unref(after);
}

/* What was not recorded is not known: no line appears or vanishes, and no figure of it is 0. */
static void test_lines_that_were_not_recorded(void **state)
{
	GPtrArray *before = runs_of(quiet, 5), *after = runs_of(loud, 5);
	const struct run *run = g_ptr_array_index(before, 3);
	json_t *process = json_array_get(json_object_get(run->report, "processes"), 0);
	const struct site_change *site;
	struct comparison comparison;

	(void)state;
	json_object_set_new(process, "unavailable",
		json_pack("[{s:s, s:s}]", "facility", "sites", "reason", "switched off"));
	compare_made(&comparison, before, after);
	assert_false(comparison.before.lines_known);
	assert_true(comparison.after.lines_known);
	site = g_ptr_array_index(comparison.sites, 0);
	assert_int_equal(site->blocked.kind, CHANGE_UNKNOWN);
	assert_int_equal(site->held.kind, CHANGE_UNKNOWN);
	assert_int_equal(site->blocked.before.count, 0);
	assert_int_equal(site->blocked.after.count, 5);
	comparison_release(&comparison);

	/* There was no room for all of them. */
	json_object_del(process, "unavailable");
	json_array_append_new(json_object_get(gil_at(before, 1), "sites"),
		json_pack("{s:s, s:i}", "kind", "rest", "blocked_ns", 9));
	compare_made(&comparison, before, after);
	site = g_ptr_array_index(comparison.sites, 0);
	assert_int_equal(site->blocked.kind, CHANGE_UNKNOWN);
	comparison_release(&comparison);
	g_ptr_array_unref(before);
	g_ptr_array_unref(after);
}

static void test_doubtful_runs(void **state)
{
	GPtrArray *before = runs_of(quiet, 5), *after = runs_of(loud, 5);
	struct run *run = g_ptr_array_index(after, 0);
	struct comparison comparison;

	(void)state;
	json_object_set_new(json_object_get(run->report, "trace"), "complete", json_false());
	compare_made(&comparison, before, after);
	assert_non_null(comparison.after.refusal);
	assert_int_equal(comparison.verdict, GATE_UNKNOWN);
	assert_int_equal(comparison.groups->len, 2);
	comparison_release(&comparison);
	g_clear_pointer(&run->report, json_decref);
	run->problem = g_strdup("cannot open it");
	compare_made(&comparison, before, after);
	assert_string_equal(comparison.after.refusal, "cannot open it");
	assert_int_equal(comparison.groups->len, 0);
	comparison_release(&comparison);
	g_ptr_array_unref(before);
	g_ptr_array_unref(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_equal_medians),
		cmocka_unit_test(test_same_and_unknown),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_that_were_not_recorded),
		cmocka_unit_test(test_doubtful_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

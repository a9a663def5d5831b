/* Proposed rules: they are read back, every run keeps them, and what is not stable is not proposed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "check/judge.h"
#include "check/suggest.h"

/* What differs from run to run. */
struct made {
	int requests; /* of 100 acquisitions of a worker */
	int contention;
	int wait_max_ms;
	int acquisitions;
};

static json_t *thread_of(const char *name, const struct made *made)
{
	return json_pack("{s:i, s:s, s:i, s:i, s:{s:i, s:i}}", "tid", 1, "name", name,
		"acquisitions", made->acquisitions, "drop_requests_received", made->requests,
		"hold", "count", 9, "max_ns", 1000);
}

static json_t *report_of(const struct made *made)
{
	json_t *threads =
		json_pack("[o, o, o, o]", thread_of("worker-1", made), thread_of("worker-22", made),
			thread_of("odd [\"name\"]\\", made), thread_of("7", made));

	return json_pack("{s:{s:b}, s:[], s:[{s:i, s:s, s:s, s:s, s:s, s:[{s:s, s:f, s:i, s:i,"
			 " s:{s:i, s:i}, s:o}]}]}",
		"trace", "complete", 1, "doubts", "processes", "pid", 7, "command",
		"python3 app.py", "implementation", "CPython", "version", "3.13.0", "gil",
		"enabled", "gils", "mode", "enabled", "contention", made->contention / 100.0,
		"acquisitions", 400, "forced_releases", 0, "wait", "count", 5, "max_ns",
		made->wait_max_ms * 1000000, "threads", threads);
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

		run->report = report_of(&made[i]);
		g_ptr_array_add(runs, run);
	}
	return runs;
}

static void read_back(struct config *config, const char *text, const json_t *report)
{
	g_autofree char *path = NULL;
	struct vocabulary vocabulary;
	struct error error;
	int fd = g_file_open_tmp("giltrace-test-XXXXXX", &path, NULL);

	close(fd);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	vocabulary_init(&vocabulary, report);
	config_init(config);
	if (config_read(config, path, &vocabulary, &error) < 0)
		fail_msg("%s in %s", error.what, text);
	vocabulary_release(&vocabulary);
	g_unlink(path);
}

static enum gate_verdict judged(const struct config *config, const struct made *made)
{
	GPtrArray *runs = runs_of(made, 1);
	const struct machine machine = {0};
	const struct case_of_judgement of = {config, runs, &machine, NULL};
	struct judgement judgement;
	enum gate_verdict verdict;

	judge(&judgement, &of);
	verdict = judgement.verdict;
	judgement_release(&judgement);
	g_ptr_array_unref(runs);
	return verdict;
}

static const struct made stable[5] = {
	{0, 3, 1, 100}, {1, 9, 2, 101}, {0, 0, 1, 100}, {2, 5, 9, 99}, {0, 4, 1, 100}};

static void test_stable(void **state)
{
	GPtrArray *runs = runs_of(stable, 5);
	GString *text = g_string_new(NULL);
	const struct made worse = {60, 4, 1, 100}, fewer = {0, 4, 1, 80}, crowd = {0, 40, 1, 100};
	struct config config;
	unsigned rules = suggest(text, runs);

	(void)state;
	read_back(&config, text->str, ((struct run *)g_ptr_array_index(runs, 0))->report);
	assert_int_equal(config.rules->len, rules);
	/* Three for each of two kinds of threads, and three of the GIL. */
	assert_int_equal(rules, 9);
	assert_non_null(strstr(text->str, "thread = \"worker-*\"\n"));
	assert_non_null(strstr(text->str, "thread = \"odd \\\\[\\\"name\\\"\\\\]\\\\\\\\\"\n"));
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(judged(&config, &stable[i]), GATE_PASS);
	assert_int_equal(judged(&config, &worse), GATE_WORSE);
	assert_int_equal(judged(&config, &fewer), GATE_WORSE);
	assert_int_equal(judged(&config, &crowd), GATE_WORSE);
	config_release(&config);
	g_string_free(text, TRUE);
	g_ptr_array_unref(runs);
}

static void test_unstable(void **state)
{
	const struct made wild[5] = {
		{0, 1, 1, 100}, {50, 90, 90, 100}, {0, 4, 1, 130}, {3, 2, 2, 100}, {0, 2, 1, 100}};
	GPtrArray *runs = runs_of(wild, 5);
	GString *text = g_string_new(NULL);

	(void)state;
	/* What is left are the longest holds and the releases nobody asked for. */
	assert_int_equal(suggest(text, runs), 3);
	assert_non_null(strstr(text->str, "# Not proposed, it varies too much: contention\n"));
	assert_non_null(strstr(text->str, "# Not proposed, it varies too much: wait.max_ns\n"));
	assert_non_null(strstr(
		text->str, "# Not proposed, it varies too much: acquisitions, thread worker-*\n"));
	g_string_free(text, TRUE);
	g_ptr_array_unref(runs);
}

/* Of a handful of acquisitions, a part says nothing. */
static void test_few_acquisitions(void **state)
{
	const struct made few[5] = {
		{0, 1, 1, 4}, {0, 1, 1, 4}, {0, 1, 1, 4}, {0, 1, 1, 4}, {0, 1, 1, 4}};
	GPtrArray *runs = runs_of(few, 5);
	GString *text = g_string_new(NULL);

	(void)state;
	suggest(text, runs);
	assert_null(strstr(text->str, "drop_requests_received"));
	g_string_free(text, TRUE);
	g_ptr_array_unref(runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stable),
		cmocka_unit_test(test_unstable),
		cmocka_unit_test(test_few_acquisitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

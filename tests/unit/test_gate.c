/* Rules, figures and verdicts of a gate, on reports made up for it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "check/judge.h"

static const char report_text[] =
	"{'trace': {'events': 100, 'lost_events': 0, 'complete': true}, 'doubts': [], 'processes': "
	"[{"
	"'pid': 7, 'command': 'python3 app.py', 'implementation': 'CPython', 'version': '3.13.0',"
	"'gil': 'enabled', 'unavailable': [], 'regions_left_out': 0,"
	"'gils': [{'mode': 'enabled', 'contention': 0.25, 'load': 0.5, 'span_ns': 1000,"
	"  'wait_ns': 100, 'acquisitions': 40, 'forced_releases': 10, 'interval_us': null,"
	"  'wait': {'count': 2, 'max_ns': 90, 'total_ns': 100},"
	"  'handoff': {'count': 0, 'max_ns': null, 'total_ns': 0},"
	"  'threads': ["
	"    {'tid': 1, 'name': 'main', 'acquisitions': 30, 'wait': {'count': 0, 'max_ns': null}},"
	"    {'tid': 2, 'name': 'worker-1', 'acquisitions': 6, 'wait': {'count': 1, 'max_ns': 90}},"
	"    {'tid': 3, 'name': 'worker-2', 'acquisitions': 4, 'wait': {'count': 1, 'max_ns': "
	"10}}],"
	"  'sites': ["
	"    {'kind': 'line', 'file': '/srv/lib/image.py', 'line': 88, 'function': 'resize',"
	"     'held_ns': 700, 'wait_ns': 0, 'count': 3, 'hold_max_ns': 400, 'wait_count': 0,"
	"     'wait_max_ns': null, 'blocked_ns': 95},"
	"    {'kind': 'line', 'file': '/srv/app.py', 'line': 5, 'function': 'main', 'held_ns': 100,"
	"     'wait_ns': 100, 'count': 37, 'hold_max_ns': 9, 'wait_count': 2, 'wait_max_ns': 90,"
	"     'blocked_ns': 0}],"
	"  'line_blame': [{'waiter': 2, 'waiter_site': 1, 'holder': 1, 'holder_site': 0, "
	"'wait_ns': 90}]"
	"}],"
	"'regions': [{'name': 'load', 'gils': [{'mode': 'enabled', 'contention': 0.75, 'threads': "
	"[],"
	"  'sites': []}]}, {'name': 'old'}]}]}";

static json_t *parse(const char *text)
{
	g_autofree char *quoted = g_strdelimit(g_strdup(text), "'", '"');
	json_error_t error;
	json_t *json = json_loads(quoted, 0, &error);

	if (!json)
		fail_msg("%s at %d", error.text, error.position);
	return json;
}

static json_t *process_of(json_t *report)
{
	return json_array_get(json_object_get(report, "processes"), 0);
}

static json_t *gil_of(json_t *report)
{
	return json_array_get(json_object_get(process_of(report), "gils"), 0);
}

/* A gate on made-up runs. */
struct gate {
	struct config config;
	struct vocabulary vocabulary;
	struct machine machine;
	struct baseline baseline;
	bool has_baseline;
	GPtrArray *runs;
	struct judgement judgement;
	struct error error;
	char *path;
};

static void free_run(void *run)
{
	run_free(run);
}

static void gate_init(struct gate *gate)
{
	json_t *report = parse(report_text);

	memset(gate, 0, sizeof(*gate));
	config_init(&gate->config);
	vocabulary_init(&gate->vocabulary, report);
	json_decref(report);
	gate->runs = g_ptr_array_new_with_free_func(free_run);
	baseline_init(&gate->baseline);
}

/* Reads `text` as a configuration. */
static int gate_configure(struct gate *gate, const char *text)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("giltrace-test-XXXXXX", &path, NULL);
	int code;

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	code = config_read(&gate->config, path, &gate->vocabulary, &gate->error);
	g_unlink(path);
	return code;
}

static json_t *gate_run(struct gate *gate)
{
	struct run *run = g_new0(struct run, 1);

	run->report = parse(report_text);
	run->name = g_strdup_printf("run %u", gate->runs->len + 1);
	g_ptr_array_add(gate->runs, run);
	return run->report;
}

static enum gate_verdict gate_judge(struct gate *gate)
{
	const struct case_of_judgement of = {&gate->config, gate->runs, &gate->machine,
		gate->has_baseline ? &gate->baseline : NULL};

	judge(&gate->judgement, &of);
	return gate->judgement.verdict;
}

static const struct outcome *gate_outcome(const struct gate *gate, guint i)
{
	assert_true(i < gate->judgement.outcomes->len);
	return g_ptr_array_index(gate->judgement.outcomes, i);
}

static void gate_release(struct gate *gate)
{
	judgement_release(&gate->judgement);
	baseline_release(&gate->baseline);
	g_ptr_array_unref(gate->runs);
	vocabulary_release(&gate->vocabulary);
	config_release(&gate->config);
	machine_release(&gate->machine);
}

/* What one rule says of one report, which `change`, if any, has changed. */
static enum gate_verdict judged_of(const char *rule, void (*change)(json_t *report), double *value)
{
	g_autofree char *text = g_strconcat("[[rule]]\n", rule, NULL);
	enum gate_verdict verdict;
	struct gate gate;
	json_t *report;

	gate_init(&gate);
	if (gate_configure(&gate, text) < 0)
		fail_msg("%s: %s", rule, gate.error.what);
	report = gate_run(&gate);
	if (change)
		change(report);
	verdict = gate_judge(&gate);
	*value = gate_outcome(&gate, 0)->series.count
			 ? series_median(&gate_outcome(&gate, 0)->series)
			 : -1;
	gate_release(&gate);
	return verdict;
}

static enum gate_verdict judged(const char *rule, double *value)
{
	return judged_of(rule, NULL, value);
}

static void test_figures(void **state)
{
	static const struct {
		const char *rule;
		double value;
		enum gate_verdict verdict;
	} cases[] = {
		{"figure = 'contention'\nmax = 0.25", 0.25, GATE_PASS},
		{"figure = 'contention'\nmax = '24%'", 0.25, GATE_WORSE},
		{"figure = 'contention'\nmin = '26%'", 0.25, GATE_WORSE},
		{"figure = 'wait.max_ns'\nmax = '0.09us'", 90, GATE_PASS},
		{"figure = 'wait.max_ns'\nmax = 0", 90, GATE_WORSE},
		{"figure = ' wait_ns /span_ns'\nmax = '10%'", 0.1, GATE_PASS},
		{"figure = 'forced_releases / acquisitions'\nmax = 0.2", 0.25, GATE_WORSE},
		{"figure = 'trace.events'\nmin = 100", 100, GATE_PASS},
		/* Of nothing there is no longest, and nothing wrong with that. */
		{"figure = 'handoff.max_ns'\nmax = '1us'", 0, GATE_PASS},
		{"figure = 'handoff.total_ns / handoff.count'\nmax = 1", 0, GATE_PASS},
		{"figure = 'wait_ns / handoff.count'\nmax = 1", -1, GATE_UNKNOWN},
		{"figure = 'interval_us'\nmax = 1", -1, GATE_UNKNOWN},
		/* The worst of several, or their sum. */
		{"figure = 'acquisitions'\nthread = 'worker-*'\nmax = 5", 6, GATE_WORSE},
		{"figure = 'acquisitions'\nthread = 'worker-*'\nmin = 5", 4, GATE_WORSE},
		{"figure = 'acquisitions'\nthread = 'worker-[1]'\nmin = 5", 6, GATE_PASS},
		{"figure = 'acquisitions'\nthread = '*'\ncombine = 'sum'\nmax = 40", 40, GATE_PASS},
		{"figure = 'wait.max_ns'\nthread = 'main'\nmax = '1us'", 0, GATE_PASS},
		{"figure = 'acquisitions'\nthread = 'wroker'\nmax = 5", -1, GATE_UNKNOWN},
		{"figure = 'acquisitions'\nthread = 'x'\nmax = 5\noptional = true", 0, GATE_PASS},
		{"figure = 'acquisitions'\nthread = 'x'\nmin = 5\noptional = true", -1, GATE_PASS},
		{"figure = 'contention'\nprocess = '*app.py'\nmax = 1", 0.25, GATE_PASS},
		{"figure = 'contention'\nprocess = 'other'\nmax = 1", -1, GATE_UNKNOWN},
		/* Lines. */
		{"figure = 'blocked_ns'\nsite = 'image.py:88'\nmax = '1us'", 95, GATE_PASS},
		{"figure = 'blocked_ns'\nsite = 'lib/image.py:*'\nmax = 0", 95, GATE_WORSE},
		{"figure = 'blocked_ns'\nsite = '/srv/lib/image.py'\nmax = 0", 95, GATE_WORSE},
		{"figure = 'count'\nsite = 'resize'\nmin = 4", 3, GATE_WORSE},
		{"figure = 'wait_max_ns'\nsite = 'resize'\nmax = 0", 0, GATE_PASS},
		{"figure = 'count'\nsite = 'mage.py:88'\nmin = 4", -1, GATE_UNKNOWN},
		/* Regions. */
		{"figure = 'contention'\nregion = 'load'\nmax = 0.5", 0.75, GATE_WORSE},
		{"figure = 'contention'\nregion = 'old'\nmax = 0.5", -1, GATE_UNKNOWN},
		{"figure = 'contention'\nregion = 'none'\nmax = 0.5", -1, GATE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		double value;
		enum gate_verdict verdict = judged(cases[i].rule, &value);

		if (verdict != cases[i].verdict || value != cases[i].value)
			fail_msg("%s: %s, %g", cases[i].rule, gate_verdict_key(verdict), value);
	}
}

static void leave_lines_out(json_t *report)
{
	json_array_append_new(json_object_get(gil_of(report), "sites"),
		json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:n, s:i}", "kind", "rest", "held_ns", 50,
			"wait_ns", 0, "count", 2, "hold_max_ns", 30, "wait_count", 0, "wait_max_ns",
			"blocked_ns", 0));
}

static void switch_lines_off(json_t *report)
{
	json_array_append_new(json_object_get(process_of(report), "unavailable"),
		json_pack("{s:s, s:s}", "facility", "sites", "reason", "on purpose"));
}

static void leave_regions_out(json_t *report)
{
	json_object_set_new(process_of(report), "regions_left_out", json_integer(2));
}

static void leave_region_open(json_t *report)
{
	json_t *regions = json_object_get(process_of(report), "regions");

	json_object_set_new(json_array_get(regions, 0), "unclosed", json_integer(1));
}

/* What was left out, and could be what a rule is about, makes that unknown. */
static void test_left_out(void **state)
{
	static const struct {
		void (*change)(json_t *report);
		const char *rule;
		enum gate_verdict verdict;
	} cases[] = {
		/* A line among them can be worse, or the line have more than was told of it. */
		{leave_lines_out, "figure = 'held_ns'\nsite = 'image.py:*'\nmax = '1us'",
			GATE_UNKNOWN},
		{leave_lines_out, "figure = 'held_ns'\nsite = 'image.py:88'\nmax = '1us'",
			GATE_UNKNOWN},
		{leave_lines_out, "figure = 'count'\nsite = 'image.py:*'\nmin = 1", GATE_UNKNOWN},
		{leave_lines_out, "figure = 'count'\nsite = '*'\ncombine = 'sum'\nmax = 99",
			GATE_UNKNOWN},
		{leave_lines_out, "figure = 'held_ns / count'\nsite = '*'\nmax = 9999",
			GATE_UNKNOWN},
		{leave_lines_out, "figure = 'hold_max_ns'\nsite = 'main'\nmax = '1us'",
			GATE_UNKNOWN},
		{leave_lines_out, "figure = 'count'\nsite = 'x'\nmax = 9\noptional = true",
			GATE_UNKNOWN},
		/* All of them together are not. */
		{leave_lines_out, "figure = 'hold_max_ns'\nsite = 'resize'\nmax = '1us'",
			GATE_PASS},
		{leave_lines_out, "figure = 'blocked_ns'\nsite = 'image.py:*'\nmax = '1us'",
			GATE_PASS},
		{leave_lines_out, "figure = 'wait_max_ns'\nsite = '*'\nmax = '1us'", GATE_PASS},
		{leave_lines_out, "figure = 'contention'\nmax = 1", GATE_PASS},
		{switch_lines_off, "figure = 'count'\nsite = 'resize'\nmax = 9", GATE_UNKNOWN},
		{leave_region_open, "figure = 'contention'\nregion = 'load'\nmax = 1", GATE_PASS},
		{leave_region_open, "figure = 'contention'\nregion = 'load'\nmax = 1\nwhole = true",
			GATE_UNKNOWN},
		{NULL, "figure = 'contention'\nregion = 'load'\nmax = 1\nwhole = true", GATE_PASS},
		{leave_regions_out, "figure = 'contention'\nregion = 'lo*'\nmax = 1", GATE_UNKNOWN},
		{leave_regions_out, "figure = 'contention'\nregion = 'l[o]ad'\nmax = 1",
			GATE_UNKNOWN},
		{leave_regions_out, "figure = 'contention'\nregion = 'no'\nmax = 1", GATE_UNKNOWN},
		{leave_regions_out, "figure = 'contention'\nregion = 'load'\nmax = 1", GATE_PASS},
		{leave_regions_out, "figure = 'contention'\nregion = 'l\\oad'\nmax = 1", GATE_PASS},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		double value;
		enum gate_verdict verdict = judged_of(cases[i].rule, cases[i].change, &value);

		if (verdict != cases[i].verdict)
			fail_msg("%zu, %s: %s, %g", i, cases[i].rule, gate_verdict_key(verdict),
				value);
	}
}

static void test_wrong_configurations(void **state)
{
	static const struct {
		const char *text;
		const char *what;
		const char *next;
	} cases[] = {
		{"repeat = 0", ":1: 'repeat' has to be a number of runs", ""},
		{"repeat = '3'", ":1: 'repeat' has to be a number of runs", ""},
		{"repaet = 3", ":1: there is no setting 'repaet'", "did you mean 'repeat'?"},
		{"baseline = ''", ":1: 'baseline' has to be the path", ""},
		{"any_machine = 1", ":1: 'any_machine' has to be true or false", ""},
		{"accept = ['lost_events']", ":1: 'accept' can have", ""},
		{"[rule]\nfigure = 'load'", ":1: what is 'rule'?", ""},
		{"[[rules]]", ":1: what is 'rules'?", ""},
		{"[[rule]]\nmax = 1", ":1: this rule has no 'figure'", ""},
		{"[[rule]]\nfigure = 'load'", ":1: this rule has no limit", ""},
		{"[[rule]]\nfigure = 1", ":2: 'figure' has to be a string, not an integer", ""},
		{"[[rule]]\nfigure = 'contentoin'\nmax = 1",
			":1: there is no figure 'contentoin' of a GIL", "did you mean contention?"},
		{"[[rule]]\nfigure = 'max_ns'\nmax = 0", ":1: there is no figure 'max_ns'",
			"did you mean span_ns, wait_ns, wait.max_ns, handoff.max_ns?"},
		{"[[rule]]\nfigure = 'wait_ns / spam'\nmax = 1", ":1: there is no figure 'spam'",
			NULL},
		{"[[rule]]\nfigure = 'load'\nthread = 'x'\nmax = 1",
			":1: there is no figure 'load' of a thread", NULL},
		{"[[rule]]\nfigure = 'load'\nmaximum = 1", ":3: a rule has no 'maximum'", NULL},
		{"[[rule]]\nfigure = 'load'\nsit = 'a'\nmax = 1", ":3: a rule has no 'sit'",
			"did you mean 'site'?"},
		{"[[rule]]\nfigure = 'load'\nmax = '5ms'", ":3: 'max' of load has to be a number",
			""},
		{"[[rule]]\nfigure = 'load'\nmax = -1", ":3: 'max' of load has to be a number", ""},
		{"[[rule]]\nfigure = 'wait_ns'\nmax = 5",
			":3: 'max' of wait_ns has to be a duration", ""},
		{"[[rule]]\nfigure = 'wait_ns'\nmax = '5'",
			":3: 'max' of wait_ns has to be a duration", ""},
		{"[[rule]]\nfigure = 'wait_ns'\nmax = '10%'", ":3: 'max' of wait_ns has to be", ""},
		{"[[rule]]\nfigure = 'load'\nmax = [1]", ":3: 'max' has to be one value", ""},
		{"[[rule]]\nfigure = 'load'\nmax_increase = []", ":3: an array of limits is empty",
			""},
		{"[[rule]]\nfigure = 'load'\nmax_increase = '1x'",
			":3: 'max_increase' of load has to be a part of the baseline", ""},
		{"[[rule]]\nfigure = 'load'\nmax = 1\ncombine = 'mean'", ":4: 'combine' has to be",
			""},
		{"[[rule]]\nfigure = 'wait_ns'\nthread = 'a'\nsite = 'b'\nmax = 0",
			":1: a rule is about a thread or a site, not both", ""},
		{"[[rule]]\nfigure = 'trace.events'\nthread = 'a'\nmax = 0",
			":1: trace.events is of the trace as a whole", ""},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gate gate;

		gate_init(&gate);
		if (gate_configure(&gate, cases[i].text) != -EINVAL)
			fail_msg("'%s' is taken", cases[i].text);
		if (!strstr(gate.error.what, cases[i].what))
			fail_msg("'%s': '%s'", cases[i].text, gate.error.what);
		if (cases[i].next && strcmp(gate.error.next, cases[i].next) != 0 &&
			(*cases[i].next || strstr(gate.error.next, "did you mean")))
			fail_msg("'%s': '%s'", cases[i].text, gate.error.next);
		gate_release(&gate);
	}
}

/* What cannot be known never passes. */
static void test_refusals(void **state)
{
	static const struct {
		const char *doubt;
		bool complete;
		enum gate_verdict verdict;
		enum gate_verdict accepted; /* with accept = ["unfinished"] */
	} cases[] = {
		{"lost_events", false, GATE_UNKNOWN, GATE_UNKNOWN},
		{"truncated", false, GATE_UNKNOWN, GATE_UNKNOWN},
		{"overlap", true, GATE_UNKNOWN, GATE_UNKNOWN},
		{"impossible", true, GATE_UNKNOWN, GATE_UNKNOWN},
		{"region_forgotten", false, GATE_UNKNOWN, GATE_UNKNOWN},
		{"unfinished", false, GATE_UNKNOWN, GATE_PASS},
		{"unmatched_mark", true, GATE_PASS, GATE_PASS},
		{"unmatched_mark", false, GATE_UNKNOWN, GATE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
		bool accept = i % 2;
		struct gate gate;
		json_t *report;

		gate_init(&gate);
		assert_int_equal(
			gate_configure(&gate, accept ? "accept = ['unfinished']\n[[rule]]\nfigure "
						       "= 'load'\nmax = 9"
						     : "[[rule]]\nfigure = 'load'\nmax = 9"),
			0);
		gate_run(&gate);
		report = gate_run(&gate);
		json_object_set_new(json_object_get(report, "trace"), "complete",
			json_boolean(cases[i / 2].complete));
		json_array_append_new(json_object_get(report, "doubts"),
			json_pack("{s:s, s:s}", "kind", cases[i / 2].doubt, "text", "reason"));
		assert_int_equal(
			gate_judge(&gate), accept ? cases[i / 2].accepted : cases[i / 2].verdict);
		assert_int_equal(!gate.judgement.refusal, gate.judgement.verdict == GATE_PASS);
		gate_release(&gate);
	}
}

static void test_failed_program(void **state)
{
	struct gate gate;

	(void)state;
	gate_init(&gate);
	assert_int_equal(gate_configure(&gate, "[[rule]]\nfigure = 'load'\nmax = 9"), 0);
	gate_run(&gate);
	((struct run *)g_ptr_array_index(gate.runs, 0))->status = 3;
	assert_int_equal(gate_judge(&gate), GATE_UNKNOWN);
	assert_string_equal(
		gate.judgement.refusal, "the program failed: it ended with status 3 (run 1)");
	gate_release(&gate);
}

static void test_processes_without_gil(void **state)
{
	static const struct {
		const char *gil;
		enum gate_verdict verdict;
	} cases[] = {{"none", GATE_PASS}, {"disabled", GATE_UNKNOWN}, {"unknown", GATE_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct gate gate;
		json_t *report;

		gate_init(&gate);
		assert_int_equal(gate_configure(&gate, "[[rule]]\nfigure = 'load'\nmax = 9"), 0);
		report = gate_run(&gate);
		json_array_append_new(json_object_get(report, "processes"),
			json_pack("{s:i, s:s, s:s, s:[]}", "pid", 8, "command", "other", "gil",
				cases[i].gil, "gils"));
		assert_int_equal(gate_judge(&gate), cases[i].verdict);
		gate_release(&gate);
	}
}

/* A certain regression is one, whatever else is not known. */
static void test_worse_beats_unknown(void **state)
{
	struct gate gate;

	(void)state;
	gate_init(&gate);
	assert_int_equal(gate_configure(&gate, "[[rule]]\nfigure = 'interval_us'\nmax = 9\n"
					       "[[rule]]\nfigure = 'load'\nmax = 0.1\nmin = 0.1"),
		0);
	gate_run(&gate);
	assert_int_equal(gate_judge(&gate), GATE_WORSE);
	assert_int_equal(gate.judgement.outcomes->len, 3);
	assert_int_equal(gate_outcome(&gate, 0)->verdict, GATE_UNKNOWN);
	assert_int_equal(gate_outcome(&gate, 1)->verdict, GATE_WORSE);
	assert_int_equal(gate_outcome(&gate, 2)->verdict, GATE_PASS);
	gate_release(&gate);
}

static void test_causes(void **state)
{
	static const struct {
		const char *rule;
		guint count;
		int line;
	} cases[] = {
		{"figure = 'contention'\nmax = 0", 1, 88},
		{"figure = 'wait.max_ns'\nthread = 'worker-1'\nmax = 0", 1, 88},
		{"figure = 'wait_ns'\nsite = 'main'\nmax = 0", 1, 5},
		{"figure = 'acquisitions'\nmax = 0", 2, 88},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat("[[rule]]\n", cases[i].rule, NULL);
		const struct outcome *outcome;
		struct gate gate;

		gate_init(&gate);
		if (gate_configure(&gate, text) < 0)
			fail_msg("%s", gate.error.what);
		gate_run(&gate);
		assert_int_equal(gate_judge(&gate), GATE_WORSE);
		outcome = gate_outcome(&gate, 0);
		assert_int_equal(outcome->causes->len, cases[i].count);
		assert_int_equal(((struct cause *)g_ptr_array_index(outcome->causes, 0))->line,
			cases[i].line);
		gate_release(&gate);
	}
}

/* Runs whose load is that of `loads`, in hundredths. */
static void add_loads(struct gate *gate, const int *loads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_object_set_new(
			gil_of(gate_run(gate)), "load", json_real((double)loads[i] / 100));
}

static enum gate_verdict judged_by_baseline(
	const char *limit, const int *before, const int *now, double *value)
{
	g_autofree char *text = g_strconcat("[[rule]]\nfigure = 'load'\n", limit, NULL);
	enum gate_verdict verdict;
	struct gate gate;

	gate_init(&gate);
	assert_int_equal(gate_configure(&gate, text), 0);
	add_loads(&gate, before, 5);
	gate_judge(&gate);
	judgement_to_baseline(&gate.judgement, &gate.baseline);
	judgement_release(&gate.judgement);
	gate.has_baseline = true;
	g_ptr_array_set_size(gate.runs, 0);
	add_loads(&gate, now, 3);
	verdict = gate_judge(&gate);
	*value = gate_outcome(&gate, 0)->limit;
	gate_release(&gate);
	return verdict;
}

static void test_baseline(void **state)
{
	static const struct {
		const char *limit;
		int before[5];
		int now[3];
		double expected; /* limit */
		enum gate_verdict verdict;
	} cases[] = {
		{"max_increase = '10%'", {50, 50, 50, 50, 50}, {54, 54, 90}, 0.55, GATE_PASS},
		{"max_increase = '10%'", {50, 50, 50, 50, 50}, {56, 20, 56}, 0.55, GATE_WORSE},
		{"max_increase = 0.2", {50, 50, 50, 50, 50}, {69, 69, 69}, 0.7, GATE_PASS},
		{"max_increase = ['10%', 0.2]", {50, 50, 50, 50, 50}, {71, 71, 71}, 0.7,
			GATE_WORSE},
		/* The noise of the baseline is wider than what the rule allows. */
		{"max_increase = '10%'", {40, 45, 50, 55, 60}, {79, 79, 79}, 0.8, GATE_PASS},
		{"max_increase = '10%'", {60, 45, 50, 55, 40}, {81, 81, 81}, 0.8, GATE_WORSE},
		{"max_decrease = '10%'", {50, 50, 50, 50, 50}, {44, 44, 44}, 0.45, GATE_WORSE},
		{"max_decrease = '10%'", {40, 45, 50, 55, 60}, {21, 21, 99}, 0.2, GATE_PASS},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		double limit;
		enum gate_verdict verdict =
			judged_by_baseline(cases[i].limit, cases[i].before, cases[i].now, &limit);

		if (verdict != cases[i].verdict || ABS(limit - cases[i].expected) > 1e-9)
			fail_msg("case %zu: %s, %g", i, gate_verdict_key(verdict), limit);
	}
}

static void expect_reason(struct gate *gate, const char *words)
{
	judgement_release(&gate->judgement);
	assert_int_equal(gate_judge(gate), GATE_UNKNOWN);
	if (!strstr(gate_outcome(gate, 0)->reason, words))
		fail_msg("'%s', not '%s'", gate_outcome(gate, 0)->reason, words);
}

static void test_baseline_that_says_nothing(void **state)
{
	const int loads[] = {50, 50, 50};
	struct baseline_figure *figure;
	struct gate gate;

	(void)state;
	gate_init(&gate);
	assert_int_equal(gate_configure(&gate, "[[rule]]\nfigure = 'load'\nmax_increase = 1"), 0);
	add_loads(&gate, loads, 3);
	machine_init(&gate.machine);
	expect_reason(&gate, "there is no baseline");
	judgement_to_baseline(&gate.judgement, &gate.baseline);
	machine_copy(&gate.baseline.machine, &gate.machine);
	gate.has_baseline = true;
	judgement_release(&gate.judgement);
	assert_int_equal(gate_judge(&gate), GATE_PASS);

	gate.baseline.machine.cpus++;
	expect_reason(&gate, "the baseline is from another machine");
	gate.config.any_machine = true;
	judgement_release(&gate.judgement);
	assert_int_equal(gate_judge(&gate), GATE_PASS);
	gate.baseline.runs = 2;
	expect_reason(&gate, "the baseline is of 2 runs");
	gate.baseline.runs = 3;
	figure = g_ptr_array_index(gate.baseline.figures, 0);
	figure->series.count = 1;
	expect_reason(&gate, "the baseline has 1 value of it");
	figure->series.count = 3;
	g_free(gate.baseline.interpreter);
	gate.baseline.interpreter = g_strdup("CPython 3.12");
	expect_reason(&gate, "the baseline is of CPython 3.12, this is CPython 3.13");
	g_free(gate.baseline.interpreter);
	gate.baseline.interpreter = g_strdup("CPython 3.13");
	g_ptr_array_set_size(gate.runs, 2);
	expect_reason(&gate, "it takes at least 3 runs, and there are 2");
	add_loads(&gate, loads, 1);
	g_ptr_array_set_size(gate.baseline.figures, 0);
	expect_reason(&gate, "it is not in the baseline");
	gate_release(&gate);
}

/* What is written is what is read. */
static void test_baseline_file(void **state)
{
	static const struct {
		const char *text;
		const char *what;
	} wrong[] = {
		{"{", ":1: "},
		{"[]", "is no baseline"},
		{"{'schema': 'giltrace-report/1'}", "is no baseline"},
		{"{'schema': 'giltrace-baseline/2'}", "has the schema giltrace-baseline/2"},
		{"{'schema': 'giltrace-baseline/1', 'interpreter': 'x', 'runs': 3}", "is damaged"},
	};
	g_autofree char *path = NULL;
	const int loads[] = {51, 50, 52};
	struct baseline baseline;
	struct gate gate;
	json_t *json;
	int fd = g_file_open_tmp("giltrace-test-XXXXXX", &path, NULL);

	(void)state;
	close(fd);
	gate_init(&gate);
	assert_int_equal(gate_configure(&gate, "[[rule]]\nfigure = 'load'\nmax = 1"), 0);
	add_loads(&gate, loads, 3);
	gate_judge(&gate);
	judgement_to_baseline(&gate.judgement, &gate.baseline);
	json = baseline_to_json(&gate.baseline, "1");
	assert_int_equal(json_dump_file(json, path, 0), 0);
	json_decref(json);
	assert_int_equal(baseline_read(&baseline, path, &gate.error), 0);
	assert_string_equal(baseline.interpreter, "CPython 3.13");
	assert_int_equal(baseline.runs, 3);
	assert_int_equal(baseline.machine.cpus, 0);
	assert_true(series_median(baseline_find(
			    &baseline, g_ptr_array_index(gate.config.rules, 0), true)) == 0.51);
	assert_null(baseline_find(&baseline, g_ptr_array_index(gate.config.rules, 0), false));
	baseline_release(&baseline);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *text = g_strdelimit(g_strdup(wrong[i].text), "'", '"');

		assert_true(g_file_set_contents(path, text, -1, NULL));
		assert_int_equal(baseline_read(&baseline, path, &gate.error), -EBADMSG);
		assert_non_null(strstr(gate.error.what, wrong[i].what));
		assert_non_null(strstr(gate.error.next, "--update-baseline"));
		baseline_release(&baseline);
	}
	g_unlink(path);
	assert_int_equal(baseline_read(&baseline, path, &gate.error), -ENOENT);
	baseline_release(&baseline);
	gate_release(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_wrong_configurations),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_failed_program),
		cmocka_unit_test(test_processes_without_gil),
		cmocka_unit_test(test_worse_beats_unknown),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_baseline),
		cmocka_unit_test(test_baseline_that_says_nothing),
		cmocka_unit_test(test_baseline_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

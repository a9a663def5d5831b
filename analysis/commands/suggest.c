/* giltrace check --suggest; see suggest.h. */
#include "commands/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check/suggest.h"
#include "commands/load.h"
#include "commands/output.h"
#include "commands/runs.h"

/* With 5 quiet and 5 busy runs, one in eleven runs to come is worse than all of them; the margin
 * and the median of 3 see to the rest. */
enum { RUNS_DEFAULT = 10 };

static const char heading[] =
	"# Proposed by giltrace check --suggest: limits that the program kept in every run, with "
	"a\n"
	"# margin for its noise. Read what each of them means before relying on it.\n"
	"repeat = 3\n";

/* Half of them on the machine as it is, half on a busy one. */
static bool record_both(GPtrArray *runs, struct capture_request *capture, unsigned repeat)
{
	struct machine machine;
	struct load load;
	bool recorded;

	machine_init(&machine);
	/* Ten times the same output are of no use, and it would stand amid the rules. */
	capture->options.silent = true;
	fprintf(stderr, "giltrace: %u runs, then %u with %u other processes at work\n",
		repeat - repeat / 2, repeat / 2, machine.cpus);
	recorded = runs_record(runs, capture, repeat - repeat / 2);
	if (recorded && ((struct run *)g_ptr_array_index(runs, runs->len - 1))->status == 0) {
		load_begin(&load, machine.cpus);
		recorded = runs_record(runs, capture, repeat / 2);
		load_end(&load);
	}
	machine_release(&machine);
	return recorded;
}

static int gather(GPtrArray *runs, const struct suggest_request *request, struct error *error)
{
	unsigned repeat = request->repeat ? request->repeat : RUNS_DEFAULT;

	if (!request->capture) {
		for (guint i = 0; i < request->paths->len; i++)
			runs_add(runs, g_ptr_array_index(request->paths, i));
		repeat = runs->len;
	}
	if (repeat < SUGGEST_RUNS_LEAST) {
		error_set(error, -EINVAL, "proposing rules takes at least %d runs, and this is %u",
			SUGGEST_RUNS_LEAST, repeat);
		error_next(error, "how far figures vary by themselves decides on the limits");
		return -EINVAL;
	}
	if (request->capture && !record_both(runs, request->capture, repeat))
		return error_set(error, -ECANCELED, "nothing was proposed");
	return 0;
}

static int check_runs(const GPtrArray *runs, struct error *error)
{
	const struct config config = {.rules = NULL};
	const struct case_of_judgement of = {.config = &config, .runs = runs};
	g_autofree char *interpreter = NULL;
	g_autofree char *refusal = judge_refusal(&of, &interpreter);

	return refusal ? error_set(error, -ENODATA, "cannot tell: %s", refusal) : 0;
}

static int write_rules(const char *text, const char *file, struct error *error)
{
	struct output output;
	int code;

	if (!file) {
		/* Whether that succeeded is for main to check. */
		(void)fputs(text, stdout);
		return 0;
	}
	code = output_open(&output, file, error);
	if (code < 0)
		return code;
	if (fputs(text, output.stream) != EOF)
		return output_finish(&output, error);
	code = error_set(error, -errno, "cannot write '%s': %s", file, strerror(errno));
	output_discard(&output);
	return code;
}

int suggest_rules(const struct suggest_request *request, struct error *error)
{
	GPtrArray *runs = runs_new();
	GString *toml = g_string_new(heading);
	int code = gather(runs, request, error);

	if (code == 0)
		code = check_runs(runs, error);
	if (code == 0 && suggest(toml, runs) == 0) {
		code = error_set(error, -ENODATA, "no figure of this program is stable enough");
		error_next(error, "more work in each run, or more runs (--repeat), show more");
	}
	if (code == 0)
		code = write_rules(toml->str, request->file, error);
	g_string_free(toml, TRUE);
	g_ptr_array_unref(runs);
	return code;
}

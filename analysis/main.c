/* The command line of giltrace: finds the sub-command, and makes sure that what was printed
 * arrived. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/similar.h"
#include "commands/commands.h"
#include "record/primer.h"

struct command {
	const char *name;
	const char *title; /* argv[0] of the command */
	int (*function)(int argc, char **argv);
	const char *summary;
	int trouble; /* exit status when its output cannot be written */
};

static const struct command commands[] = {
	{"run", "giltrace run", command_run, "record a command, then report on it",
		STATUS_RECORD_TROUBLE},
	{"record", "giltrace record", command_record, "record a command into a folder",
		STATUS_RECORD_TROUBLE},
	{"top", "giltrace top", command_top, "watch who holds the GIL and who waits for it",
		STATUS_RECORD_TROUBLE},
	{"metrics", "giltrace metrics", command_metrics,
		"the same as OpenMetrics, for Prometheus", STATUS_RECORD_TROUBLE},
	{"report", "giltrace report", command_report, "say who held the GIL and who waited for it",
		STATUS_TROUBLE},
	{"export", "giltrace export", command_export, "write a trace for other tools",
		STATUS_TROUBLE},
	{"check", "giltrace check", command_check, "fail when the GIL gets worse", STATUS_TROUBLE},
	{"diff", "giltrace diff", command_diff, "compare runs before and after a change",
		STATUS_TROUBLE},
	{"doctor", "giltrace doctor", command_doctor, "find out why nothing is recorded",
		STATUS_TROUBLE},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(void)
{
	printf("Usage: giltrace COMMAND [OPTION...] [ARGUMENT...]\n"
	       "See who holds Python's GIL, who waits for it, and why.\n\n");
	for (int i = 0; i < COMMANDS; i++)
		printf("  %-8s  %s\n", commands[i].name, commands[i].summary);
	printf("\n"
	       "  giltrace run -- python program.py    is all that is needed to begin with\n"
	       "  giltrace help COMMAND                explains one command, as does\n"
	       "                                       giltrace COMMAND --help\n"
	       "  giltrace --version                   prints the version\n"
	       "\n"
	       "Each command has a manual page: man giltrace-run\n");
}

static void complain_unknown(const char *name)
{
	const char *lead = "  did you mean '";

	fprintf(stderr, "giltrace: '%s' is not a giltrace command\n", name);
	for (int i = 0; i < COMMANDS; i++) {
		const char *candidate = commands[i].name;

		if (!similar_names(name, candidate))
			continue;
		fprintf(stderr, "%s%s'", lead, candidate);
		lead = " or '";
	}
	if (lead[0] == ' ' && lead[1] == 'o')
		fprintf(stderr, "?\n");
	else
		fprintf(stderr, "  to trace a program: giltrace run -- %s\n", name);
	fprintf(stderr, "  'giltrace --help' lists the commands\n");
}

static const struct command *find_command(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	argv[0] = (char *)command->title;
	return command->function(argc, argv);
}

static int dispatch(int argc, char **argv, int *trouble)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct command *command;
	char *help_argv[] = {NULL, "--help", NULL};
	bool help;

	if (!name) {
		fprintf(stderr, "giltrace: which command?\n  'giltrace --help' lists them\n");
		return STATUS_TROUBLE;
	}
	help = strcmp(name, "help") == 0;
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (help && argc == 2)) {
		print_help();
		return STATUS_OK;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		printf("giltrace %s\n", GILTRACE_VERSION);
		return STATUS_OK;
	}
	if (name[0] == '-') {
		fprintf(stderr,
			"giltrace: unknown option '%s'\n  'giltrace --help' lists the commands\n",
			name);
		return STATUS_TROUBLE;
	}
	command = find_command(help ? argv[2] : name);
	if (!command) {
		complain_unknown(help ? argv[2] : name);
		return STATUS_TROUBLE;
	}
	*trouble = command->trouble;
	if (help)
		return run_command(command, 2, help_argv);
	return run_command(command, argc - 1, argv + 1);
}

/*
 * A standard descriptor that is closed would be given to the next file opened,
 * and messages would end in it. What stands in for it fails on use, and a traced
 * command finds it closed as before.
 */
static void occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null",
				(fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	int trouble = STATUS_TROUBLE;
	bool failed;
	int status;

	if (argc == 2 && strcmp(argv[1], PRIMER_COMMAND) == 0)
		return primer_main();
	occupy_standard_descriptors();
	status = dispatch(argc, argv, &trouble);
	failed = ferror(stdout);
	errno = 0;
	if (fclose(stdout) != 0 || failed) {
		fprintf(stderr, "giltrace: cannot write to standard output: %s\n",
			errno ? strerror(errno) : "an earlier write failed");
		return status == STATUS_OK ? trouble : status;
	}
	return status;
}

/*
 * The sub-commands of giltrace. Each takes what stands behind its name on the
 * command line, argv[0] being "giltrace NAME" for messages, prints its own
 * errors and returns the exit status of the process; only main exits.
 */
#ifndef GILTRACE_COMMANDS_H
#define GILTRACE_COMMANDS_H

/* run and record pass the command's own status on, so their failures lie where env(1) and
 * timeout(1) put theirs. */
enum command_status {
	STATUS_OK = 0,
	STATUS_NO = 1, /* the command's answer is no: doctor found a problem, check a regression */
	STATUS_TROUBLE = 2,	     /* wrong usage, or the command could not do its work */
	STATUS_RECORD_TROUBLE = 125, /* the same of run and record */
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

int command_run(int argc, char **argv);
int command_record(int argc, char **argv);
int command_top(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_report(int argc, char **argv);
int command_export(int argc, char **argv);
int command_check(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_doctor(int argc, char **argv);

#endif /* GILTRACE_COMMANDS_H */

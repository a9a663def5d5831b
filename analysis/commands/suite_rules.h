/* Rules that a test suite writes while it is recorded: its own limits, by analysis/pytest. */
#ifndef GILTRACE_COMMANDS_SUITE_RULES_H
#define GILTRACE_COMMANDS_SUITE_RULES_H

#include "base/error.h"

/*
 * Gives the command, by the environment that it inherits, a file that its test suite can write
 * rules to, and the plugin for pytest. `*path` is freed by the caller, after removing the file.
 */
int suite_rules_offer(char **path, struct error *error);

#endif /* GILTRACE_COMMANDS_SUITE_RULES_H */

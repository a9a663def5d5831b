/*
 * A relay daemon of our own, through which a live session is looked at: on this machine
 * only, at ports that nobody uses, with a folder for what it takes, which is removed with it.
 */
#ifndef GILTRACE_RELAY_H
#define GILTRACE_RELAY_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "record/folder.h"

enum relay_port { RELAY_CONTROL, RELAY_DATA, RELAY_LIVE, RELAY_PORTS };

struct relay {
	pid_t pid; /* 0: none */
	uint64_t started;
	uint16_t ports[RELAY_PORTS];
	struct folder folder;
};

/* Starts it and returns when it answers. Should this process be killed, it ends as well. On
 * failure, -ENOENT without lttng-relayd, nothing is left. */
int relay_start(struct relay *relay, struct error *error);

/* "net://127.0.0.1:PORT:PORT", for a session; caller frees. */
char *relay_output(const struct relay *relay);

/* "net://127.0.0.1:PORT/host/NAME/SESSION", for a viewer; caller frees. */
char *relay_url(const struct relay *relay, const char *session);

/* Ends it, when it was started, and removes its folder. Returns 0 or -errno. */
int relay_end(struct relay *relay, struct error *error);

#endif /* GILTRACE_RELAY_H */

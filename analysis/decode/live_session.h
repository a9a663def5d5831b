/* The live sessions of an LTTng relay daemon, as viewers see them. */
#ifndef GILTRACE_DECODE_LIVE_SESSION_H
#define GILTRACE_DECODE_LIVE_SESSION_H

#include <stdbool.h>

#include "base/error.h"

/* Whether `path` is meant to be one: "net://HOST[:PORT]/host/TARGET/SESSION", or the begin of that.
 */
bool live_session_is_url(const char *path);

/*
 * Whether there is such a session. 0; -ENOENT, with those that there are; -ECONNREFUSED when no
 * relay daemon answers; -EINVAL when `url` does not name a session and there is none that it could
 * mean.
 */
int live_session_check(const char *url, struct error *error);

#endif /* GILTRACE_DECODE_LIVE_SESSION_H */

/* As little of an HTTP server as Prometheus needs: GET of one text, one connection at a time. */
#ifndef GILTRACE_LIVE_SCRAPE_H
#define GILTRACE_LIVE_SCRAPE_H

#include <glib.h>

#include "base/error.h"

/* What a client may take for its request, and for the answer. */
#define SCRAPE_PATIENCE_MS 500

/*
 * Listens at "PORT", on this machine only, "HOST:PORT" or "[ADDRESS]:PORT". Returns the
 * descriptor, with the address and port, chosen where it was 0, in `*where` (caller frees); or
 * -EINVAL, or another -errno.
 */
int scrape_listen(const char *where_to, char **where, struct error *error);

/*
 * Waits up to `timeout_ms` for a client, and answers it: `text` at /metrics and /, 503 while that
 * is NULL.
 */
void scrape_serve(int listener, int timeout_ms, const GString *text);

#endif /* GILTRACE_LIVE_SCRAPE_H */

/*
 * Looks at what goes on: events in, at each look the figures of the time since the
 * look before. Its memory is bounded by threads and lines, as the model's is.
 */
#ifndef GILTRACE_LIVE_WATCH_H
#define GILTRACE_LIVE_WATCH_H

#include "event.h"
#include "live/figures.h"
#include "selection.h"

struct watch;

/* `selection`: only these processes; NULL: all. Copied. */
struct watch *watch_new(const struct selection *selection);

/* The next event, in the order of LTTng's timestamps. */
void watch_feed(struct watch *watch, const struct event *event);

/*
 * The figures up to `now`, a raw clock value up to which all events have been fed; the next
 * window begins. A part of a forced switch, or of a wait whose thread was interrupted before
 * it could tell of it, that lies in a window before that in which it is told is in the totals
 * only. `last`: with processes that have ended. Caller frees with live_figures_free().
 */
struct live_figures *watch_look(struct watch *watch, uint64_t now, bool last);

void watch_free(struct watch *watch);

#endif /* GILTRACE_LIVE_WATCH_H */

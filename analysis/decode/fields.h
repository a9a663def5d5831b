/*
 * How a babeltrace2 event becomes a `struct event`. The names of its fields
 * (shapes.h) are looked up once for each event class; an event is then read by
 * field numbers.
 */
#ifndef GILTRACE_DECODE_FIELDS_H
#define GILTRACE_DECODE_FIELDS_H

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>

#include "base/error.h"
#include "event.h"

#define FIELDS_PROVIDER "giltrace"

struct layout;

enum layout_use {
	LAYOUT_KNOWN,	/* an event of the contract */
	LAYOUT_UNKNOWN, /* of the provider giltrace, but not in the contract: a newer one's */
	LAYOUT_FOREIGN, /* of another provider */
};

/*
 * The layout of `class`; NULL unless LAYOUT_KNOWN, else freed with layout_free().
 * An event of the contract that lacks a field, or has one of another type,
 * yields a layout whose events cannot be read: layout_read() says why. Fields
 * that the contract does not have do not matter.
 */
struct layout *layout_new(const bt_event_class *class, enum layout_use *use);
void layout_free(struct layout *layout);

/*
 * Reads all of `event` but its timestamp. Strings belong to `from`, lists of
 * numbers to `layout` until it reads again. -EBADMSG with `error` when the event
 * is not what the contract says: another version of giltrace wrote it.
 */
int layout_read(const struct layout *layout, const bt_event *from, struct event *event,
	struct error *error);

/* Name of an event class as the trace has it, "provider:event"; "?" when it has none. */
const char *event_class_name(const bt_event_class *class);

#endif /* GILTRACE_DECODE_FIELDS_H */

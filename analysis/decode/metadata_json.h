/*
 * CTF 2 metadata, which LTTng 2.16 writes unless told otherwise: a sequence of JSON texts, one
 * for each record (the trace, its clock, a kind of event, …). What metadata.h
 * needs to know of it.
 */
#ifndef GILTRACE_DECODE_METADATA_JSON_H
#define GILTRACE_DECODE_METADATA_JSON_H

#include <glib.h>
#include <stdbool.h>

/* Whether `text` is such a sequence: each of its records begins with a record separator. */
bool metadata_json_is(const char *text);

/* Whether another record begins behind the first. */
bool metadata_json_goes_on(const char *text);

/* Length of the text up to the end of its last whole record; it ends early when that is not all. */
size_t metadata_json_whole(const char *text);

/* Writes the trace's UUID into `uuid`; leaves it alone when there is none. */
void metadata_json_uuid(const char *text, char *uuid, size_t size);

/* Calls `add` with the name of each event that is described. */
void metadata_json_events(const char *text, void (*add)(const char *name, void *user), void *user);

#endif /* GILTRACE_DECODE_METADATA_JSON_H */

/* CTF 2 metadata; see metadata_json.h. */
#include "decode/metadata_json.h"

#include <jansson.h>
#include <string.h>

enum { RECORD_SEPARATOR = 0x1e, UUID_BYTES = 16 };

bool metadata_json_is(const char *text)
{
	return text[0] == RECORD_SEPARATOR;
}

bool metadata_json_goes_on(const char *text)
{
	return strchr(text + 1, RECORD_SEPARATOR);
}

/* The record that begins at `*place`, which moves to the next. NULL behind the last whole one. */
static json_t *next_record(const char **place)
{
	const char *begin = *place;
	const char *end;
	json_t *record;

	if (!metadata_json_is(begin))
		return NULL;
	begin++;
	end = strchrnul(begin, RECORD_SEPARATOR);
	record = json_loadb(begin, (size_t)(end - begin), 0, NULL);
	if (record)
		*place = end;
	return record;
}

static bool has_type(const json_t *record, const char *type)
{
	const char *found = json_string_value(json_object_get(record, "type"));

	return found && strcmp(found, type) == 0;
}

size_t metadata_json_whole(const char *text)
{
	const char *place = text;
	json_t *record;

	while ((record = next_record(&place)))
		json_decref(record);
	return (size_t)(place - text);
}

static void print_uuid(const json_t *bytes, char *uuid, size_t size)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < UUID_BYTES; i++)
		g_string_append_printf(text, "%02x",
			(unsigned int)json_integer_value(json_array_get(bytes, i)) & 0xff);
	g_strlcpy(uuid, text->str, size);
	g_string_free(text, TRUE);
}

void metadata_json_uuid(const char *text, char *uuid, size_t size)
{
	json_t *preamble = next_record(&text);
	const json_t *bytes = json_object_get(preamble, "uuid");

	if (json_array_size(bytes) == UUID_BYTES)
		print_uuid(bytes, uuid, size);
	json_decref(preamble);
}

void metadata_json_events(const char *text, void (*add)(const char *name, void *user), void *user)
{
	json_t *record;

	while ((record = next_record(&text))) {
		const char *name = json_string_value(json_object_get(record, "name"));

		if (name && has_type(record, "event-record-class"))
			add(name, user);
		json_decref(record);
	}
}

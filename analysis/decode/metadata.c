/* The metadata of one CTF folder as text; see metadata.h. */
#include "decode/metadata.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "decode/metadata_json.h"

/*
 * CTF 1.8.3, section 7.1: metadata in packets. Offsets in bytes; sizes in the
 * file are bits, the header included.
 */
#define METADATA_MAGIC 0x75d11d57u
enum {
	CONTENT_SIZE_OFFSET = 24,
	PACKET_SIZE_OFFSET = 28,
	METADATA_HEADER_SIZE = 37,
};

static uint32_t load32(const char *bytes, bool swapped)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return swapped ? GUINT32_SWAP_LE_BE(value) : value;
}

static bool is_packetized(const char *bytes, size_t size, bool *swapped)
{
	if (size < sizeof(uint32_t))
		return false;
	*swapped = load32(bytes, true) == METADATA_MAGIC;
	return *swapped || load32(bytes, false) == METADATA_MAGIC;
}

/* Joins the contents of the packets; false when the last one is cut off or is none. */
static bool join_packets(GString *text, const char *bytes, size_t size, bool swapped)
{
	while (size > 0) {
		size_t content;
		size_t packet;

		if (size < METADATA_HEADER_SIZE || load32(bytes, swapped) != METADATA_MAGIC)
			return false;
		content = load32(bytes + CONTENT_SIZE_OFFSET, swapped) / 8;
		packet = load32(bytes + PACKET_SIZE_OFFSET, swapped) / 8;
		if (content < METADATA_HEADER_SIZE || packet < content)
			return false;
		g_string_append_len(text, bytes + METADATA_HEADER_SIZE,
			(gssize)(MIN(content, size) - METADATA_HEADER_SIZE));
		if (packet > size)
			return false;
		bytes += packet;
		size -= packet;
	}
	return true;
}

/* Where a string or comment that begins at `p` ends; `p` itself when none begins there. */
static const char *skip_quoted(const char *p)
{
	const char *end;

	if (*p == '"') {
		for (p++; *p && *p != '"'; p++)
			if (*p == '\\' && p[1])
				p++;
		return *p ? p + 1 : p;
	}
	if (p[0] == '/' && p[1] == '*') {
		end = strstr(p + 2, "*/");
		return end ? end + 2 : p + strlen(p);
	}
	if (p[0] == '/' && p[1] == '/')
		return strchrnul(p, '\n');
	return p;
}

/* Length of CTF 1.8 text up to the end of its last whole block, `name { … } alias;` */
static size_t whole_blocks(const char *text)
{
	const char *whole = text;
	int depth = 0;

	for (const char *p = text; *p;) {
		const char *after = skip_quoted(p);

		if (after != p) {
			p = after;
			continue;
		}
		if (*p == '{')
			depth++;
		else if (*p == '}')
			depth--;
		else if (*p == ';' && depth == 0)
			whole = p + 1;
		p++;
	}
	return (size_t)(whole - text);
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Leaves nothing but whole blocks or records in `text`; returns whether that was all. */
static bool keep_whole(GString *text)
{
	bool json = metadata_json_is(text->str);
	size_t whole = json ? metadata_json_whole(text->str) : whole_blocks(text->str);
	bool complete = is_blank(text->str + whole);

	g_string_truncate(text, whole);
	return complete;
}

/* Whether a file of which nothing whole was found is metadata nevertheless: it ends inside its
 * first packet, block or record. */
static bool ends_early(const char *bytes, size_t size, const char *text, size_t length)
{
	bool swapped;

	if (is_packetized(bytes, size, &swapped) && size <= METADATA_HEADER_SIZE)
		return true;
	return length > 0 && strlen(text) == length &&
	       !(metadata_json_is(text) && metadata_json_goes_on(text));
}

static void find_uuid(struct metadata *metadata)
{
	const char *found = strstr(metadata->text, "uuid = \"");
	size_t length;

	if (metadata_json_is(metadata->text)) {
		metadata_json_uuid(metadata->text, metadata->uuid, sizeof(metadata->uuid));
		return;
	}
	if (!found)
		return;
	found += strlen("uuid = \"");
	length = strcspn(found, "\"");
	if (length < sizeof(metadata->uuid))
		memcpy(metadata->uuid, found, length);
}

int metadata_read(struct metadata *metadata, const char *path)
{
	g_autofree char *bytes = NULL;
	g_autoptr(GError) failure = NULL;
	GString *text;
	gsize size;
	bool swapped;
	bool early;

	memset(metadata, 0, sizeof(*metadata));
	errno = 0;
	if (!g_file_get_contents(path, &bytes, &size, &failure))
		return errno ? -errno : -EIO;

	text = g_string_new(NULL);
	if (is_packetized(bytes, size, &swapped))
		metadata->damaged = !join_packets(text, bytes, size, swapped);
	else if (g_str_has_prefix(bytes, "/* CTF") || metadata_json_is(bytes))
		g_string_append_len(text, bytes, (gssize)size);
	early = ends_early(bytes, size, text->str, text->len);
	if (!keep_whole(text))
		metadata->damaged = true;
	metadata->text = g_string_free(text, FALSE);
	if (!metadata->text[0]) {
		metadata_release(metadata);
		return early ? -ENODATA : -EBADMSG;
	}
	find_uuid(metadata);
	return 0;
}

void metadata_release(struct metadata *metadata)
{
	g_free(metadata->text);
	memset(metadata, 0, sizeof(*metadata));
}

bool metadata_has_provider(const struct metadata *metadata, const char *provider)
{
	g_autofree char *quoted = g_strdup_printf("\"%s:", provider);

	return strstr(metadata->text, quoted);
}

static void add_name(const char *name, void *names)
{
	if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
		g_ptr_array_add(names, g_strdup(name));
}

void metadata_event_names(const struct metadata *metadata, GPtrArray *names)
{
	const char *p = metadata->text;

	if (metadata_json_is(p)) {
		metadata_json_events(p, add_name, names);
		return;
	}
	while ((p = strstr(p, "event {"))) {
		const char *end = strstr(p, "};");
		const char *name = strstr(p, "name = \"");

		p += strlen("event {");
		if (!name || (end && name > end))
			continue;
		name += strlen("name = \"");
		g_autofree char *copy = g_strndup(name, strcspn(name, "\""));
		add_name(copy, names);
	}
}

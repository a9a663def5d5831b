/* The text of a Python str as UTF-8; see text.h. */
#include "text.h"

#include "python.h"

enum { OBJECT_TYPE = 8, CHUNK = 256, REPLACEMENT = 0xFFFD };

struct text {
	uintptr_t data;
	uint64_t length;
	unsigned kind; /* bytes a character */
};

static bool text_open(struct text *text, uintptr_t at, memory_read_fn *read)
{
	uintptr_t type;
	uint32_t state;
	bool compact, ascii;

	if (!at || !read(&type, at + OBJECT_TYPE, sizeof(type)) ||
		type != (uintptr_t)python_internals()->text_type ||
		!read(&state, at + frames_layout.text_state, sizeof(state)) ||
		!read(&text->length, at + frames_layout.text_length, sizeof(text->length)))
		return false;
	text->kind = state >> 2 & 7;
	compact = state >> 5 & 1;
	ascii = state >> 6 & 1;
	text->data = at + (ascii ? frames_layout.text_ascii : frames_layout.text_compact);
	/* What is not compact was made by an extension in a way long given up. */
	return compact && (text->kind == 1 || text->kind == 2 || text->kind == 4);
}

static uint32_t character(const uint8_t *at, unsigned kind)
{
	uint32_t value = at[0];

	if (kind > 1)
		value |= (uint32_t)at[1] << 8;
	if (kind > 2)
		value |= (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
	if (!value || (value >= 0xD800 && value < 0xE000) || value > 0x10FFFF)
		return REPLACEMENT;
	return value;
}

/* Returns the number of bytes, 0 when they do not fit before `end`. */
static size_t put(char *to, const char *end, uint32_t c)
{
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	if ((size_t)(end - to) < length)
		return 0;
	for (size_t i = length - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3F));
	to[0] = (char)(lead[length] | c);
	return length;
}

bool text_copy(uintptr_t at, memory_read_fn *read, char *to, size_t size)
{
	const char *end = to + size - 1;
	uint8_t piece[CHUNK];
	struct text text;
	size_t length = 1;

	*to = '\0';
	if (!text_open(&text, at, read))
		return false;
	while (text.length && length) {
		size_t count = CHUNK / text.kind;

		if (count > text.length)
			count = text.length;
		if (!read(piece, text.data, count * text.kind))
			break;
		for (size_t i = 0; i < count && length; i++) {
			length = put(to, end, character(piece + i * text.kind, text.kind));
			to += length;
		}
		text.data += count * text.kind;
		text.length -= count;
	}
	*to = '\0';
	return true;
}

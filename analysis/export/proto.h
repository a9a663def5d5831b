/*
 * Writing protocol buffers: fields one after the other, nested messages built
 * apart and then appended. The encoding is that of protobuf.dev/programming-guides/encoding.
 */
#ifndef GILTRACE_EXPORT_PROTO_H
#define GILTRACE_EXPORT_PROTO_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* A message; g_byte_array_set_size(…, 0) empties it for the next one. */
static inline void proto_varint(GByteArray *message, uint64_t value)
{
	uint8_t bytes[10];
	guint count = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[count++] = (uint8_t)(value | 0x80);
	bytes[count++] = (uint8_t)value;
	g_byte_array_append(message, bytes, count);
}

/* uint64, int64 that is not negative, uint32, enum, bool. */
static inline void proto_number(GByteArray *message, uint32_t field, uint64_t value)
{
	proto_varint(message, (uint64_t)field << 3);
	proto_varint(message, value);
}

static inline void proto_fixed64(GByteArray *message, uint32_t field, uint64_t value)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	proto_varint(message, (uint64_t)field << 3 | 1);
	g_byte_array_append(message, bytes, sizeof(bytes));
}

static inline void proto_bytes(
	GByteArray *message, uint32_t field, const void *bytes, size_t length)
{
	proto_varint(message, (uint64_t)field << 3 | 2);
	proto_varint(message, length);
	g_byte_array_append(message, bytes, (guint)length);
}

static inline void proto_string(GByteArray *message, uint32_t field, const char *string)
{
	proto_bytes(message, field, string, strlen(string));
}

/* `nested` is complete, and empty afterwards. */
static inline void proto_message(GByteArray *message, uint32_t field, GByteArray *nested)
{
	proto_bytes(message, field, nested->data ? nested->data : (const uint8_t *)"", nested->len);
	g_byte_array_set_size(nested, 0);
}

#endif /* GILTRACE_EXPORT_PROTO_H */

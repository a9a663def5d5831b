/* Varints, zlib and base64; see pack.h. */
#include "page/pack.h"

#include <errno.h>
#include <stdbool.h>

#include <zlib.h>

enum { BUFFER_SIZE = 1 << 16 };

struct pack {
	z_stream stream;
	bool failed;
	GByteArray *deflated;
	size_t used;
	uint8_t buffer[BUFFER_SIZE];
};

struct pack *pack_new(void)
{
	struct pack *pack = g_new0(struct pack, 1);

	pack->deflated = g_byte_array_new();
	pack->failed = deflateInit(&pack->stream, Z_DEFAULT_COMPRESSION) != Z_OK;
	return pack;
}

void pack_free(struct pack *pack)
{
	(void)deflateEnd(&pack->stream);
	g_byte_array_free(pack->deflated, TRUE);
	g_free(pack);
}

static void squeeze(struct pack *pack, int flush)
{
	uint8_t out[BUFFER_SIZE];

	pack->stream.next_in = pack->buffer;
	pack->stream.avail_in = (uInt)pack->used;
	pack->used = 0;
	if (pack->failed)
		return;
	do {
		pack->stream.next_out = out;
		pack->stream.avail_out = sizeof(out);
		if (deflate(&pack->stream, flush) == Z_STREAM_ERROR) {
			pack->failed = true;
			return;
		}
		g_byte_array_append(
			pack->deflated, out, (guint)(sizeof(out) - pack->stream.avail_out));
	} while (pack->stream.avail_out == 0);
}

static void put_byte(struct pack *pack, uint8_t byte)
{
	if (pack->used == BUFFER_SIZE)
		squeeze(pack, Z_NO_FLUSH);
	pack->buffer[pack->used++] = byte;
}

void pack_number(struct pack *pack, uint64_t number)
{
	while (number >= 0x80) {
		put_byte(pack, (uint8_t)(number | 0x80));
		number >>= 7;
	}
	put_byte(pack, (uint8_t)number);
}

void pack_signed(struct pack *pack, int64_t number)
{
	uint64_t twice = (uint64_t)number << 1;

	pack_number(pack, number < 0 ? ~twice : twice);
}

int pack_write(struct pack *pack, FILE *out)
{
	enum { PART = 3 << 14 };
	gchar text[4 * (PART / 3) + 1];

	squeeze(pack, Z_FINISH);
	if (pack->failed)
		return -ENOMEM;
	for (guint at = 0; at < pack->deflated->len; at += PART) {
		gint state = 0, save = 0;
		gsize size = MIN((guint)PART, pack->deflated->len - at);
		gsize length = g_base64_encode_step(
			pack->deflated->data + at, size, FALSE, text, &state, &save);

		length += g_base64_encode_close(FALSE, text + length, &state, &save);
		if (fwrite(text, 1, length, out) != length)
			return -EIO;
	}
	return 0;
}

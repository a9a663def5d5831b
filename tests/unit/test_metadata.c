/* Metadata files: what is one, and how one that is cut off is told from one that is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "decode/metadata.h"

enum { HEADER = 37 };

#define BLOCK "trace {\n\tmajor = 1; // not a { or a \"\n\tbyte_order = le;\n};\n"
#define PLAIN "/* CTF 1.8 */\n\n" BLOCK "event {\n\tname = \"giltrace:wait\";\n};\n"
#define RECORD "\x1e{\"type\": \"preamble\", \"version\": 2}"
#define RECORDS RECORD "\x1e{\"type\": \"event-record-class\", \"name\": \"giltrace:wait\"}"

/* What metadata_read() returns for a file of these bytes. */
static int read_bytes(struct metadata *metadata, const char *bytes, size_t size)
{
	g_autofree char *path = NULL;
	int descriptor = g_file_open_tmp("giltrace-metadata-XXXXXX", &path, NULL);
	int code;

	assert_true(descriptor >= 0);
	assert_true(g_close(descriptor, NULL));
	assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
	code = metadata_read(metadata, path);
	g_unlink(path);
	return code;
}

/* That of `size` bytes a part can be used, all of it, or none and why. */
static void check(const char *bytes, size_t size, int expected, const char *text, bool damaged)
{
	struct metadata metadata;

	assert_int_equal(read_bytes(&metadata, bytes, size), expected);
	if (expected < 0)
		return;
	assert_string_equal(metadata.text, text);
	assert_int_equal(metadata.damaged, damaged);
	metadata_release(&metadata);
}

/* A packet of CTF 1.8's metadata, `size` bytes with what fills it up. */
static void append_packet(GString *file, const char *text, uint32_t size)
{
	char header[HEADER] = {0};
	uint32_t magic = 0x75d11d57;
	uint32_t content = (uint32_t)(HEADER + strlen(text)) * 8;
	size_t end = file->len + size;

	size *= 8;
	memcpy(header, &magic, sizeof(magic));
	memcpy(header + 24, &content, sizeof(content));
	memcpy(header + 28, &size, sizeof(size));
	g_string_append_len(file, header, HEADER);
	g_string_append(file, text);
	while (file->len < end)
		g_string_append_c(file, '\0');
}

static void test_text(void **state)
{
	size_t length = strlen(PLAIN);

	(void)state;
	check(PLAIN, length, 0,
		"/* CTF 1.8 */\n\n" BLOCK "event {\n\tname = \"giltrace:wait\";\n};", false);
	check(PLAIN, length - 5, 0,
		"/* CTF 1.8 */\n\ntrace {\n\tmajor = 1; // not a { or a \"\n\tbyte_order = le;\n};",
		true);
	check(PLAIN, 25, -ENODATA, NULL, true);
	check(PLAIN, 10, -ENODATA, NULL, true);
}

static void test_records(void **state)
{
	(void)state;
	check(RECORDS, strlen(RECORDS), 0, RECORDS, false);
	check(RECORDS, strlen(RECORDS) - 5, 0, RECORD, true);
	check(RECORDS, strlen(RECORD) - 5, -ENODATA, NULL, true);
	check(RECORDS, 1, -ENODATA, NULL, true);
}

static void test_packets(void **state)
{
	static const char first[] = "/* CTF 1.8 */\n\ntrace {\n\tmajor = 1;";
	g_autoptr(GString) file = g_string_new(NULL);

	(void)state;
	append_packet(file, first, 100);
	append_packet(file, "};event{};", 100);
	check(file->str, 200, 0, "/* CTF 1.8 */\n\ntrace {\n\tmajor = 1;};event{};", false);
	check(file->str, 100 + HEADER + 5, 0, "/* CTF 1.8 */\n\ntrace {\n\tmajor = 1;};", true);
	check(file->str, 120, -ENODATA, NULL, true);
	check(file->str, 100, -ENODATA, NULL, true);
	check(file->str, HEADER + 5, -ENODATA, NULL, true);
	check(file->str, 10, -ENODATA, NULL, true);
}

static void test_none(void **state)
{
	g_autoptr(GString) file = g_string_new(NULL);

	(void)state;
	check("", 0, -EBADMSG, NULL, false);
	check("not metadata", 12, -EBADMSG, NULL, false);
	/* Damaged in the first record or packet: the rest of the file is there. */
	check("\x1e{\"type\0\0\": 1}", 14, -EBADMSG, NULL, false);
	check("\x1e{\"type" RECORD, 7 + strlen(RECORD), -EBADMSG, NULL, false);
	append_packet(file, "/* CTF 1.8 */", 100);
	memset(file->str + 24, 0, 8);
	check(file->str, 100, -EBADMSG, NULL, false);
}

static void test_missing(void **state)
{
	struct metadata metadata;

	(void)state;
	assert_int_equal(metadata_read(&metadata, "/nonexistent/metadata"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

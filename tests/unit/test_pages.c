/* Pages of a file that was read: given back when there are many, and there again for who reads on.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "decode/pages.h"

enum { SIZE = 8 << 20, PAGE = 4096 };

/* In each page its number. */
static int make_file(char *path)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	for (uint32_t i = 0; i < SIZE / PAGE; i++)
		assert_int_equal(pwrite(fd, &i, sizeof(i), (off_t)i * PAGE), sizeof(i));
	assert_int_equal(ftruncate(fd, SIZE), 0);
	return fd;
}

static void read_all(const char *bytes)
{
	for (uint32_t i = 0; i < SIZE / PAGE; i++)
		assert_int_equal(*(const uint32_t *)(const void *)(bytes + (size_t)i * PAGE), i);
}

/* Of this process: what is files', in memory or not. */
static long resident_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long kib = 0, some;

	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "RssFile: %ld", &some) == 1 ||
			sscanf(line, "RssShmem: %ld", &some) == 1)
			kib += some;
	fclose(status);
	assert_true(kib > 0);
	return kib;
}

static void test_given_back(void **state)
{
	char path[] = "/var/tmp/giltrace-test-XXXXXX";
	int fd = make_file(path);
	const char *bytes = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	struct pages pages;
	long before;

	(void)state;
	assert_ptr_not_equal(bytes, MAP_FAILED);
	pages_init(&pages);
	pages_add(&pages, path);
	pages_give_back(&pages);
	read_all(bytes);
	before = resident_kib();
	pages_give_back(&pages);
	assert_true(resident_kib() <= before - SIZE / 1024 * 3 / 4);
	read_all(bytes);
	pages_release(&pages);
	munmap((char *)bytes, SIZE);
	close(fd);
	unlink(path);
}

/* What the thread wrote is not to be lost, and who else maps a file is not disturbed. */
static void test_others_left_alone(void **state)
{
	char path[] = "/var/tmp/giltrace-test-XXXXXX", other[] = "/var/tmp/giltrace-test-XXXXXX";
	int fd = make_file(path), other_fd = make_file(other);
	char *written = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	const char *bytes = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, other_fd, 0);
	struct pages pages;
	long before;

	(void)state;
	pages_init(&pages);
	pages_add(&pages, path);
	pages_add(&pages, "/nowhere/at-all");
	read_all(written);
	read_all(bytes);
	written[PAGE - 1] = 'x';
	before = resident_kib();
	pages_give_back(&pages);
	assert_true(resident_kib() > before - SIZE / 1024 / 4);
	assert_int_equal(written[PAGE - 1], 'x');
	pages_release(&pages);
	munmap(written, SIZE);
	munmap((char *)bytes, SIZE);
	close(fd);
	close(other_fd);
	unlink(path);
	unlink(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given_back),
		cmocka_unit_test(test_others_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

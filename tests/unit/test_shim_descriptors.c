/* What a program that closes everything finds of LTTng's descriptors; with LTTng's own table behind
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* As LTTng opens one. */
static int open_as_lttng(void)
{
	int fd;

	giltrace_lock_fd_tracker();
	fd = giltrace_add_fd_to_tracker(open("/dev/null", O_RDONLY | O_CLOEXEC));
	giltrace_unlock_fd_tracker();
	assert_true(fd >= 0);
	return fd;
}

/* As LTTng closes one. */
static void close_as_lttng(int fd)
{
	giltrace_lock_fd_tracker();
	assert_int_equal(close(fd), 0);
	giltrace_delete_fd_from_tracker(fd);
	giltrace_unlock_fd_tracker();
	assert_false(is_open(fd));
}

static void assert_refused(int fd)
{
	errno = 0;
	assert_int_equal(close(fd), -1);
	assert_int_equal(errno, EBADF);
	assert_true(is_open(fd));
}

static int prepare(void **state)
{
	(void)state;
	descriptors_set_pid(getpid());
	return descriptors_prepare() ? 0 : -1;
}

static void test_low_numbers_stay_the_programs(void **state)
{
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int lttng;

	(void)state;
	assert_int_equal(close(next), 0);
	lttng = open_as_lttng();
	assert_true(lttng >= DESCRIPTORS_FIRST);
	assert_true(fcntl(lttng, F_GETFD) & FD_CLOEXEC);
	assert_false(is_open(next));
	close_as_lttng(lttng);
}

static void test_only_lttng_closes_its_own(void **state)
{
	int lttng = open_as_lttng();
	int mine;

	(void)state;
	assert_refused(lttng);
	close_as_lttng(lttng);
	/* The number is anybody's again. */
	mine = fcntl(0, F_DUPFD_CLOEXEC, lttng);
	assert_int_equal(mine, lttng);
	assert_int_equal(close(mine), 0);
	assert_false(is_open(mine));
}

static void test_ranges_leave_gaps(void **state)
{
	int lttng[3] = {open_as_lttng(), open_as_lttng(), open_as_lttng()};
	int below = fcntl(0, F_DUPFD_CLOEXEC, lttng[0] - 1);
	int between, above;

	(void)state;
	close_as_lttng(lttng[1]);
	between = fcntl(0, F_DUPFD_CLOEXEC, lttng[1]);
	above = fcntl(0, F_DUPFD_CLOEXEC, lttng[2] + 100);
	assert_int_equal(close_range((unsigned)lttng[2], (unsigned)lttng[0], 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(close_range((unsigned)below, (unsigned)lttng[2], 0), 0);
	assert_false(is_open(below) || is_open(between));
	assert_true(is_open(lttng[0]) && is_open(lttng[2]) && is_open(above));
	assert_int_equal(close_range((unsigned)below, ~0U, 0), 0);
	assert_false(is_open(above));
	assert_true(is_open(lttng[0]) && is_open(lttng[2]));

	between = fcntl(0, F_DUPFD_CLOEXEC, lttng[1]);
	above = fcntl(0, F_DUPFD_CLOEXEC, lttng[2] + 100);
	closefrom(between);
	assert_false(is_open(between) || is_open(above));
	assert_true(is_open(lttng[0]) && is_open(lttng[2]));
	close_as_lttng(lttng[0]);
	close_as_lttng(lttng[2]);
}

/* 0 when a child could close the descriptor, as it must where LTTng does not run. */
static int close_in_child(int fd)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(close(fd) == 0 ? 0 : 1);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_children_that_exec_close_all(void **state)
{
	int lttng = open_as_lttng();

	(void)state;
	assert_int_equal(close_in_child(lttng), 0);
	/* Still LTTng's in this process. */
	assert_refused(lttng);
	close_as_lttng(lttng);
}

static void test_what_does_not_fit_is_not_protected(void **state)
{
	(void)state;
	assert_false(descriptors_listed(-1));
	assert_false(descriptors_listed(DESCRIPTORS_LIMIT));
	assert_int_equal(descriptors_next(0, ~0U), -1);
	assert_int_equal(descriptors_next(5, 4), -1);
	assert_int_equal(descriptors_next(DESCRIPTORS_LIMIT, ~0U), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_low_numbers_stay_the_programs),
		cmocka_unit_test(test_only_lttng_closes_its_own),
		cmocka_unit_test(test_ranges_leave_gaps),
		cmocka_unit_test(test_children_that_exec_close_all),
		cmocka_unit_test(test_what_does_not_fit_is_not_protected),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}

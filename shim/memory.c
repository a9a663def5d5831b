/* How memory of the interpreter is read; see memory.h. */
#include "memory.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

int memory_copy(void *to, uintptr_t from, size_t size)
{
	int saved_errno = errno;
	struct iovec local = {.iov_base = to, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)from, .iov_len = size};
	ssize_t length = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	int result = length < 0 ? errno : (size_t)length < size ? EFAULT : 0;

	errno = saved_errno;
	return result;
}

bool memory_read_foreign(void *to, uintptr_t from, size_t size)
{
	return memory_copy(to, from, size) == 0;
}

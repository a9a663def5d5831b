/* How large the ring buffers of a recording are; see buffers.h. */
#include "record/buffers.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SHARED_MEMORY "/dev/shm"
#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)

static const uint64_t best_per_cpu = 64 * MIB;
static const uint64_t most_in_all = 1024 * MIB;
static const uint64_t least_per_cpu = 256 * KIB;
/* Small enough to be written out while the others fill, large enough to make that rare. */
static const uint64_t most_pieces = 16;
static const uint64_t least_piece = 64 * KIB;

uint64_t buffers_free_bytes(const char *path)
{
	struct statvfs space;

	if (statvfs(path, &space) < 0)
		return UINT64_MAX;
	return (uint64_t)space.f_bavail * space.f_frsize;
}

/* CPUs that could ever be plugged in: what LTTng counts, often more than are there. */
static unsigned possible_cpus(void)
{
	g_autofree char *text = NULL;
	unsigned highest = 0;
	const char *last;
	long configured = sysconf(_SC_NPROCESSORS_CONF);

	if (g_file_get_contents("/sys/devices/system/cpu/possible", &text, NULL, NULL)) {
		last = strpbrk(text, "-,") ? text + strcspn(text, "-,") + 1 : text;
		for (const char *next; (next = strpbrk(last, "-,")); last = next + 1)
			continue;
		if (sscanf(last, "%u", &highest) == 1)
			return highest + 1;
	}
	return configured > 0 ? (unsigned)configured : 1;
}

static uint64_t power_of_two_up_to(uint64_t n)
{
	uint64_t power = 1;

	while (power <= n / 2)
		power *= 2;
	return power;
}

static void divide(struct buffers *buffers, uint64_t per_cpu)
{
	per_cpu = power_of_two_up_to(per_cpu);
	buffers->pieces = MIN(most_pieces, MAX(per_cpu / least_piece, 2));
	buffers->piece_bytes = per_cpu / buffers->pieces;
}

int buffers_choose(
	struct buffers *buffers, uint64_t wanted, uint64_t disk_free, struct error *error)
{
	uint64_t shared = buffers_free_bytes(SHARED_MEMORY);
	uint64_t in_all = MIN(most_in_all, MIN(shared / 4, disk_free / 8));
	uint64_t per_cpu;

	buffers->cpus = possible_cpus();
	per_cpu = wanted ? wanted : MAX(MIN(best_per_cpu, in_all / buffers->cpus), least_per_cpu);
	divide(buffers, per_cpu);
	if (buffers_total(buffers) <= shared)
		return 0;
	error_set(error, -ENOSPC,
		"cannot allocate buffers: %" PRIu64 " MiB needed for %u CPUs, %" PRIu64
		" MiB free in " SHARED_MEMORY,
		buffers_total(buffers) / MIB, buffers->cpus, shared / MIB);
	error_next(error, wanted ? "choose a smaller --buffer-size"
				 : "free or enlarge it; a container needs --shm-size=256m or more");
	return -ENOSPC;
}

uint64_t buffers_total(const struct buffers *buffers)
{
	return buffers->piece_bytes * buffers->pieces * buffers->cpus;
}

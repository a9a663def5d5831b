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

static const uint64_t least_per_cpu = 256 * KIB;

/*
 * Of a process: measured on two busy CPUs with nine other processes at work, 2 MiB
 * lose nothing. As many processes at once as there is to be room for, in a quarter of
 * /dev/shm.
 */
static const uint64_t best_of_process = 4 * MIB;
static const uint64_t most_of_processes = 4096 * MIB;
static const uint64_t processes = 128;

static const uint64_t best_shared = 64 * MIB;
static const uint64_t most_shared = 1024 * MIB;

/*
 * Shared: small enough to be written out while the others fill, large enough to make
 * that rare. Of a process: with it goes what it wrote into the same piece when it is
 * killed while it writes. (Measured: 256 KiB are not cheaper.)
 */
static const uint64_t most_pieces = 16;
static const uint64_t least_piece = 64 * KIB;
static const uint64_t piece_of_process = 32 * KIB;

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
	if (buffers->shared)
		buffers->pieces = MIN(most_pieces, MAX(per_cpu / least_piece, 2));
	else
		buffers->pieces = MAX(per_cpu / piece_of_process, 2);
	buffers->piece_bytes = per_cpu / buffers->pieces;
}

/* Bytes per CPU when nobody wants so many. */
static uint64_t good_size(const struct buffers *buffers, uint64_t shared_memory, uint64_t disk_free)
{
	uint64_t most = buffers->shared ? most_shared : most_of_processes;
	uint64_t room = MIN(most, shared_memory / 4);
	uint64_t size = buffers->shared ? best_shared : best_of_process;

	if (!buffers->shared)
		room /= processes;
	size = MIN(size, MIN(room, disk_free / 8) / buffers->cpus);
	return MAX(size, least_per_cpu);
}

int buffers_choose(struct buffers *buffers, bool shared, uint64_t wanted, uint64_t disk_free,
	struct error *error)
{
	uint64_t room = buffers_free_bytes(SHARED_MEMORY);

	buffers->shared = shared;
	buffers->cpus = possible_cpus();
	divide(buffers, wanted ? wanted : good_size(buffers, room, disk_free));
	if (buffers_total(buffers) <= room)
		return 0;
	error_set(error, -ENOSPC,
		"cannot allocate buffers: %" PRIu64 " MiB needed for %u CPUs, %" PRIu64
		" MiB free in " SHARED_MEMORY,
		buffers_total(buffers) / MIB, buffers->cpus, room / MIB);
	error_next(error, wanted ? "choose a smaller --buffer-size"
				 : "free or enlarge it; a container needs --shm-size=256m or more");
	return -ENOSPC;
}

uint64_t buffers_total(const struct buffers *buffers)
{
	return buffers->piece_bytes * buffers->pieces * buffers->cpus;
}

uint64_t buffers_at_most(const struct buffers *buffers)
{
	uint64_t one = buffers_total(buffers);

	return buffers->shared ? one : MAX(one, MIN(most_of_processes, one * processes));
}

bool buffers_exhausted(const struct buffers *buffers)
{
	return !buffers->shared && buffers_free_bytes(SHARED_MEMORY) < buffers_total(buffers);
}

char *buffers_doubled(const struct buffers *buffers)
{
	uint64_t twice = 2 * buffers->piece_bytes * buffers->pieces;

	return twice < MIB ? g_strdup_printf("%" PRIu64 "k", twice / KIB)
			   : g_strdup_printf("%" PRIu64 "M", twice / MIB);
}

/* The pages of data stream files that a thread has read; see pages.h. */
#include "decode/pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/*
 * A fault maps 64 KiB of what the kernel has. For each file some: otherwise those
 * at which the reader of many files stands would be given back all the time.
 */
enum { FAULTS = 64, FAULTS_PER_FILE = 2 };

static long faults_so_far(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage) < 0)
		return 0;
	return usage.ru_minflt + usage.ru_majflt;
}

void pages_init(struct pages *pages)
{
	pages->files = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
	pages->faults = 0;
}

void pages_release(struct pages *pages)
{
	g_hash_table_unref(pages->files);
}

void pages_add(struct pages *pages, const char *path)
{
	/* The repaired copy of a damaged file has no path: it is not looked for. */
	char *real = realpath(path, NULL);

	if (real)
		g_hash_table_add(pages->files, real);
}

/*
 * `line`: of /proc/self/maps. Only what is a file's and cannot be written to comes
 * back as it was; that no other thread maps the file means that it is still there.
 */
static void give_back(const struct pages *pages, char *line)
{
	uintptr_t begin, end;
	char rights[5];
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &begin, &end, rights,
		    &path) == 3 &&
		path > 0 && strcmp(rights, "r--p") == 0 &&
		g_hash_table_contains(pages->files, line + path))
		madvise((void *)begin, end - begin, MADV_DONTNEED);
}

void pages_give_back(struct pages *pages)
{
	long faults = faults_so_far();
	g_autofree char *line = NULL;
	size_t room = 0;
	FILE *maps;

	if (faults - pages->faults <
		FAULTS + FAULTS_PER_FILE * (long)g_hash_table_size(pages->files))
		return;
	pages->faults = faults;
	maps = fopen("/proc/self/maps", "re");
	if (!maps)
		return;
	while (getline(&line, &room, maps) >= 0)
		give_back(pages, line);
	fclose(maps);
}

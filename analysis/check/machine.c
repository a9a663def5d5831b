/* The machine that a program ran on; see machine.h. */
#include "check/machine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <glib.h>

#include "base/utf8.h"

/* The first "model name" of /proc/cpuinfo; "" where there is none, as on ARM. */
static char *read_cpu(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char *line = NULL, *name = NULL;
	size_t size = 0;

	while (file && !name && getline(&line, &size, file) > 0) {
		const char *colon = strchr(line, ':');

		if (g_str_has_prefix(line, "model name") && colon)
			name = g_strstrip(utf8_valid(colon + 1));
	}
	free(line);
	if (file)
		fclose(file);
	return name ? name : g_strdup("");
}

static unsigned count_cpus(void)
{
	cpu_set_t set;
	long online;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 ? (unsigned)online : 1;
}

void machine_init(struct machine *machine)
{
	struct utsname name;

	memset(&name, 0, sizeof(name));
	uname(&name);
	machine->cpu = read_cpu();
	machine->architecture = g_strdup(name.machine);
	machine->kernel = g_strdup(name.release);
	machine->cpus = count_cpus();
}

void machine_copy(struct machine *to, const struct machine *from)
{
	to->cpu = g_strdup(from->cpu);
	to->architecture = g_strdup(from->architecture);
	to->kernel = g_strdup(from->kernel);
	to->cpus = from->cpus;
}

void machine_release(struct machine *machine)
{
	g_free(machine->cpu);
	g_free(machine->architecture);
	g_free(machine->kernel);
	memset(machine, 0, sizeof(*machine));
}

json_t *machine_to_json(const struct machine *machine)
{
	if (!machine->cpus)
		return json_null();
	return json_pack("{s:s, s:i, s:s, s:s}", "cpu", machine->cpu, "cpus", (int)machine->cpus,
		"architecture", machine->architecture, "kernel", machine->kernel);
}

static char *string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return g_strdup(string ? string : "");
}

void machine_from_json(struct machine *machine, const json_t *json)
{
	json_int_t cpus = json_integer_value(json_object_get(json, "cpus"));

	machine->cpu = string_of(json, "cpu");
	machine->architecture = string_of(json, "architecture");
	machine->kernel = string_of(json, "kernel");
	machine->cpus = cpus > 0 && cpus < 1000000 ? (unsigned)cpus : 0;
}

bool machine_differs(const struct machine *a, const struct machine *b)
{
	if (!a->cpus || !b->cpus)
		return false;
	return a->cpus != b->cpus || strcmp(a->cpu, b->cpu) != 0 ||
	       strcmp(a->architecture, b->architecture) != 0;
}

char *machine_words(const struct machine *machine)
{
	if (!machine->cpus)
		return g_strdup("a machine that is not known");
	return g_strdup_printf("%u CPU%s%s%s, %s", machine->cpus, machine->cpus == 1 ? "" : "s",
		*machine->cpu ? " " : "", machine->cpu, machine->architecture);
}

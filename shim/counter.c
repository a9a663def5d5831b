/* The time from the processor's counter; see counter.h. */
#include "counter.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <sys/prctl.h>
#endif

#include "hot.h"
#include "options.h"

#define SPAN_NS UINT64_C(100000)
#define WINDOW_NS UINT64_C(10000000)
#define POWER_MANAGEMENT 0x80000007U /* of cpuid; in its edx: */
#define INVARIANT_TSC (1U << 8)
#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/* A look between two readings of the counter that are further apart was interrupted. */
enum { LOOK_TICKS = 512, LOOKS = 2 };

/* So many looks in a row: that is no interruption, but what they take here, as under valgrind. */
enum { TOO_MANY = 1000 };

uint64_t counter_span HOT_DATA;
uint64_t counter_rate HOT_DATA;

static bool usable HOT_DATA;
static unsigned interrupted; /* looks in a row */

/* How fast the clock runs; of whoever has `busy`. */
static struct {
	bool busy;
	struct counter since;
	uint64_t rate; /* of the last window, 0: none */
} window;

#ifdef __x86_64__

/* The two that are made of the counter alone: the machine's own, and KVM's. */
static bool kernel_counts(void)
{
	char name[32];
	int fd = open(CLOCKSOURCE, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, name, sizeof(name) - 1);

	if (fd >= 0)
		close(fd);
	name[length > 0 ? length : 0] = '\0';
	return strcmp(name, "tsc\n") == 0 || strcmp(name, "kvm-clock\n") == 0;
}

static bool is_usable(void)
{
	unsigned a, b, c, d;
	int mode = PR_TSC_SIGSEGV;

	return options.tsc && __get_cpuid(POWER_MANAGEMENT, &a, &b, &c, &d) && d & INVARIANT_TSC &&
	       prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_ENABLE && kernel_counts();
}

static uint64_t ticks_in_order(void)
{
	__builtin_ia32_lfence();
	return __builtin_ia32_rdtsc();
}

#else

static bool is_usable(void)
{
	return false;
}

static uint64_t ticks_in_order(void)
{
	return 0;
}

#endif

static void give_up(void)
{
	__atomic_store_n(&usable, false, __ATOMIC_RELAXED);
	__atomic_store_n(&counter_span, 0, __ATOMIC_RELEASE);
}

void counter_prepare(void)
{
	__atomic_store_n(&interrupted, 0, __ATOMIC_RELAXED);
	if (is_usable())
		__atomic_store_n(&usable, true, __ATOMIC_RELAXED);
	else
		give_up();
}

void counter_after_fork_child(void)
{
	window.busy = false;
}

/* 0: the two are out of order. */
static uint64_t rate_between(struct counter from, struct counter to)
{
	double ticks = (double)(to.ticks - from.ticks);

	if (to.ticks <= from.ticks || to.ns <= from.ns)
		return 0;
	return (uint64_t)((double)(to.ns - from.ns) / ticks * 4294967296.0);
}

static bool agree(uint64_t rate, uint64_t before)
{
	uint64_t apart = rate > before ? rate - before : before - rate;

	return rate && before && apart <= before >> 10;
}

static void publish(uint64_t rate, bool good)
{
	if (good)
		__atomic_store_n(&counter_rate, rate, __ATOMIC_RELAXED);
	__atomic_store_n(&counter_span, good ? (SPAN_NS << 32) / rate : 0, __ATOMIC_RELEASE);
}

/* Two windows that agree are worth counting with; those with a clock set anew do not. */
static void measure(struct counter now)
{
	if (__atomic_exchange_n(&window.busy, true, __ATOMIC_ACQUIRE))
		return;
	/* Another thread may have looked later, and been here before. */
	if (now.ns > window.since.ns && now.ns - window.since.ns >= WINDOW_NS) {
		uint64_t rate = window.since.ns ? rate_between(window.since, now) : 0;

		publish(rate, agree(rate, window.rate));
		window.rate = rate;
		window.since = now;
	}
	__atomic_store_n(&window.busy, false, __ATOMIC_RELEASE);
}

/* Between two readings of the counter. */
static COLD_CODE uint64_t look(struct counter *last)
{
	uint64_t ns = 0;

	for (int looks = 0; looks < LOOKS; looks++) {
		uint64_t before = ticks_in_order(), took;

		ns = recording_now();
		took = ticks_in_order() - before;
		if (took > LOOK_TICKS)
			continue;
		*last = (struct counter){.ticks = before + took / 2, .ns = ns};
		__atomic_store_n(&interrupted, 0, __ATOMIC_RELAXED);
		measure(*last);
		return ns;
	}
	if (__atomic_add_fetch(&interrupted, 1, __ATOMIC_RELAXED) >= TOO_MANY)
		give_up();
	return ns;
}

HOT_CODE __attribute__((noinline)) uint64_t counter_look(struct counter *last)
{
	return __atomic_load_n(&usable, __ATOMIC_RELAXED) ? look(last) : recording_now();
}

/*
 * A program that makes the calls of CPython's GIL on the same struct, where no such
 * interpreter can be had: a free-threaded build that switches its GIL on and off,
 * a version that nobody has seen yet, one whose struct has changed.
 *
 *     imitation SCENARIO
 *
 * Prints what it counted itself, one "name value" a line.
 */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define INTERVAL_US 5000
#define NS_PER_S 1000000000

static const char *version;

/* What the shim asks the program that created a GIL. */
__attribute__((visibility("default"))) const char *Py_GetVersion(void);

const char *Py_GetVersion(void)
{
	return version;
}

/* The GIL's struct in three parts, because what stands between and before them is what varies. */
struct words {
	unsigned long interval;
	_Atomic(struct state *) last_holder;
	atomic_int locked;
	unsigned long switch_number;
};

struct locks {
	pthread_cond_t cond;
	pthread_mutex_t mutex;
	pthread_cond_t switch_cond;
	pthread_mutex_t switch_mutex;
};

struct gil {
	atomic_int *enabled; /* NULL: no free-threaded build */
	struct words *words;
	struct locks *locks;
	atomic_int waiting; /* the rest is the program's own */
	atomic_ullong acquisitions;
};

/* A thread under one GIL. */
struct state {
	atomic_bool drop_request;
	bool holds;
};

enum layout { LAYOUT_USUAL, LAYOUT_FREE_THREADED, LAYOUT_SHIFTED };

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static void gil_create_at(struct gil *gil, void *memory, enum layout layout, int enabled)
{
	char *place = memory;
	pthread_condattr_t monotonic;

	memset(gil, 0, sizeof(*gil));
	if (layout == LAYOUT_FREE_THREADED) {
		gil->enabled = (atomic_int *)(void *)place;
		*gil->enabled = enabled;
		place += sizeof(void *);
	}
	gil->words = (struct words *)(void *)place;
	place += sizeof(struct words);
	if (layout == LAYOUT_SHIFTED) {
		*(unsigned long *)(void *)place = 0;
		place += sizeof(unsigned long);
	}
	gil->locks = (struct locks *)(void *)place;
	gil->words->interval = INTERVAL_US;
	gil->words->last_holder = NULL;
	gil->words->switch_number = 0;
	gil->words->locked = -1;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&gil->locks->mutex, NULL);
	pthread_mutex_init(&gil->locks->switch_mutex, NULL);
	pthread_cond_init(&gil->locks->cond, &monotonic);
	pthread_cond_init(&gil->locks->switch_cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
	gil->words->locked = 0;
}

static void gil_create(struct gil *gil, enum layout layout, int enabled)
{
	void *memory = calloc(1, 4096);

	if (!memory)
		abort();
	gil_create_at(gil, memory, layout, enabled);
}

static bool is_on(const struct gil *gil)
{
	return !gil->enabled || *gil->enabled;
}

/* True when the time ran out. With the mutex held. */
static bool sleep_for_interval(struct gil *gil)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)gil->words->interval * 1000;
	until.tv_sec += until.tv_nsec / NS_PER_S;
	until.tv_nsec %= NS_PER_S;
	return pthread_cond_timedwait(&gil->locks->cond, &gil->locks->mutex, &until) != 0;
}

static void take(struct gil *gil, struct state *self)
{
	if (!is_on(gil))
		return;
	pthread_mutex_lock(&gil->locks->mutex);
	atomic_fetch_add(&gil->waiting, 1);
	while (gil->words->locked) {
		unsigned long switches = gil->words->switch_number;

		if (sleep_for_interval(gil) && gil->words->locked &&
			gil->words->switch_number == switches)
			gil->words->last_holder->drop_request = true;
	}
	atomic_fetch_sub(&gil->waiting, 1);
	if (!is_on(gil)) {
		/* Switched off meanwhile: wake the next one and go on without it. */
		pthread_cond_signal(&gil->locks->cond);
		pthread_mutex_unlock(&gil->locks->mutex);
		return;
	}
	pthread_mutex_lock(&gil->locks->switch_mutex);
	gil->words->locked = 1;
	if (gil->words->last_holder != self) {
		gil->words->last_holder = self;
		gil->words->switch_number++;
	}
	pthread_cond_signal(&gil->locks->switch_cond);
	pthread_mutex_unlock(&gil->locks->switch_mutex);
	self->holds = true;
	self->drop_request = false;
	gil->acquisitions++;
	pthread_mutex_unlock(&gil->locks->mutex);
}

static void release(struct gil *gil, struct state *self)
{
	pthread_mutex_lock(&gil->locks->mutex);
	gil->words->locked = 0;
	self->holds = false;
	pthread_cond_signal(&gil->locks->cond);
	pthread_mutex_unlock(&gil->locks->mutex);
}

static void drop(struct gil *gil, struct state *self)
{
	if (!self->holds)
		return;
	release(gil, self);
	if (!self->drop_request)
		return;
	pthread_mutex_lock(&gil->locks->switch_mutex);
	if (gil->words->last_holder == self) {
		self->drop_request = false;
		pthread_cond_wait(&gil->locks->switch_cond, &gil->locks->switch_mutex);
	}
	pthread_mutex_unlock(&gil->locks->switch_mutex);
}

/* By a thread that is alone at work, as CPython stops all others for it. */
static void switch_on(struct gil *gil)
{
	*gil->enabled = 1;
}

/* By the thread that holds it. */
static void switch_off(struct gil *gil, struct state *self)
{
	*gil->enabled = 0;
	release(gil, self);
}

/*
 * Computes with the GIL until another thread wants it, as long as there are enough
 * of them to be sure that one will.
 */
static atomic_int running;

static void compute_until_asked(const struct gil *gil, const struct state *self, int enough)
{
	while (is_on(gil) && !self->drop_request && running >= enough)
		sched_yield();
}

static pthread_t start(void *(*function)(void *), void *argument)
{
	pthread_t id;

	if (pthread_create(&id, NULL, function, argument) != 0)
		abort();
	return id;
}

/* Two threads that compute, and give the GIL up only when they are asked to. */
enum { TURNS = 20 };

static void *turns(void *argument)
{
	struct gil *gil = argument;
	struct state self = {0};

	for (int i = 0; i < TURNS; i++) {
		take(gil, &self);
		compute_until_asked(gil, &self, 2);
		drop(gil, &self);
	}
	running--;
	return NULL;
}

static void contend(struct gil *gil)
{
	pthread_t one, other;

	running = 2;
	one = start(turns, gil);
	other = start(turns, gil);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
}

static void say(const char *name, uint64_t value)
{
	printf("%s %llu\n", name, (unsigned long long)value);
}

static void scenario_contend(enum layout layout, int enabled)
{
	static struct gil gil;

	gil_create(&gil, layout, enabled);
	contend(&gil);
	say("acquisitions", gil.acquisitions);
}

/* The GIL is on for a while, and switched off while threads wait for it; then once more. */
enum { WAITERS = 3 };

static struct {
	struct gil gil;
	pthread_barrier_t gate;
} switching;

static void *switched_worker(void *unused)
{
	struct gil *gil = &switching.gil;
	struct state self = {0};

	(void)unused;
	take(gil, &self); /* off: nothing */
	drop(gil, &self);
	pthread_barrier_wait(&switching.gate);
	pthread_barrier_wait(&switching.gate); /* now it is on */
	for (int i = 0; i < 3; i++) {
		take(gil, &self);
		drop(gil, &self);
	}
	pthread_barrier_wait(&switching.gate);
	pthread_barrier_wait(&switching.gate); /* now the main thread has it */
	take(gil, &self);		       /* until it is off */
	if (self.holds)
		abort();
	pthread_barrier_wait(&switching.gate);
	return unused;
}

static void scenario_switch(void)
{
	struct gil *gil = &switching.gil;
	struct state self = {0};
	pthread_t threads[WAITERS];
	uint64_t longest, shortest, begin, begun;

	gil_create(gil, LAYOUT_FREE_THREADED, 0);
	pthread_barrier_init(&switching.gate, NULL, WAITERS + 1);
	for (int i = 0; i < WAITERS; i++)
		threads[i] = start(switched_worker, NULL);
	pthread_barrier_wait(&switching.gate);

	begin = now();
	switch_on(gil);
	take(gil, &self);
	begun = now();
	drop(gil, &self);
	pthread_barrier_wait(&switching.gate);
	pthread_barrier_wait(&switching.gate);
	take(gil, &self);
	pthread_barrier_wait(&switching.gate);
	while (gil->waiting < WAITERS)
		sched_yield();
	compute_until_asked(gil, &self, 0);
	shortest = now() - begun;
	switch_off(gil, &self);
	longest = now() - begin;
	pthread_barrier_wait(&switching.gate);
	for (int i = 0; i < WAITERS; i++)
		pthread_join(threads[i], NULL);

	begin = now();
	switch_on(gil);
	take(gil, &self);
	begun = now();
	shortest += now() - begun;
	switch_off(gil, &self);
	longest += now() - begin;
	say("acquisitions", gil->acquisitions);
	say("on_at_least", shortest);
	say("on_at_most", longest);
}

/* GILs whose memory goes without a word, at one address each; some while they are held. */
enum { MANY = 2000, PLACE = 1 << 16 };

static void scenario_many(void)
{
	static struct gil main_gil;
	char *places = mmap(NULL, (size_t)MANY * PLACE, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	gil_create(&main_gil, LAYOUT_USUAL, 0);
	for (size_t i = 0; places != MAP_FAILED && i < MANY; i++) {
		char *place = places + i * PLACE;
		struct state self = {0};
		struct gil gil;

		if (mprotect(place, PLACE, PROT_READ | PROT_WRITE) != 0)
			abort();
		gil_create_at(&gil, place + i % 64 * 64, LAYOUT_USUAL, 0);
		take(&gil, &self);
		if (i % 7)
			drop(&gil, &self);
		munmap(place, PLACE);
	}
	contend(&main_gil);
	say("acquisitions", main_gil.acquisitions);
	say("gils", MANY + 1);
}

/* Two threads that go from one GIL to the other and back, forced out of both. */
static struct gil outer, inner;

static void *nested(void *unused)
{
	struct state outside = {0}, inside = {0};

	for (int i = 0; i < TURNS / 2; i++) {
		take(&outer, &outside);
		compute_until_asked(&outer, &outside, 3);
		drop(&outer, &outside);
		for (int k = 0; k < 2; k++) {
			take(&inner, &inside);
			compute_until_asked(&inner, &inside, 3);
			drop(&inner, &inside);
		}
	}
	running--;
	return unused;
}

static void scenario_nested(void)
{
	pthread_t threads[3];

	gil_create(&outer, LAYOUT_USUAL, 0);
	gil_create(&inner, LAYOUT_USUAL, 0);
	running = 3;
	for (int i = 0; i < 3; i++)
		threads[i] = start(nested, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	say("acquisitions", outer.acquisitions);
	say("inner_acquisitions", inner.acquisitions);
}

static int choose(const char *scenario)
{
	const char *free_threaded = "3.16.0a1 free-threading build (main)";

	version = strcmp(scenario, "shifted") == 0 ? "3.17.0 (main)" : "3.16.0a1 (main)";
	if (strcmp(scenario, "unseen") == 0) {
		scenario_contend(LAYOUT_USUAL, 0);
	} else if (strcmp(scenario, "shifted") == 0) {
		scenario_contend(LAYOUT_SHIFTED, 0);
	} else if (strcmp(scenario, "many") == 0) {
		scenario_many();
	} else if (strcmp(scenario, "nested") == 0) {
		scenario_nested();
	} else if (strcmp(scenario, "off") == 0) {
		version = free_threaded;
		scenario_contend(LAYOUT_FREE_THREADED, 0);
	} else if (strcmp(scenario, "on") == 0) {
		version = free_threaded;
		scenario_contend(LAYOUT_FREE_THREADED, INT_MAX);
	} else if (strcmp(scenario, "switch") == 0) {
		version = free_threaded;
		scenario_switch();
	} else {
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? choose(argv[1]) : 2;
}

/* Hands events from one thread to another; see conveyor.h. */
#include "decode/conveyor.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "decode/shapes.h"

/*
 * A batch is about a millisecond of work: long beside waking a thread. All of them
 * hold what a tight loop writes in a switch interval: threads on different CPUs
 * write by turns, and the readers are to work at once.
 */
enum { BATCHES = 6, BATCH_EVENTS = 2048, BATCH_BYTES = 96 * 1024 };

/* Where the strings and numbers of a batch stand. */
struct room {
	char *bytes;
	size_t size;
	size_t used;
};

struct batch {
	struct conveyor_item items[BATCH_EVENTS];
	size_t count;
	struct room room;
	bool last;
};

/*
 * The batches go round: `empty` and `full` count those that the one thread may fill
 * and those that the other may take from, each in turn.
 */
struct conveyor {
	struct batch batches[BATCHES];
	sem_t empty;
	sem_t full;
	atomic_bool ended; /* no more are wanted */
	bool started;
	pthread_t thread;
	void (*read)(void *user);
	void *user;
	/* Those members of each kind of event that point to something. */
	const struct field *owned[EVENT_KINDS][SHAPE_FIELDS];

	/* Of the thread that reads: */
	struct batch *filling; /* NULL: it has to wait for an empty one */
	unsigned filled;
	/* An item at a time, writing to what the other CPU has in its cache takes longer than
	 * all at once. */
	struct conveyor_item items[BATCH_EVENTS];

	/* Of the thread that takes: */
	struct batch *taking; /* NULL: it has to wait for a full one */
	size_t next;	      /* in it */
	unsigned taken;
	bool over;
};

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0 && errno == EINTR)
		continue;
}

static size_t aligned(size_t length)
{
	return (length + sizeof(uint64_t) - 1) & ~(sizeof(uint64_t) - 1);
}

/* What the member points to, and its length in bytes. */
static const void *behind(const struct event *event, const struct field *field, size_t *length)
{
	const void *member = (const char *)event + field->offset;
	const struct event_numbers *list;
	const char *string;

	if (field->type == FIELD_STRING) {
		string = *(const char *const *)member;
		*length = strlen(string) + 1;
		return string;
	}
	list = member;
	*length = list->count * sizeof(*list->numbers);
	return list->numbers;
}

static void point_to(struct event *event, const struct field *field, const void *copy)
{
	void *member = (char *)event + field->offset;

	if (field->type == FIELD_STRING)
		*(const char **)member = copy;
	else
		((struct event_numbers *)member)->numbers = copy;
}

static size_t bytes_behind(const struct event *event, const struct field *const *owned)
{
	size_t sum = 0;
	size_t length;

	for (; *owned; owned++) {
		behind(event, *owned, &length);
		sum += aligned(length);
	}
	return sum;
}

/* There must be room. */
static void own(struct event *event, const struct field *const *owned, struct room *room)
{
	for (; *owned; owned++) {
		size_t length;
		const void *from = behind(event, *owned, &length);

		if (length > 0)
			memcpy(room->bytes + room->used, from, length);
		point_to(event, *owned, room->bytes + room->used);
		room->used += aligned(length);
	}
}

static void pass_on(struct conveyor *conveyor)
{
	struct batch *batch = conveyor->filling;

	memcpy(batch->items, conveyor->items, batch->count * sizeof(*batch->items));
	conveyor->filling = NULL;
	conveyor->filled++;
	sem_post(&conveyor->full);
}

static struct batch *batch_to_fill(struct conveyor *conveyor)
{
	if (!conveyor->filling) {
		wait_for(&conveyor->empty);
		conveyor->filling = &conveyor->batches[conveyor->filled % BATCHES];
	}
	return conveyor->filling;
}

static bool has_room(const struct batch *batch, size_t bytes)
{
	return batch->count == 0 ||
	       (batch->count < BATCH_EVENTS && bytes <= batch->room.size - batch->room.used);
}

int conveyor_put(struct conveyor *conveyor, const struct event *event, uint64_t order)
{
	const struct field *const *owned = conveyor->owned[event->kind];
	size_t bytes = bytes_behind(event, owned);
	struct batch *batch = batch_to_fill(conveyor);
	struct conveyor_item *item;

	if (!has_room(batch, bytes)) {
		pass_on(conveyor);
		batch = batch_to_fill(conveyor);
	}
	if (atomic_load_explicit(&conveyor->ended, memory_order_relaxed))
		return -ECANCELED;
	if (bytes > batch->room.size) {
		batch->room.size = bytes;
		batch->room.bytes = g_realloc(batch->room.bytes, bytes);
	}
	item = &conveyor->items[batch->count++];
	item->event = *event;
	item->order = order;
	own(&item->event, owned, &batch->room);
	return 0;
}

static void *run(void *data)
{
	struct conveyor *conveyor = data;

	conveyor->read(conveyor->user);
	batch_to_fill(conveyor)->last = true;
	pass_on(conveyor);
	return NULL;
}

static void give_back(struct conveyor *conveyor)
{
	struct batch *batch = conveyor->taking;
	struct room *room = &batch->room;

	conveyor->over = batch->last;
	batch->count = 0;
	room->used = 0;
	if (room->size > BATCH_BYTES) {
		room->size = BATCH_BYTES;
		room->bytes = g_realloc(room->bytes, BATCH_BYTES);
	}
	conveyor->taking = NULL;
	conveyor->next = 0;
	conveyor->taken++;
	sem_post(&conveyor->empty);
}

static void take(struct conveyor *conveyor)
{
	wait_for(&conveyor->full);
	conveyor->taking = &conveyor->batches[conveyor->taken % BATCHES];
}

const struct conveyor_item *conveyor_next(struct conveyor *conveyor)
{
	while (!conveyor->over) {
		if (!conveyor->taking)
			take(conveyor);
		if (conveyor->next < conveyor->taking->count)
			return &conveyor->taking->items[conveyor->next++];
		give_back(conveyor);
	}
	return NULL;
}

static void find_owned(struct conveyor *conveyor)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		const struct field *field = shape_of_kind(kind)->fields;
		unsigned count = 0;

		for (; field->name; field++)
			if (field->type == FIELD_STRING || field->type == FIELD_NUMBERS)
				conveyor->owned[kind][count++] = field;
	}
}

struct conveyor *conveyor_new(void)
{
	struct conveyor *conveyor = g_new0(struct conveyor, 1);

	sem_init(&conveyor->empty, 0, BATCHES);
	sem_init(&conveyor->full, 0, 0);
	for (unsigned i = 0; i < BATCHES; i++)
		conveyor->batches[i].room = (struct room){
			.bytes = g_malloc(BATCH_BYTES),
			.size = BATCH_BYTES,
		};
	find_owned(conveyor);
	return conveyor;
}

bool conveyor_start(struct conveyor *conveyor, void (*read)(void *user), void *user)
{
	sigset_t all;
	sigset_t found;

	conveyor->read = read;
	conveyor->user = user;
	/* Signals are for the other threads, as if there were none but them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &found);
	conveyor->started = pthread_create(&conveyor->thread, NULL, run, conveyor) == 0;
	pthread_sigmask(SIG_SETMASK, &found, NULL);
	return conveyor->started;
}

/* Takes all there is, as the thread may wait for an empty batch. */
static void stop(struct conveyor *conveyor)
{
	atomic_store_explicit(&conveyor->ended, true, memory_order_relaxed);
	while (!conveyor->over) {
		if (!conveyor->taking)
			take(conveyor);
		give_back(conveyor);
	}
	pthread_join(conveyor->thread, NULL);
}

void conveyor_free(struct conveyor *conveyor)
{
	if (!conveyor)
		return;
	if (conveyor->started)
		stop(conveyor);
	for (unsigned i = 0; i < BATCHES; i++)
		g_free(conveyor->batches[i].room.bytes);
	sem_destroy(&conveyor->full);
	sem_destroy(&conveyor->empty);
	g_free(conveyor);
}

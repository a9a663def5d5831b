/* Adds up what a timeline is told; see watch.h. */
#include "watch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model/tally.h"

static struct watched_gil *gil_of(const struct model_thread *thread)
{
	return thread->gil->timeline;
}

static struct watched_thread *thread_at(const struct watched_gil *gil, uint32_t index)
{
	return g_ptr_array_index(gil->threads, index);
}

static void add(uint64_t *sum, uint64_t amount)
{
	*sum = tally_plus(*sum, amount);
}

static void on_process_seen(void *user, struct model_process *process)
{
	struct watch *watch = user;

	assert_int_equal(process->index, watch->processes++);
}

static void on_gil_seen(void *user, struct model_gil *model)
{
	struct watch *watch = user;
	struct watched_gil *gil = g_new0(struct watched_gil, 1);

	gil->process = model->process->index;
	gil->index = model->index;
	gil->first_ns = UINT64_MAX;
	gil->threads = g_ptr_array_new();
	gil->places = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	gil->holds = g_array_new(FALSE, FALSE, sizeof(struct watched_hold));
	gil->waits = g_array_new(FALSE, FALSE, sizeof(struct watched_wait));
	gil->pieces = g_array_new(FALSE, FALSE, sizeof(struct watched_piece));
	gil->requests = g_array_new(FALSE, FALSE, sizeof(struct watched_request));
	gil->begun = g_array_new(FALSE, FALSE, sizeof(struct watched_request));
	model->timeline = gil;
	g_ptr_array_add(watch->gils, gil);
}

static void on_thread_seen(void *user, struct model_thread *model)
{
	struct watched_thread *thread = g_new0(struct watched_thread, 1);

	(void)user;
	assert_int_equal(model->index, gil_of(model)->threads->len);
	thread->tid = model->tid;
	model->timeline = thread;
	g_ptr_array_add(gil_of(model)->threads, thread);
}

static void on_place_seen(void *user, struct model_place *place)
{
	struct watched_gil *gil = gil_of(place->thread);

	(void)user;
	assert_int_equal(place->index, gil->places->len);
	g_array_append_val(gil->places, place->thread->index);
}

static void see(struct watched_gil *gil, uint64_t at)
{
	if (at == EVENT_UNKNOWN)
		return;
	gil->first_ns = MIN(gil->first_ns, at);
	gil->last_ns = MAX(gil->last_ns, at);
}

/* [begin, end) of a thread comes behind everything that was told of it. */
static void follow(
	struct watched_gil *gil, struct watched_thread *thread, uint64_t begin, uint64_t end)
{
	see(gil, begin);
	see(gil, end);
	if (begin != EVENT_UNKNOWN)
		gil->hostile = gil->hostile || begin < thread->until;
	if (end != EVENT_UNKNOWN)
		thread->until = MAX(thread->until, end);
}

static void on_hold(void *user, struct model_place *place, const struct timeline_hold *hold)
{
	struct watched_gil *gil = gil_of(place->thread);
	struct watched_thread *thread = place->thread->timeline;
	const struct watched_hold watched = {place->thread->tid, place->site, *hold};

	(void)user;
	g_array_append_val(gil->holds, watched);
	assert_true(hold->number > gil->number);
	gil->number = hold->number;
	if (hold->begin_ns != EVENT_UNKNOWN) {
		assert_true(hold->begin_ns >= gil->held_until);
		gil->held_until = hold->begin_ns;
	}
	if (hold->end_ns != EVENT_UNKNOWN) {
		assert_true(hold->end_ns >= gil->held_until);
		gil->held_until = hold->end_ns;
	}
	follow(gil, thread, hold->begin_ns, hold->end_ns);
	assert_true(hold->counted || hold->held_ns == 0);
	if (!hold->counted)
		return;
	assert_true(hold->begin_ns != EVENT_UNKNOWN);
	thread->acquisitions++;
	if (hold->end_ns == EVENT_UNKNOWN)
		return;
	assert_true(hold->held_ns <= hold->end_ns - hold->begin_ns);
	thread->holds++;
	add(&thread->held_ns, hold->held_ns);
}

static void on_wait_begun(void *user, struct model_thread *model, uint64_t begin_ns)
{
	const struct watched_request begun = {model->tid, 0, begin_ns};

	(void)user;
	see(gil_of(model), begin_ns);
	g_array_append_val(gil_of(model)->begun, begun);
}

/* The tid of the thread of a place. */
static int32_t tid_of(const struct watched_gil *gil, uint32_t holder)
{
	if (holder == MODEL_HANDOFF)
		return BLAME_HANDOFF;
	if (holder == MODEL_UNKNOWN)
		return BLAME_UNKNOWN;
	return thread_at(gil, g_array_index(gil->places, uint32_t, holder))->tid;
}

static void on_wait(void *user, struct model_place *place, const struct timeline_wait *wait)
{
	struct watched_gil *gil = gil_of(place->thread);
	struct watched_thread *thread = place->thread->timeline;
	struct watched_wait watched = {
		place->thread->tid, place->site, tid_of(gil, wait->behind), 0, 0, *wait};

	(void)user;
	if (gil->waits->len) {
		const struct watched_wait *last =
			&g_array_index(gil->waits, struct watched_wait, gil->waits->len - 1);

		watched.pieces = last->pieces + last->piece_count;
	}
	watched.piece_count = gil->pieces->len - watched.pieces;
	g_array_append_val(gil->waits, watched);
	assert_true(wait->number == 0 || wait->number > gil->number ||
		    place->thread->gil->kind == INTERPRETER_PYPY);
	assert_true(wait->begin_ns == EVENT_UNKNOWN || wait->begin_ns <= wait->end_ns);
	if (wait->yield_ns && wait->yield_begin_ns != EVENT_UNKNOWN)
		follow(gil, thread, wait->yield_begin_ns, wait->yield_begin_ns + wait->yield_ns);
	follow(gil, thread, wait->begin_ns, wait->end_ns);
	thread->contended_acquisitions += wait->number > 0;
	if (wait->begin_ns == EVENT_UNKNOWN && !wait->waited_ns)
		return;
	thread->waits++;
	add(&thread->wait_ns, wait->waited_ns);
}

static void on_blame(
	void *user, struct model_place *waiter, uint32_t holder, uint64_t begin_ns, uint64_t end_ns)
{
	struct watched_gil *gil = gil_of(waiter->thread);
	struct watched_thread *thread = waiter->thread->timeline;
	const struct watched_piece piece = {tid_of(gil, holder), begin_ns, end_ns};
	uint32_t index;

	(void)user;
	g_array_append_val(gil->pieces, piece);
	assert_true(holder != MODEL_HANDOFF);
	if (begin_ns == EVENT_UNKNOWN) {
		gil->sums_only++;
		return;
	}
	assert_true(begin_ns < end_ns);
	see(gil, begin_ns);
	see(gil, end_ns);
	if (holder == MODEL_UNKNOWN)
		return;
	index = g_array_index(gil->places, uint32_t, holder);
	if (index >= thread->blamed_count) {
		thread->blamed = g_renew(uint64_t, thread->blamed, index + 1);
		while (thread->blamed_count <= index)
			thread->blamed[thread->blamed_count++] = 0;
	}
	add(&thread->blamed[index], end_ns - begin_ns);
}

static void on_handoff(void *user, struct model_gil *model, uint64_t begin_ns, uint64_t end_ns)
{
	struct watched_gil *gil = model->timeline;

	(void)user;
	assert_true(begin_ns <= end_ns);
	see(gil, begin_ns);
	see(gil, end_ns);
	gil->handoffs++;
	add(&gil->handoff_ns, end_ns - begin_ns);
}

static void on_drop_request(
	void *user, struct model_thread *sender, struct model_thread *receiver, uint64_t at_ns)
{
	struct watched_gil *gil = gil_of(sender);
	const struct watched_request request = {sender->tid, receiver ? receiver->tid : 0, at_ns};

	(void)user;
	see(gil, at_ns);
	g_array_append_val(gil->requests, request);
	((struct watched_thread *)sender->timeline)->sent++;
	if (receiver)
		((struct watched_thread *)receiver->timeline)->received++;
}

static void on_region(void *user, struct model_process *process, int32_t tid, const char *name,
	uint64_t begin_ns, uint64_t end_ns)
{
	struct watch *watch = user;
	struct watched_stay stay = {tid, g_strdup(name), begin_ns, end_ns};

	(void)process;
	assert_true(begin_ns <= end_ns);
	g_array_append_val(watch->stays, stay);
}

static void on_gil_done(void *user, struct model_gil *model)
{
	struct watched_gil *gil = model->timeline;

	(void)user;
	assert_false(gil->done);
	gil->done = true;
	gil->begin_ns = model->begin_ns;
	gil->end_ns = model->end_ns;
	if (gil->first_ns == UINT64_MAX)
		return;
	assert_true(gil->first_ns >= gil->begin_ns);
	assert_true(gil->last_ns <= gil->end_ns);
}

void watch_begin(struct watch *watch, struct model_timeline *timeline)
{
	watch->gils = g_ptr_array_new();
	watch->stays = g_array_new(FALSE, FALSE, sizeof(struct watched_stay));
	watch->processes = 0;
	*timeline = (struct model_timeline){
		.process_seen = on_process_seen,
		.gil_seen = on_gil_seen,
		.thread_seen = on_thread_seen,
		.place_seen = on_place_seen,
		.hold = on_hold,
		.wait_begun = on_wait_begun,
		.wait = on_wait,
		.blame = on_blame,
		.handoff = on_handoff,
		.drop_request = on_drop_request,
		.region = on_region,
		.gil_done = on_gil_done,
		.user = watch,
	};
}

static const struct watched_gil *find_gil(
	const struct watch *watch, uint32_t process, uint32_t index)
{
	for (guint i = 0; i < watch->gils->len; i++) {
		const struct watched_gil *gil = g_ptr_array_index(watch->gils, i);

		if (gil->process == process && gil->index == index)
			return gil;
	}
	fail_msg("nothing was told of GIL %u of process %u", index, process);
	return NULL;
}

/* What nobody can know of a GIL has been told of it all the same, if it came: not compared. */
static void compare(uint64_t figure, uint64_t sum)
{
	if (figure != FIGURE_UNKNOWN)
		assert_true(figure == sum);
}

static void compare_thread(const struct thread_report *report, const struct watched_thread *thread)
{
	compare(report->acquisitions, thread->acquisitions);
	compare(report->contended_acquisitions, thread->contended_acquisitions);
	compare(report->hold.count, thread->holds);
	compare(report->held_ns, thread->held_ns);
	compare(report->wait.count, thread->waits);
	compare(report->wait_ns, thread->wait_ns);
	compare(report->drop_requests_sent, thread->sent);
	compare(report->drop_requests_received, thread->received);
}

static uint64_t blamed_on(const struct watched_gil *gil, uint32_t waiter, uint32_t holder)
{
	const struct watched_thread *thread = thread_at(gil, waiter);

	return holder < thread->blamed_count ? thread->blamed[holder] : 0;
}

static void compare_blame(const struct gil_report *report, const struct watched_gil *gil)
{
	uint64_t told = 0, figures = 0;

	for (size_t i = 0; i < report->blame_count; i++) {
		const struct blame_report *blame = &report->blame[i];
		uint64_t sum;

		if (blame->holder < 0)
			continue;
		sum = blamed_on(gil, report->threads[blame->waiter].index,
			report->threads[blame->holder].index);
		assert_true(gil->sums_only ? sum <= blame->wait_ns : sum == blame->wait_ns);
		add(&figures, sum);
	}
	for (guint i = 0; i < gil->threads->len; i++) {
		for (guint j = 0; j < thread_at(gil, i)->blamed_count; j++)
			add(&told, thread_at(gil, i)->blamed[j]);
	}
	assert_true(told == figures);
}

static bool is_doubtful(const struct report *report)
{
	return report->doubts[DOUBT_IMPOSSIBLE].count || report->doubts[DOUBT_OVERLAP].count ||
	       report->doubts[DOUBT_SEQUENCE_GAP].count;
}

void watch_compare(const struct watch *watch, const struct report *report)
{
	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		for (size_t j = 0; j < process->gil_count; j++) {
			const struct gil_report *figures = &process->gils[j];
			const struct watched_gil *gil =
				find_gil(watch, process->index, figures->index);

			assert_true(gil->done);
			assert_true(!gil->hostile || is_doubtful(report));
			assert_true(gil->begin_ns == figures->begin_ns);
			compare(figures->handoff.count, gil->handoffs);
			compare(figures->handoff_ns, gil->handoff_ns);
			for (size_t k = 0; k < figures->thread_count; k++)
				compare_thread(&figures->threads[k],
					thread_at(gil, figures->threads[k].index));
			compare_blame(figures, gil);
		}
	}
}

static void release_gil(struct watched_gil *gil)
{
	for (guint i = 0; i < gil->threads->len; i++) {
		g_free(thread_at(gil, i)->blamed);
		g_free(thread_at(gil, i));
	}
	g_ptr_array_free(gil->threads, TRUE);
	g_array_free(gil->places, TRUE);
	g_array_free(gil->holds, TRUE);
	g_array_free(gil->waits, TRUE);
	g_array_free(gil->pieces, TRUE);
	g_array_free(gil->requests, TRUE);
	g_array_free(gil->begun, TRUE);
	g_free(gil);
}

void watch_release(struct watch *watch)
{
	if (!watch->gils)
		return;
	for (guint i = 0; i < watch->gils->len; i++)
		release_gil(g_ptr_array_index(watch->gils, i));
	g_ptr_array_free(watch->gils, TRUE);
	for (guint i = 0; i < watch->stays->len; i++)
		g_free(g_array_index(watch->stays, struct watched_stay, i).name);
	g_array_free(watch->stays, TRUE);
	*watch = (struct watch){0};
}

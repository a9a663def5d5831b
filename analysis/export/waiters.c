/* How many threads wait, over time; see waiters.h. */
#include "export/waiters.h"

/*
 * More changes than this come while one wait goes on only if it is announced, and
 * then its begin has come in time.
 */
enum { WINDOW = 1 << 17 };

struct change {
	uint64_t at;
	int change;
};

static struct change *change_at(const struct waiters *waiters, guint index)
{
	return &g_array_index(waiters->changes, struct change, index);
}

static void swap(const struct waiters *waiters, guint a, guint b)
{
	struct change kept = *change_at(waiters, a);

	*change_at(waiters, a) = *change_at(waiters, b);
	*change_at(waiters, b) = kept;
}

static void push(struct waiters *waiters, struct change change)
{
	guint index = waiters->changes->len;

	g_array_append_val(waiters->changes, change);
	while (index && change_at(waiters, (index - 1) / 2)->at > change_at(waiters, index)->at) {
		swap(waiters, index, (index - 1) / 2);
		index = (index - 1) / 2;
	}
}

static struct change pop(struct waiters *waiters)
{
	struct change first = *change_at(waiters, 0);
	guint index = 0, count = waiters->changes->len - 1;

	swap(waiters, 0, count);
	g_array_set_size(waiters->changes, count);
	for (;;) {
		guint least = 2 * index + 1;

		if (least >= count)
			break;
		if (least + 1 < count &&
			change_at(waiters, least + 1)->at < change_at(waiters, least)->at)
			least++;
		if (change_at(waiters, index)->at <= change_at(waiters, least)->at)
			break;
		swap(waiters, index, least);
		index = least;
	}
	return first;
}

/* All changes of one time at once, so that no count is told that was none. */
static void tell_first(struct waiters *waiters)
{
	uint64_t at = MAX(change_at(waiters, 0)->at, waiters->at);
	int64_t before = waiters->count;

	waiters->at = at;
	while (waiters->changes->len && change_at(waiters, 0)->at <= at)
		waiters->count += pop(waiters).change;
	if (waiters->count != before)
		waiters->tell(waiters->user, at, MAX(waiters->count, 0));
}

void waiters_change(struct waiters *waiters, uint64_t at, int change)
{
	if (!waiters->changes)
		waiters->changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	push(waiters, (struct change){at, change});
	if (waiters->changes->len > WINDOW)
		tell_first(waiters);
}

void waiters_end(struct waiters *waiters)
{
	if (!waiters->changes)
		return;
	while (waiters->changes->len)
		tell_first(waiters);
	g_array_free(waiters->changes, TRUE);
	waiters->changes = NULL;
}

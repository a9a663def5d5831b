/* Times that are not known; see gaps.h. */
#include "page/gaps.h"

void gaps_init(struct gaps *gaps)
{
	gaps->list = g_array_new(FALSE, FALSE, sizeof(struct gap));
	gaps->near_ns = 0;
}

void gaps_release(struct gaps *gaps)
{
	g_array_free(gaps->list, TRUE);
}

static struct gap *at(const struct gaps *gaps, guint index)
{
	return &g_array_index(gaps->list, struct gap, index);
}

/* Makes one of neighbours, until half of the room is free again. */
static void thin_out(struct gaps *gaps)
{
	while (gaps->list->len > GAPS_KEPT / 2) {
		guint left = 0;

		gaps->near_ns = gaps->near_ns ? 2 * gaps->near_ns : 1024;
		for (guint i = 1; i < gaps->list->len; i++) {
			if (at(gaps, i)->begin_ns - at(gaps, left)->end_ns <= gaps->near_ns)
				at(gaps, left)->end_ns = at(gaps, i)->end_ns;
			else
				*at(gaps, ++left) = *at(gaps, i);
		}
		g_array_set_size(gaps->list, left + 1);
	}
}

void gaps_add(struct gaps *gaps, uint64_t begin_ns, uint64_t end_ns)
{
	guint count = gaps->list->len;
	struct gap gap = {begin_ns, end_ns};

	if (count && begin_ns - at(gaps, count - 1)->end_ns <= gaps->near_ns) {
		at(gaps, count - 1)->end_ns = end_ns;
		return;
	}
	g_array_append_val(gaps->list, gap);
	if (gaps->list->len == GAPS_KEPT)
		thin_out(gaps);
}

/* Buckets of time that widen when there is no room for more; see cells.h. */
#include "page/cells.h"

#include <string.h>

#include "model/tally.h"

static void free_row(gpointer data)
{
	struct cell_row *row = data;

	g_free(row->cells);
	g_free(row);
}

static void free_board(gpointer data)
{
	struct cell_board *board = data;

	g_ptr_array_free(board->rows, TRUE);
	g_free(board);
}

void cells_init(struct cell_pool *pool, size_t limit)
{
	*pool = (struct cell_pool){
		.limit = limit, .boards = g_ptr_array_new_with_free_func(free_board)};
}

void cells_release(struct cell_pool *pool)
{
	g_ptr_array_free(pool->boards, TRUE);
}

struct cell_board *cells_board(struct cell_pool *pool)
{
	struct cell_board *board = g_new0(struct cell_board, 1);

	board->shift = CELLS_SHIFT;
	board->rows = g_ptr_array_new_with_free_func(free_row);
	g_ptr_array_add(pool->boards, board);
	return board;
}

struct cell_row *cells_row(struct cell_board *board)
{
	struct cell_row *row = g_new0(struct cell_row, 1);

	g_ptr_array_add(board->rows, row);
	return row;
}

static void add_up(uint32_t *sum, uint32_t amount)
{
	if (__builtin_add_overflow(*sum, amount, sum))
		*sum = UINT32_MAX;
}

static void merge(struct cell *into, const struct cell *from)
{
	into->held_ns = tally_plus(into->held_ns, from->held_ns);
	into->wait_ns = tally_plus(into->wait_ns, from->wait_ns);
	add_up(&into->holds, from->holds);
	add_up(&into->waits, from->waits);
	add_up(&into->requests, from->requests);
}

/* Each two buckets become one. */
static void halve(struct cell_row *row)
{
	uint64_t first = row->first / 2;
	size_t count;

	if (row->count == 0)
		return;
	count = (size_t)((row->first + row->count - 1) / 2 - first) + 1;
	for (size_t i = 0; i < row->count; i++) {
		size_t to = (size_t)((row->first + i) / 2 - first);
		struct cell cell = row->cells[i];

		/* `to` is at most i, and where it is new nothing unread is overwritten. */
		if (i == 0 || (row->first + i) % 2 == 0)
			row->cells[to] = cell;
		else
			merge(&row->cells[to], &cell);
	}
	memset(row->cells + count, 0, (row->count - count) * sizeof(*row->cells));
	row->first = first;
	row->count = count;
}

static size_t board_cells(const struct cell_board *board)
{
	size_t cells = 0;

	for (guint i = 0; i < board->rows->len; i++)
		cells += ((const struct cell_row *)g_ptr_array_index(board->rows, i))->count;
	return cells;
}

static void widen(struct cell_pool *pool, struct cell_board *board)
{
	pool->cells -= board_cells(board);
	for (guint i = 0; i < board->rows->len; i++)
		halve(g_ptr_array_index(board->rows, i));
	board->shift++;
	pool->cells += board_cells(board);
}

/* The board whose widening makes most room; NULL when none makes any. */
static struct cell_board *largest(const struct cell_pool *pool)
{
	struct cell_board *found = NULL;
	size_t most = 0;

	for (guint i = 0; i < pool->boards->len; i++) {
		struct cell_board *board = g_ptr_array_index(pool->boards, i);
		size_t cells = board_cells(board);

		if (cells > most && cells > 2 * (size_t)board->rows->len && board->shift < 63) {
			found = board;
			most = cells;
		}
	}
	return found;
}

/* How many buckets the row lacks to reach from `from` to `to`. */
static uint64_t lacking(const struct cell_row *row, uint64_t from, uint64_t to)
{
	uint64_t first = row->count ? MIN(row->first, from) : from;
	uint64_t last = row->count ? MAX(row->first + row->count - 1, to) : to;

	return last - first + 1 - row->count;
}

/* By `lack` buckets, so that it begins at `from` at the latest. */
static void grow(struct cell_row *row, uint64_t from, size_t lack)
{
	size_t count = row->count + lack;
	size_t shift = row->count && from < row->first ? (size_t)(row->first - from) : 0;

	if (count > row->room) {
		size_t room = MAX(count, row->room + row->room / 2);

		row->cells = g_renew(struct cell, row->cells, room);
		memset(row->cells + row->room, 0, (room - row->room) * sizeof(*row->cells));
		row->room = room;
	}
	if (shift) {
		memmove(row->cells + shift, row->cells, row->count * sizeof(*row->cells));
		memset(row->cells, 0, shift * sizeof(*row->cells));
	}
	row->first = row->count ? MIN(row->first, from) : from;
	row->count = count;
}

/* Makes the row reach over both times, if need be with wider buckets. */
static void reach(struct cell_pool *pool, struct cell_board *board, struct cell_row *row,
	uint64_t begin, uint64_t last)
{
	uint64_t lack;

	for (;;) {
		struct cell_board *wide;

		lack = lacking(row, begin >> board->shift, last >> board->shift);
		if (lack == 0)
			return;
		if (lack <= pool->limit && pool->cells + lack <= pool->limit)
			break;
		/* One row that would need more than there is can be helped by its own board only.
		 */
		wide = lack > pool->limit / 2 && board->shift < 63 ? board : largest(pool);
		if (!wide)
			break;
		widen(pool, wide);
	}
	grow(row, begin >> board->shift, (size_t)lack);
	pool->cells += (size_t)lack;
}

static struct cell *cell_at(const struct cell_board *board, struct cell_row *row, uint64_t at)
{
	return &row->cells[(at >> board->shift) - row->first];
}

void cells_add(struct cell_pool *pool, struct cell_board *board, struct cell_row *row,
	enum cell_time what, uint64_t begin, uint64_t end)
{
	if (begin >= end)
		return;
	reach(pool, board, row, begin, end - 1);
	while (begin < end) {
		uint64_t left = (UINT64_C(1) << board->shift) -
				(begin & ((UINT64_C(1) << board->shift) - 1));
		uint64_t part = MIN(left, end - begin);
		struct cell *cell = cell_at(board, row, begin);
		uint64_t *sum = what == CELL_HELD ? &cell->held_ns : &cell->wait_ns;

		*sum = tally_plus(*sum, part);
		begin += part;
	}
}

void cells_count(struct cell_pool *pool, struct cell_board *board, struct cell_row *row,
	enum cell_count what, uint64_t at)
{
	struct cell *cell;

	reach(pool, board, row, at, at);
	cell = cell_at(board, row, at);
	add_up(what == CELL_HOLD    ? &cell->holds
		: what == CELL_WAIT ? &cell->waits
				    : &cell->requests,
		1);
}

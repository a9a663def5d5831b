/*
 * How long a thread held and waited in each of many equal buckets of time: what
 * the page draws where single handoffs are too small, or too many to be kept. The
 * end of a trace is not known in advance, so a board begins with narrow buckets
 * and doubles their width whenever there is no room for more. Sums stay exact:
 * over the buckets of a row they are, to the nanosecond, what was added.
 */
#ifndef GILTRACE_PAGE_CELLS_H
#define GILTRACE_PAGE_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Buckets in all rows of all boards of a pool. */
#ifndef CELLS_KEPT
#define CELLS_KEPT (1u << 20)
#endif

/* Width of the narrowest bucket: 2^16 ns, 66 us. */
#define CELLS_SHIFT 16

struct cell {
	uint64_t held_ns;
	uint64_t wait_ns;
	uint32_t holds; /* these three: that began in it; UINT32_MAX: or more */
	uint32_t waits;
	uint32_t requests; /* drop requests sent */
};

/* Of one thread. Bucket `first` + i covers the time from that << shift on. */
struct cell_row {
	struct cell *cells;
	uint64_t first;
	size_t count;
	size_t room;
};

/* The rows of one GIL, with buckets of one width. */
struct cell_board {
	unsigned shift;
	GPtrArray *rows; /* struct cell_row */
};

struct cell_pool {
	size_t cells;
	size_t limit;
	GPtrArray *boards;
};

enum cell_time { CELL_HELD, CELL_WAITED };
enum cell_count { CELL_HOLD, CELL_WAIT, CELL_REQUEST };

/* `limit`: CELLS_KEPT, or less for a test. */
void cells_init(struct cell_pool *pool, size_t limit);

/* Frees all boards and rows. */
void cells_release(struct cell_pool *pool);

/* These two belong to the pool. */
struct cell_board *cells_board(struct cell_pool *pool);
struct cell_row *cells_row(struct cell_board *board);

/* Adds the time from `begin` to `end`; nothing when it is empty. */
void cells_add(struct cell_pool *pool, struct cell_board *board, struct cell_row *row,
	enum cell_time what, uint64_t begin, uint64_t end);

void cells_count(struct cell_pool *pool, struct cell_board *board, struct cell_row *row,
	enum cell_count what, uint64_t at);

#endif /* GILTRACE_PAGE_CELLS_H */

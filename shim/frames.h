/*
 * Where a thread is in its Python code. This is the only part that knows the
 * private structs of CPython: from a table for 3.8 - 3.12, from the offsets that
 * the interpreter itself publishes (_Py_DebugOffsets) for 3.13 - 3.15. For any
 * other version, and when a look at the real thing disagrees, it turns itself
 * off and says why; the timing of the GIL needs none of it.
 */
#ifndef GILTRACE_FRAMES_H
#define GILTRACE_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

/* A position in Python code. `code` 0: not known. */
struct position {
	uintptr_t code; /* the code object */
	int32_t instr;	/* bytes from the start of its code, negative: before it */
};

enum frames_line_table {
	LINES_LNOTAB,
	LINES_DELTAS,
	LINES_LOCATIONS
}; /* to 3.9, 3.10, from 3.11 */

/* Distances in bytes. */
struct frames_layout {
	uint16_t thread_frame;	/* thread state: its innermost frame, or a struct that has it */
	int16_t indirect_frame; /* in that struct; negative: there is none */
	uint16_t thread_id;
	uint16_t frame_code, frame_back, frame_instr;
	int16_t frame_owner;	/* negative: every frame is one of Python code */
	uint8_t owner_limit;	/* from here on owners are C code's */
	uint8_t instr_unit;	/* bytes in a unit of `frame_instr`, 0: it is an address */
	uint16_t code_bytecode; /* with an address */
	uint16_t code_first_line, code_file, code_function, code_lines;
	enum frames_line_table line_table;
	uint16_t text_length, text_state, text_ascii,
		text_compact; /* of a str: its data is behind these */
};

/* What is in force; `thread_frame` 0: frames cannot be read. */
extern struct frames_layout frames_layout;

/* Looks at the interpreter whose API python.h has found, before it has taken its GIL. */
void frames_found(void);

/* Why frames cannot be read; NULL when they can. */
const char *frames_missing(void);

/* Is there a reason that nobody has been told yet? From the second on: it is told now. */
bool frames_missing_untold(void);
void frames_missing_tell(void);

/* Frames are not what they should be: gives them up for good, with a reason that lives on. */
void frames_give_up(const char *reason);

/*
 * Whether the frames of `thread_state` may be read by the calling thread now, whose
 * own it must be. With the GIL's mutex held by that thread, while it holds the
 * GIL or is just releasing it: then nobody can free it.
 */
bool frames_readable(uintptr_t thread_state);

/* Where the calling thread is; see frames_readable. `code` is 0 when that is not known. */
struct position frames_here(uintptr_t thread_state);

/* Where any thread is; false when that is not known. */
bool frames_innermost(uintptr_t thread_state, memory_read_fn *read, struct position *position);

/*
 * Its stack, innermost first; returns the number of frames, at most `limit`.
 * `whole` is false when there are more, or the walk ended early.
 */
unsigned frames_stack(uintptr_t thread_state, memory_read_fn *read, struct position *stack,
	unsigned limit, bool *whole);

#endif /* GILTRACE_FRAMES_H */

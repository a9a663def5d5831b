/* Where a thread is in its Python code; see frames.h. */
#include "frames.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "hot.h"
#include "options.h"
#include "python.h"

enum { DOUBTS = 16, TAG = 3 };

struct frames_layout frames_layout HOT_DATA;

static const struct python_internals *python HOT_DATA;
static const char *missing HOT_DATA = "there is no Python yet";
static char reason_text[128];
static bool told HOT_DATA;	/* why frames are missing, to all who listen */
static bool confirmed HOT_DATA; /* a thread state was seen to be its thread's */
static unsigned doubts;

/* Thread states die before their last release there, and the GIL still names them. */
static bool thread_states_dangle HOT_DATA;

#define TEXT_TO_3_11 16, 32, 48, 72
#define TEXT_OF_3_12 16, 32, 40, 56

/* By minor version from 8 on; all 64-bit platforms have the same. */
static const struct frames_layout known[] = {
	{24, -1, 176, 32, 24, 104, -1, 0, 1, 0, 40, 104, 112, 120, LINES_LNOTAB, TEXT_TO_3_11},
	{24, -1, 176, 32, 24, 104, -1, 0, 1, 0, 40, 104, 112, 120, LINES_LNOTAB, TEXT_TO_3_11},
	{24, -1, 176, 32, 24, 96, -1, 0, 2, 0, 40, 104, 112, 120, LINES_DELTAS, TEXT_TO_3_11},
	{56, 8, 152, 32, 48, 56, -1, 0, 0, 184, 72, 112, 128, 136, LINES_LOCATIONS, TEXT_TO_3_11},
	{56, 0, 136, 0, 8, 56, 70, 3, 0, 192, 68, 112, 128, 136, LINES_LOCATIONS, TEXT_OF_3_12},
};
enum { FIRST_KNOWN = 8, FIRST_PUBLISHED = 13 };

/* Where _Py_DebugOffsets has what we need, by minor version from 13 on. */
static const struct {
	uint16_t thread_frame, thread_id, frame_back, frame_code, frame_instr, frame_owner;
	uint16_t code_file, code_function, code_lines, code_first_line, code_bytecode;
	uint16_t text_state, text_length, text_ascii;
} published[] = {
	{184, 192, 232, 240, 248, 264, 280, 296, 304, 312, 344, 544, 552, 560},
	{208, 216, 256, 264, 272, 288, 320, 336, 344, 352, 384, 624, 632, 640},
	{208, 240, 320, 328, 336, 352, 384, 400, 408, 416, 448, 720, 728, 736},
};

/* The head of _Py_DebugOffsets, the same in all versions that have it. */
struct published_head {
	char cookie[8];
	uint64_t version;
	uint64_t free_threaded;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *frames_missing(void)
{
	return __atomic_load_n(&missing, __ATOMIC_ACQUIRE);
}

bool frames_missing_untold(void)
{
	return frames_missing() && !__atomic_load_n(&told, __ATOMIC_RELAXED);
}

void frames_missing_tell(void)
{
	__atomic_store_n(&told, true, __ATOMIC_RELAXED);
}

void frames_give_up(const char *reason)
{
	__atomic_store_n(&frames_layout.thread_frame, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&missing, reason, __ATOMIC_RELEASE);
}

static const char *adopt_known(int minor)
{
	frames_layout = known[minor - FIRST_KNOWN];
	thread_states_dangle = minor == FIRST_KNOWN;
	return NULL;
}

static uint16_t published_at(uint16_t at)
{
	return (uint16_t)memory_word((uintptr_t)python->runtime + at);
}

static const char *adopt_published(int minor)
{
	const struct published_head *head = python->runtime;
	uint16_t ascii;

	if (!head || memcmp(head->cookie, "xdebugpy", sizeof(head->cookie)) != 0)
		return "this Python does not publish the offsets of its structs";
	if (head->free_threaded)
		return "the frames of a free-threaded Python cannot be read";
	if ((int)(head->version >> 16 & 0xff) != minor)
		return "the offsets that this Python publishes are of another version";
#define PUBLISHED(member) published_at(published[minor - FIRST_PUBLISHED].member)
	ascii = PUBLISHED(text_ascii);
	frames_layout = (struct frames_layout){
		.thread_frame = PUBLISHED(thread_frame),
		.indirect_frame = -1,
		.thread_id = PUBLISHED(thread_id),
		.frame_code = PUBLISHED(frame_code),
		.frame_back = PUBLISHED(frame_back),
		.frame_instr = PUBLISHED(frame_instr),
		.frame_owner = (int16_t)PUBLISHED(frame_owner),
		.owner_limit = 3,
		.code_bytecode = PUBLISHED(code_bytecode),
		.code_first_line = PUBLISHED(code_first_line),
		.code_file = PUBLISHED(code_file),
		.code_function = PUBLISHED(code_function),
		.code_lines = PUBLISHED(code_lines),
		.line_table = LINES_LOCATIONS,
		.text_length = PUBLISHED(text_length),
		.text_state = PUBLISHED(text_state),
		.text_ascii = ascii,
		/* Two words more: the length and address of its UTF-8 form. */
		.text_compact = ascii + 2 * sizeof(uintptr_t),
	};
#undef PUBLISHED
	return NULL;
}

static const char *adopt(void)
{
	int major = 0, minor = 0;

	if (!options.sites)
		return "GILTRACE_SITES=0 switches them off";
	if (sscanf(python_version(), "%d.%d", &major, &minor) != 2)
		return "the version of this Python is not known";
	if (!python->code_type || !python->text_type || !python->is_finalizing ||
		!python->this_thread)
		return "this Python does not export the symbols that tell its objects apart";
	if (major == 3 && minor >= FIRST_KNOWN && minor < FIRST_PUBLISHED)
		return adopt_known(minor);
	if (major == 3 && minor >= FIRST_PUBLISHED &&
		minor < FIRST_PUBLISHED + (int)COUNT(published))
		return adopt_published(minor);
	snprintf(reason_text, sizeof(reason_text),
		"the frames of CPython %d.%d are not known to this version of giltrace", major,
		minor);
	return reason_text;
}

void frames_found(void)
{
	const char *reason;

	python = python_internals();
	confirmed = false;
	doubts = 0;
	thread_states_dangle = false;
	reason = adopt();
	if (reason)
		frames_give_up(reason);
	else
		missing = NULL;
}

/* A thread state may have been made by another thread; but if that is so of all, we read nonsense.
 */
static COLD_CODE void doubt(void)
{
	if (!confirmed && __atomic_add_fetch(&doubts, 1, __ATOMIC_RELAXED) == DOUBTS)
		frames_give_up("its thread states are not laid out as expected");
}

static inline bool is_readable(uintptr_t thread_state)
{
	if (__builtin_expect(!frames_layout.thread_frame || !thread_state, 0))
		return false;
	if (__builtin_expect(thread_states_dangle, 0) &&
		(uintptr_t)python->this_thread() != thread_state)
		return false;
	/* Threads that come too late find their state freed. */
	if (__builtin_expect(python->is_finalizing(), 0))
		return false;
	if (__builtin_expect(memory_word(thread_state + frames_layout.thread_id) !=
				     (uintptr_t)pthread_self(),
		    0)) {
		doubt();
		return false;
	}
	if (__builtin_expect(!confirmed, 0))
		confirmed = true;
	return true;
}

bool frames_readable(uintptr_t thread_state)
{
	return is_readable(thread_state);
}

/*
 * The next few are inlined into each of their callers: with memory_read_own, of
 * which the compiler then knows, they are plain loads.
 */
#define READS static inline __attribute__((always_inline))

READS uintptr_t word(memory_read_fn *read, uintptr_t at)
{
	uintptr_t value;

	return read(&value, at, sizeof(value)) ? value : 0;
}

/* `frame`, or the first one outside of it that runs Python code. */
READS uintptr_t skip_foreign(uintptr_t frame, memory_read_fn *read)
{
	while (frame && frames_layout.frame_owner >= 0) {
		uint8_t owner;

		if (!read(&owner, frame + (uintptr_t)frames_layout.frame_owner, sizeof(owner)))
			return 0;
		if (owner < frames_layout.owner_limit)
			break;
		frame = word(read, frame + frames_layout.frame_back);
	}
	return frame;
}

READS uintptr_t innermost(uintptr_t thread_state, memory_read_fn *read)
{
	uintptr_t frame = word(read, thread_state + frames_layout.thread_frame);

	if (frame && frames_layout.indirect_frame >= 0)
		frame = word(read, frame + (uintptr_t)frames_layout.indirect_frame);
	return skip_foreign(frame, read);
}

READS uintptr_t outer(uintptr_t frame, memory_read_fn *read)
{
	return skip_foreign(word(read, frame + frames_layout.frame_back), read);
}

READS bool locate(uintptr_t frame, memory_read_fn *read, struct position *position)
{
	/* From 3.14 on the low bits of a reference are a tag. */
	uintptr_t code = word(read, frame + frames_layout.frame_code) & ~(uintptr_t)TAG;
	int32_t instr;

	if (!code)
		return false;
	position->code = code;
	if (!frames_layout.instr_unit) {
		uintptr_t at = word(read, frame + frames_layout.frame_instr);

		position->instr = (int32_t)(at - (code + frames_layout.code_bytecode));
		return at != 0;
	}
	if (!read(&instr, frame + frames_layout.frame_instr, sizeof(instr)))
		return false;
	position->instr = instr < 0 ? -1 : instr * frames_layout.instr_unit;
	return true;
}

HOT_CODE struct position frames_here(uintptr_t thread_state)
{
	struct position position = {0};
	uintptr_t frame;

	if (!is_readable(thread_state))
		return position;
	frame = innermost(thread_state, memory_read_own);
	if (!frame || !locate(frame, memory_read_own, &position))
		position.code = 0;
	return position;
}

bool frames_innermost(uintptr_t thread_state, memory_read_fn *read, struct position *position)
{
	uintptr_t frame = innermost(thread_state, read);

	return frame && locate(frame, read, position);
}

unsigned frames_stack(uintptr_t thread_state, memory_read_fn *read, struct position *stack,
	unsigned limit, bool *whole)
{
	uintptr_t frame = innermost(thread_state, read);
	unsigned count = 0;

	while (frame && count < limit && locate(frame, read, &stack[count])) {
		count++;
		frame = outer(frame, read);
	}
	*whole = count > 0 && !frame;
	return count;
}

/*
 * What happened on each of many lanes, in the order in which it was told, to be
 * gone through again lane by lane and as often as there are columns to write. Kept in
 * one temporary file; in memory there are a few marks for each lane.
 */
#ifndef GILTRACE_EXPORT_MARKS_H
#define GILTRACE_EXPORT_MARKS_H

#include <stdint.h>

enum mark_kind {
	MARK_HOLD,
	MARK_WAIT,
	MARK_SWITCH,  /* forced */
	MARK_REQUEST, /* to drop */
	MARK_HANDOFF,
	MARK_REGION,
	MARK_KINDS,
};

/* Numbers of strings are those of firefox.h, 0 is none. */
struct mark {
	uint64_t begin_ns;  /* these two EVENT_UNKNOWN when not known */
	uint64_t end_ns;    /* of an instant the same */
	uint64_t number;    /* of the hold, or that a wait led to; 0: none, or not known */
	uint64_t asked_ns;  /* a hold: before its end; 0: it was not */
	uint64_t length_ns; /* of what has no known begin, where it is known all the same; else 0 */
	uint32_t name;
	uint32_t line;
	uint32_t thread; /* behind which it waited, or that it asked */
	uint32_t place;	 /* of the lane, at which a hold ended */
	uint32_t interval_us;
	uint16_t waiters; /* left at the end of a hold */
	uint8_t kind;
};

struct marks_file {
	int fd;
	int code; /* 0, or -errno of the first failure */
	uint64_t end;
};

/* Those of a lane; zeroed is none. */
struct marks {
	struct mark *last; /* that are not in the file yet */
	uint32_t last_count;
	uint64_t first_chunk; /* in the file, + 1; 0: none */
	uint64_t last_chunk;
	uint64_t count;
};

/* 0 or -errno: there is no room for a temporary file. */
int marks_open(struct marks_file *file);
void marks_close(struct marks_file *file);

/* Failures show in `code` of the file. */
void marks_add(struct marks_file *file, struct marks *marks, const struct mark *mark);
void marks_each(struct marks_file *file, const struct marks *marks,
	void (*tell)(void *user, const struct mark *mark), void *user);
void marks_release(struct marks *marks);

#endif /* GILTRACE_EXPORT_MARKS_H */

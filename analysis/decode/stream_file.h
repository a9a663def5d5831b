/*
 * How much of a data stream file can be read. LTTng writes whole packets; where
 * one is cut off or missing (a killed daemon, a full disk, a copy that broke
 * off, a session that still runs) babeltrace2 would refuse the whole trace.
 */
#ifndef GILTRACE_DECODE_STREAM_FILE_H
#define GILTRACE_DECODE_STREAM_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct stream_file {
	uint64_t size;	      /* bytes */
	uint64_t whole;	      /* bytes of the whole packets that it begins with */
	bool partial;	      /* behind them stands one whose header can be read */
	bool foreign;	      /* not a data stream at all */
	uint64_t missing;     /* bytes that the index promises beyond the end of the file */
	uint64_t first_clock; /* begin of the first packet, raw clock value; 0 with last_clock when
				 unknown */
	uint64_t last_clock;  /* end of the last whole packet */
};

/* Looks at FOLDER/NAME and FOLDER/index/NAME.idx. Returns 0 or -errno. */
int stream_file_inspect(struct stream_file *file, const char *folder, const char *name);

/* Whether babeltrace2 can be given the file as it is. */
bool stream_file_is_whole(const struct stream_file *file);

/*
 * Copies the readable part of `path` to `fd`; the header of a partial packet is
 * changed to say how much of it is left. Returns 0 or -errno.
 */
int stream_file_copy(const struct stream_file *file, const char *path, int fd);

#endif /* GILTRACE_DECODE_STREAM_FILE_H */

/* Many numbers in little room: varints, deflated, as base64 in a page. */
#ifndef GILTRACE_PAGE_PACK_H
#define GILTRACE_PAGE_PACK_H

#include <stdint.h>
#include <stdio.h>

#include <glib.h>

struct pack;

struct pack *pack_new(void);
void pack_free(struct pack *pack);

/* Seven bits a byte, least significant first, the top bit says that more follow. */
void pack_number(struct pack *pack, uint64_t number);

/* 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
void pack_signed(struct pack *pack, int64_t number);

/* Ends the stream (zlib's format) and writes it as base64. Returns 0, -EIO, or -ENOMEM. */
int pack_write(struct pack *pack, FILE *out);

#endif /* GILTRACE_PAGE_PACK_H */

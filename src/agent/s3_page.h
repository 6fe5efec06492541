/*
 * s3_page.h - a page of a bucket's list: what it tells, and how it comes out of a jail
 *
 * A bucket's server may be anybody's, and its lists are XML.  They are read
 * (s3_list.h) by `ward-bucket`, a program of ours that is started for one
 * page, with nothing but shared memory, and sits in a jail as a decoder does
 * (box/errand.h); the agent, which may read every file of the machine, sees
 * only what that program writes, and believes it as little as the server:
 *
 *     count (4 bytes), passed (8), length of the token (2), the token
 *     then each object: lengths of key and ETag (2 each), size (8), changed (8), key, ETag
 *
 * All little endian; a token of no bytes is none.
 *
 * Everything that is read lives in the caller's arena.  Any thread may call.
 */
#ifndef AGENT_S3_PAGE_H
#define AGENT_S3_PAGE_H

#include <ward/base.h>

enum {
	S3_PAGE_BYTES = 8 << 20, /* of the XML */
	S3_PAGE_OBJECTS = 10000,
	S3_KEY_MAX = 1024,
	S3_ETAG_MAX = 255,   /* what is longer is cut off, here and in an object's own head */
	S3_TOKEN_MAX = 8192, /* of a continuation */
	S3_ANSWER_MAX = 16 << 20,
	S3_TIME_S = 20,
};

struct s3_object {
	const char *key;  /* as the bucket has it: 1..S3_KEY_MAX bytes, no NUL */
	const char *etag; /* as written, quotes and all; "" when the server gives none */
	uint64_t size;
	int64_t changed; /* Unix seconds; 0 when it is not said */
};

struct s3_page {
	struct s3_object *objects;
	size_t count;
	size_t passed;    /* entries that make no sense: without a key, or with one too long */
	const char *next; /* the continuation token; NULL when this is the last page */
};

/* Reads a page in a jail.  FORMAT when it is none; NOT_FOUND when the program is not there. */
ward_err s3_page_ask(struct ward_arena *arena, ward_bytes xml, struct s3_page *page,
		struct ward_error *error) WARD_MUST_USE;

/* ---- the form ---- */

/* False when it does not fit. */
bool s3_page_write(const struct s3_page *page, uint8_t *to, size_t room, size_t *len) WARD_MUST_USE;
ward_err s3_page_read(struct ward_arena *arena, ward_bytes written, struct s3_page *page,
		struct ward_error *error) WARD_MUST_USE;

#endif

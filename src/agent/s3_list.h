/*
 * s3_list.h - a page of a bucket's list, as the server of ListObjectsV2 writes it
 *
 * XML, read by libxml2 without a network, entities or a document type, and
 * bounded: a page is at most S3_PAGE_BYTES and has at most S3_PAGE_OBJECTS. The
 * rest of what a server says of an object is passed over.  Reference: the S3 API's
 * ListObjectsV2, response.
 *
 * Pure; everything lives in the caller's arena.
 */
#ifndef AGENT_S3_LIST_H
#define AGENT_S3_LIST_H

#include <ward/base.h>

enum { S3_PAGE_BYTES = 8 << 20, S3_PAGE_OBJECTS = 10000, S3_KEY_MAX = 1024 };

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

ward_err s3_list_read(struct ward_arena *arena, ward_bytes xml, struct s3_page *page,
		struct ward_error *error) WARD_MUST_USE;

#endif

/*
 * s3_list.h - a page of a bucket's list, as the server of ListObjectsV2 writes it
 *
 * XML, read by libxml2 without a network, entities or a document type, and
 * bounded: a page is at most S3_PAGE_BYTES and has at most S3_PAGE_OBJECTS. The
 * rest of what a server says of an object is passed over.  Reference: the S3 API's
 * ListObjectsV2, response.
 *
 * Linked into `ward-bucket` alone, which reads it behind walls (s3_page.h).
 *
 * Pure; everything lives in the caller's arena.
 */
#ifndef AGENT_S3_LIST_H
#define AGENT_S3_LIST_H

#include "agent/s3_page.h"

/* Makes libxml2 ready, so that reading opens nothing. */
void s3_list_prepare(void);

ward_err s3_list_read(struct ward_arena *arena, ward_bytes xml, struct s3_page *page,
		struct ward_error *error) WARD_MUST_USE;

#endif

/*
 * s3.h - a bucket of objects (S3 and what speaks like it) as a source of files
 *
 * A sweep lists the bucket by ListObjectsV2, page by page; an object is fetched
 * by GetObject into a nameless file when it is to be looked at.  Requests are
 * signed by libcurl (AWS Signature Version 4).  An object's place in `struct
 * stat` is taken by what says that it is another one: number from its ETag,
 * size, and the second in which it was changed, so each is looked at once and
 * again when it was replaced.
 *
 * Nothing is ever written to a bucket: what is found there is told, and stays
 * where it is.
 *
 * `sweep` and `open` may be called at once, by different threads.
 */
#ifndef AGENT_S3_H
#define AGENT_S3_H

#include "agent/source.h"

/* Borrowed, and constant while it is used. */
struct s3_bucket {
	const char *name; /* the watch's; objects are named "s3:NAME/KEY" */
	const char *url; /* of the bucket: "https://s3.example.org/harbour"; http on this machine */
	const char *region; /* NULL: "us-east-1", which other servers than Amazon's expect */
	const char *prefix; /* only objects whose keys begin so; NULL or "": all */
	const char *keys;   /* file of one line, "ID:SECRET", read before each request */
	uint64_t bytes_max; /* larger objects are not fetched: a sweep says how many, and LIMIT */
	uint32_t time_ms;   /* of one request */
};

/* As struct source has them; the context is the bucket. */
ward_err s3_sweep(void *bucket, source_visit *visit, void *to,
		struct ward_error *error) WARD_MUST_USE;
ward_err s3_open(void *bucket, const char *name, struct source_file *file,
		struct ward_error *error) WARD_MUST_USE;

/* Is this an address that is asked: https, or http on this machine, and no query? */
bool s3_may(const char *url);

#endif

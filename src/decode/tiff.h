/*
 * tiff.h - TIFF's two files: tiff.c walks the pages, tiff_page.c reads one
 *
 * A page's trouble is noted and the pages behind it are read all the same; the
 * job fails at the end with the first.
 */
#ifndef DECODE_TIFF_H
#define DECODE_TIFF_H

#include <tiffio.h>

#include "decode/format.h"

struct tiff {
	struct decode_job *job;
	TIFF *file;
	uint64_t at; /* where libtiff reads next */
	/*
	 * While samples are read the file seems to go on in zeroes, as long again as it is:
	 * libtiff takes no part of a strip that the file's end cuts.
	 */
	bool goes_on;
	bool cut;        /* libtiff read past the end */
	bool some;       /* but before it as well */
	char words[160]; /* of libtiff's first complaint since they were cleared */
	struct ward_error trouble;
};

/* One page's directory. */
struct tiff_page {
	uint32_t number; /* from 1 */
	uint32_t width;
	uint32_t height;
	uint32_t orientation; /* 0 when not given */
	uint16_t bits;        /* a sample */
	uint16_t samples;     /* a pixel */
	uint16_t photometric;
	uint16_t planar;
	uint16_t format; /* of samples: numbers with or without sign, ... */
	uint16_t compression;
	uint16_t inks;
	uint32_t colours; /* how many of the samples are colour */
	uint32_t alpha;   /* which sample that is; 0: none */
	bool premultiplied;
};

/*
 * What kept us from reading this page goes into job->error, with the page's number where
 * there are others.
 */
ward_err tiff_fail(struct tiff *tiff, const struct tiff_page *page, ward_err err, const char *fmt,
		...) WARD_PRINTF(4, 5);

/* The same for what libtiff complained of; `what` is the page's trouble, if it is not memory. */
ward_err tiff_fail_in_words(struct tiff *tiff, const struct tiff_page *page, const char *what);

/* Keeps what is in job->error, when it is the first. */
void tiff_note_trouble(struct tiff *tiff);

/*
 * Decodes the page whose directory libtiff has read, and hands it out as frame `index`,
 * with `told` set.  Trouble is noted; an error is the sink's, or the end of the job's memory.
 */
ward_err tiff_tell_page(struct tiff *tiff, struct tiff_page *page, uint32_t index,
		bool *told) WARD_MUST_USE;

#endif

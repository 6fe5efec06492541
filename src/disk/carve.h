/*
 * carve.h - where a picture or video ends whose beginning was found among bytes
 *
 * A format tells its own length: by markers (JPEG), chunks (PNG), blocks
 * (GIF), sizes in its head (WebP, AVI, BMP), boxes (MP4, MOV, HEIF, AVIF) or
 * elements (Matroska, WebM).  These are walked; nothing is decoded.  What
 * breaks off in the midst is a part, which a decoder may show the upper half of.
 *
 * Bytes are hostile: called within the jail, and fuzzed.
 */
#ifndef DISK_CARVE_H
#define DISK_CARVE_H

#include <ward/base.h>

/* Where the bytes come from: exactly `len` of them at `at`, or false. */
struct carve_source {
	void *context;
	bool (*read)(void *context, uint64_t at, uint8_t *to, size_t len);
	uint64_t size;
};

/* So many bytes decide whether to look closer. */
enum { CARVE_HEAD = 16 };

struct carved {
	const char *extension; /* "jpg" */
	uint64_t len;
	bool partial; /* it breaks off there */
	bool dense;   /* each of its bytes was walked: nothing else lies within */
};

/* Quick: may something begin with these CARVE_HEAD bytes? */
bool carve_begins(const uint8_t *head);

/* What begins at `at`, if anything does that is worth looking at. */
bool carve_at(const struct carve_source *source, uint64_t at, struct carved *carved) WARD_MUST_USE;

#endif

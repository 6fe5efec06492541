/*
 * find_picture.h - pictures and films that lie whole among other bytes
 *
 * Old Office files, thumbnails of Windows, what a database left behind and
 * what is behind the end of a photo hold pictures behind headers of their
 * own.  JPEG, PNG, GIF, BMP, WebP, HEIF, AVIF and films (MP4 and its
 * brothers, AVI, Matroska) are found by their marks and walked to their end by
 * their own lengths (find_length.h); nothing is decoded.  What breaks off goes up to where the
 * next one begins, or to the end of the bytes: a length that lies hides
 * nothing.
 *
 * Bytes are hostile.  A beginning that leads to no end is followed for 512
 * segments or 8 KiB of junk, and beyond that for as long as all of them
 * together have not taken eight steps for each byte.
 *
 * Nothing is owned; a struct find belongs to one thread.
 */
#ifndef DECODE_FIND_PICTURE_H
#define DECODE_FIND_PICTURE_H

#include <ward/media.h>

struct found_picture {
	size_t at, len;
	ward_media_kind kind;
	const char *extension; /* ".jpg" and its like */
	bool is_whole;         /* its end was seen */
};

/* A search on its way. */
struct find {
	ward_bytes bytes;
	size_t at; /* where it goes on */
	uint64_t spare;
	bool has_ahead;
	struct found_picture ahead; /* already found: what cuts the one before it */
};

struct find find_in(ward_bytes bytes);

/* What begins at find->at, also a TIFF, and nowhere else; the search then goes on behind it. */
bool find_here(struct find *find, struct found_picture *found);

/* The next one; false when there is none. */
bool find_next(struct find *find, struct found_picture *found);

/* ".jpg" and its like, for a name; "" for a kind that has no usual one. */
const char *find_picture_extension(ward_media_kind kind);

#endif

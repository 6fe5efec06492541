/*
 * find_picture.h - pictures that lie whole among other bytes of a stream
 *
 * Old Office files, thumbnails of Windows and what a database left behind
 * hold pictures behind headers of their own.  JPEG, PNG and GIF are found by
 * their marks and walked to their end by their own lengths; nothing is
 * decoded.  What breaks off is a picture up to the end of the bytes.
 *
 * Pure functions.  A beginning that leads to no picture is followed for 512
 * segments or 64 KiB, so that time is that much for each byte at the most.
 */
#ifndef DECODE_FIND_PICTURE_H
#define DECODE_FIND_PICTURE_H

#include <ward/media.h>

struct found_picture {
	size_t at, len;
	ward_media_kind kind;
};

/* The first one that begins at `from` or behind it; false when there is none. */
bool find_picture(ward_bytes bytes, size_t from, struct found_picture *found);

/*
 * The same behind a picture's end; an MP4 there, which phones put behind a photo, goes up to the
 * end of all bytes.
 */
bool find_behind(ward_bytes bytes, size_t from, struct found_picture *found);

/* ".jpg" and its like, for a name; "" for a kind that has no usual one. */
const char *find_picture_extension(ward_media_kind kind);

#endif

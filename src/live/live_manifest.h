/*
 * live_manifest.h - a DASH manifest in; the pieces of one of its renditions, as an HLS playlist,
 * out
 *
 * FFmpeg 5.1's reader of DASH reads pieces twice and asks for those that are not
 * there yet without a pause; its reader of HLS does neither.  So a manifest (ISO/IEC
 * 23009-1) becomes a playlist (RFC 8216) here, each time anew when that asks for it.
 *
 * Of the last period the smallest rendition of pictures is taken that is at
 * least 240 high.  Pieces are found by SegmentTemplate, with a timeline or a
 * duration, which is what live streams have, by SegmentList, or are one file,
 * which its BaseURL names.  A state remembers how the pieces
 * of the last playlist were numbered, because manifests number them in several
 * ways, or not at all.
 *
 * Runs in the jail.  Pure but for the state; one thread.
 */
#ifndef LIVE_MANIFEST_H
#define LIVE_MANIFEST_H

#include <ward/base.h>

/* Of a manifest that goes on the latest; of one that is whole the first. */
#define LIVE_PIECES_LIVE 16
#define LIVE_PIECES_MAX  20000

struct live_manifest_state {
	uint64_t number; /* of the first piece of the last playlist */
	size_t count;
	int64_t starts[LIVE_PIECES_LIVE];
};

/*
 * `address` is where it came from, `now` Unix seconds.  FORMAT, UNSUPPORTED (no pictures), LIMIT,
 * NOMEM.
 */
ward_err live_manifest(ward_bytes manifest, const char *address, int64_t now,
		struct live_manifest_state *state, struct ward_buf *playlist,
		struct ward_error *error) WARD_MUST_USE;

#endif

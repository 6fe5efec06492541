/*
 * decode.h - bytes of a picture or an archive in; facts, pixels and members out
 *
 * The only code in ward that gives untrusted bytes to codecs.  It is linked
 * into ward-worker and the tests, never into libward.  Each format is a file
 * (jpeg.c, png.c, ...) and a row in decode.c.  Nothing is kept between calls.
 *
 * A decoder pulls memory from the sink (`canvas`), paints, and says so
 * (`frame`).  It asks the sink for one canvas at a time; a canvas it asked for
 * is valid until the next one is.  What the file claims (width, frames,
 * orientation) is checked against the limits before memory is asked for.
 *
 * Codecs may leak on failure: the worker is replaced now and then, and its
 * address space has an end.  They may not touch a file, start a thread, or
 * open anything after decode_prepare: the jail ends the process.
 *
 * Pixels out are 8-bit grey or RGB as stored: no colour management, no
 * rotation.  16-bit samples become round(v * 255 / 65535).  CMYK and YCCK
 * become RGB by r = c * k / 255 in inverted (Adobe) terms.  HEIF and AVIF are
 * the exception: turning and cropping are part of how they are stored (heif.c).
 */
#ifndef DECODE_H
#define DECODE_H

#include <ward/media.h>

/*
 * Where results go.  A call that returns an error ends the job: pass the
 * error on, it is no judgement on the file.
 */
struct decode_sink {
	void *context;
	/* Page-aligned memory, at least `len` bytes; NULL: over the limit, or not wanted. */
	uint8_t *(*canvas)(void *context, size_t len);
	/* Once, before the first frame; `orientation` is known by then. */
	ward_err (*facts)(void *context, const struct ward_picture_facts *facts);
	/*
	 * The canvas holds this frame.  When facts said frames > 1 the sink has read
	 * it on return, so the next frame may be painted over it.
	 */
	ward_err (*frame)(void *context, const struct ward_frame *frame);
	/*
	 * A member begins; then its bytes follow in order, none when it is encrypted.  Of a
	 * picture, behind its frames: the "thumbnail" that its EXIF block holds, and what is
	 * behind its end, up to 32: "picture 2.jpg", or a film; "behind": an archive there.
	 */
	ward_err (*part)(void *context, ward_str name, bool encrypted);
	ward_err (*data)(void *context, ward_bytes bytes);
};

/* Before the jail closes: have codecs load and set up what they would open files for. */
void decode_prepare(void);

/*
 * Decodes a picture of a kind that ward_media_is_picture.  Fails with FORMAT
 * (broken, truncated, lying), LIMIT (more pixels, frames or memory than
 * agreed), UNSUPPORTED (12-bit JPEG, a codec that is not there), NOMEM.  Frames
 * told before the failure stand.
 */
ward_err decode_picture(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_sink *sink,
		struct ward_error *error) WARD_MUST_USE;

/* What a view wants from a decoder. */
struct decode_wish {
	uint32_t side; /* the longer side need not be longer: large JPEGs are decoded smaller */
	bool grey;     /* colour is not needed; it may come all the same */
};

/* What shines through where a view's picture is not opaque. */
#define DECODE_GROUND 128

/*
 * The same for a view (view.h): options->size means nothing, and a frame with
 * alpha is told once, over a grey ground, so that no colour that the file
 * hides ever leaves a decoder.
 */
ward_err decode_for_view(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_wish *wish,
		const struct decode_sink *sink, struct ward_error *error) WARD_MUST_USE;

/*
 * Lists and unpacks an archive or a compressed stream (one level; the scan
 * descends).  Folders are passed over.  LIMIT when there are more members or
 * bytes than options->limits allow.
 */
ward_err decode_archive(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_sink *sink,
		struct ward_error *error) WARD_MUST_USE;

#endif

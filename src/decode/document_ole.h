/*
 * document_ole.h - what lies in the streams of a compound file, told as members
 *
 * What reads one and the same file in several passes shares a struct
 * ole_telling: which streams were told, and the one at hand.
 */
#ifndef DECODE_DOCUMENT_OLE_H
#define DECODE_DOCUMENT_OLE_H

#include "decode/document_job.h"
#include "decode/ole.h"

struct ole_telling {
	struct document *document;
	struct ole ole;
	bool *told;            /* a stream each */
	struct ward_buf bytes; /* of the stream at hand */
	struct ward_buf name;  /* of the member at hand */
};

/* Reads a stream into `bytes`, and marks it as told; what is missing is trouble. */
ward_bytes ole_take(struct ole_telling *telling, uint32_t entry);

/* document_msg.c: true of Outlook's message. */
bool document_msg_is(const struct ole *ole, uint32_t storage);
/* Its text and its attachments, and those of messages in it; `prefix` is before their names. */
ward_err document_msg(struct ole_telling *telling, uint32_t storage, ward_str prefix,
		unsigned depth) WARD_MUST_USE;

/*
 * document_carve.c: tells each picture that lies whole in `bytes`, as "NAME picture 2.jpg", with
 * those that Office keeps without a head of their own (DIB) or by a record alone (TIFF).
 */
ward_err document_carve(struct document *document, ward_str name, ward_bytes bytes) WARD_MUST_USE;
/* The same of bytes that nothing refers to any more: whole ones alone, for pieces are many. */
ward_err document_carve_lost(struct document *document, ward_str name,
		ward_bytes bytes) WARD_MUST_USE;
/* The same without Office's records: of what lay in one, so that this has an end. */
ward_err document_carve_marks(struct document *document, ward_str name,
		ward_bytes bytes) WARD_MUST_USE;
/* A value that something keeps whole: a thing that scans know as it is, else what lies in it. */
ward_err document_value(struct document *document, ward_str name, ward_bytes bytes) WARD_MUST_USE;
/* What is in a stream "\1Ole10Native", [MS-OLEDS] 2.3.6: a file by its packager, or an object. */
ward_err document_native(struct document *document, ward_str name, ward_bytes bytes) WARD_MUST_USE;

/* A BMP's first bytes, which a DIB lacks: false when it is none. */
enum { DOCUMENT_BMP_HEAD = 14 };
bool document_bmp_head(ward_bytes dib, uint8_t head[DOCUMENT_BMP_HEAD]);
void document_bmp_head_of(uint32_t size, uint32_t samples, uint8_t head[DOCUMENT_BMP_HEAD]);

/*
 * document_metafile.c: tells bitmaps within the drawing of a metafile (EMF, WMF) as "NAME bitmap
 * 1.bmp", and pictures that lie whole in it.
 */
ward_err document_metafile(struct document *document, ward_str name,
		ward_bytes bytes) WARD_MUST_USE;
bool document_metafile_is(ward_bytes bytes);
/* The same of one as Office keeps it, behind its digests; `is` is false when it is none. */
ward_err document_packed_metafile(struct document *document, ward_str name, ward_bytes packed,
		bool *is) WARD_MUST_USE;
/*
 * Unpacks zlib's bytes as far as they go, and as `out` takes them.  What comes out counts as given
 * out, and what goes in is at most eight times the file, so that it has an end.
 */
#define DOCUMENT_UNPACKED_MAX ((size_t)256 << 20)
ward_err document_unpack(struct document *document, ward_bytes packed,
		struct ward_buf *out) WARD_MUST_USE;

/* True when what begins here is a thing that scans look into. */
bool document_is_known(ward_bytes bytes, ward_media_kind *kind);

#endif

/*
 * media.h - what a file is, and what a decoded picture looks like
 *
 * A file is identified by its content, never by its name.  Unknown is a kind,
 * not an error.  A decoded picture is rows of 8-bit samples, grey or RGB, as
 * stored: no colour management, no rotation.  Every promise about size is in
 * struct ward_limits, and every module that reads untrusted bytes takes one.
 *
 * Pure functions and plain structs; share as you like.
 */
#ifndef WARD_MEDIA_H
#define WARD_MEDIA_H

#include <ward/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ward_media_kind {
	WARD_MEDIA_UNKNOWN = 0,
	WARD_MEDIA_EMPTY, /* no bytes at all */
	/* pictures */
	WARD_MEDIA_JPEG,
	WARD_MEDIA_PNG,
	WARD_MEDIA_GIF,
	WARD_MEDIA_WEBP,
	WARD_MEDIA_BMP,
	WARD_MEDIA_TIFF,
	WARD_MEDIA_HEIF, /* HEIC and its brothers: HEVC inside */
	WARD_MEDIA_AVIF,
	WARD_MEDIA_PNM, /* P1..P6: what reference tools speak to each other */
	/* containers whose members are scanned */
	WARD_MEDIA_ZIP,
	WARD_MEDIA_TAR,
	WARD_MEDIA_SEVENZIP,
	WARD_MEDIA_GZIP, /* also bzip2, xz, zstd, lz4, lzip, lzma, compress: one compressed stream
			  */
	/* recognised, not compared; a video is shown by frames */
	WARD_MEDIA_VIDEO,
	WARD_MEDIA_AUDIO,
	WARD_MEDIA_PDF,     /* a document, as those at the end */
	WARD_MEDIA_RAR,     /* its members are scanned, too */
	WARD_MEDIA_TEXT,    /* valid UTF-8 without control characters, as far as was looked */
	WARD_MEDIA_TORRENT, /* tells of files by hashes (<ward/sharing.h>); looked up, not opened */
	/* documents: containers, too; so is a PDF */
	WARD_MEDIA_MAIL, /* one message, as it is stored and sent: .eml, a file of a Maildir, .mht
			  */
	WARD_MEDIA_MBOX, /* messages, each behind a line "From " */
	WARD_MEDIA_PST,  /* Outlook's mailbox, and its copy (OST) */
	/* more containers whose members are scanned */
	WARD_MEDIA_ISO, /* an image of an optical disc: ISO 9660, with or without Joliet */
	WARD_MEDIA_CAB,
	WARD_MEDIA_LHA,
	WARD_MEDIA_CPIO,
	WARD_MEDIA_AR, /* also Debian's packages */
	/* documents, as well: files that programs keep things in */
	WARD_MEDIA_OLE,        /* [MS-CFB]: Thumbs.db, .msg, .doc, .xls, .ppt */
	WARD_MEDIA_THUMBCACHE, /* of Windows since Vista: thumbcache_256.db and its brothers */
	WARD_MEDIA_SQLITE,     /* a database, and the log or the journal beside one */
	WARD_MEDIA_DS_STORE,   /* what macOS keeps of a folder: names of files, no pictures */
	WARD_MEDIA_UDF,        /* an image of a disc without ISO 9660: recognised, not opened */
	WARD_MEDIA_RTF,        /* a document, as well */
	WARD_MEDIA_KIND_COUNT
} ward_media_kind;

/* How much of a file's beginning ward_media_identify wants to see (less is fine). */
#define WARD_MEDIA_HEAD 4096
/* So much tells an optical disc's image as well: its descriptors are behind 32 KiB of anything. */
#define WARD_MEDIA_HEAD_DISC (34 << 10)

/* Looks at the first bytes of a file. */
WARD_API ward_media_kind ward_media_identify(ward_bytes head);

/* A short stable word: "jpeg", "zip", "unknown". */
WARD_API const char *ward_media_name(ward_media_kind kind);
/* "image/jpeg"; "application/octet-stream" when unknown. */
WARD_API const char *ward_media_mime(ward_media_kind kind);
WARD_API bool ward_media_is_picture(ward_media_kind kind);
WARD_API bool ward_media_is_archive(ward_media_kind kind);
/* An archive that is a document, and has a worker of its own (<ward/box.h>). */
WARD_API bool ward_media_is_document(ward_media_kind kind);

/*
 * The one budget of a scan.  A field that is 0 means "nothing allowed", so
 * start from ward_limits_default.
 */
struct ward_limits {
	uint64_t bytes_max;  /* of one file or archive member, and of all members together */
	uint64_t pixels_max; /* of one frame: width times height */
	uint64_t memory_max; /* address space of the worker beyond its own code */
	uint32_t frames_max; /* of one animated picture, or its pages */
	uint32_t parts_max;  /* members of all archives in one file */
	uint32_t depth_max;  /* archives inside archives */
	uint32_t time_ms;    /* wall clock for one file, its members included */
};

/* 4 GiB, 10^9 pixels, 6 GiB, 1000 frames, 100 000 parts, 8 deep, 60 s. */
WARD_API struct ward_limits ward_limits_default(void);

/*
 * One decoded frame.  `channels` is 1 (grey) or 3 (RGB, interleaved); a
 * colour picture whose samples are all grey may arrive either way, with equal
 * hashes.  Row y starts at pixels + y * stride.  Borrowed from its decoder.
 */
struct ward_image {
	const uint8_t *pixels;
	size_t stride;
	uint32_t width;
	uint32_t height;
	uint32_t channels;
};

/* True when the struct describes rows that lie within `len` bytes of pixels. */
WARD_API bool ward_image_fits(const struct ward_image *image, size_t len);

struct ward_rectangle {
	uint32_t x, y, width, height; /* pixels */
};

/*
 * What is left when even borders are cut: bars above and below, bars at the
 * sides, a frame; one within another, too, and words or marks on them.  Two
 * opposite borders are of one colour, whichever it is; where no two are, a side
 * alone is cut.  Each is less than half of the picture and has a straight edge,
 * so that a thing on a plain ground is left alone; a plain sky may be cut like a
 * bar, which costs who looks both forms up a look-up, and hides nothing.
 * False, and `inner` untouched, when there is nothing to cut: no border, less
 * than a fiftieth of the picture, all of it border, or fewer than 16 pixels a
 * side within; and for more than 2^27 pixels, which would take seconds.
 */
WARD_API bool ward_image_find_inner(const struct ward_image *image, struct ward_rectangle *inner);

/* ---- what a decoder is asked, and what it says besides pixels ---- */

/* Which pixels a decoder is asked for. */
typedef enum ward_decode_size {
	WARD_DECODE_FULL = 0, /* every pixel */
	/*
	 * A large JPEG decoded straight to 1/2, 1/4 or 1/8 so that both sides stay >= 512:
	 * near hashes for look-up at a fraction of the time.  Other formats: full.
	 */
	WARD_DECODE_FAST,
} ward_decode_size;

/* ---- how much of a picture a person is shown ---- */

/*
 * The ladder of least exposure.  Nobody sees a step they did not ask for, and
 * each shows more than the one below it.  Sizes in pixels are those of a view
 * whose longer side is WARD_VIEW_SIDE; a smaller view has them smaller, so
 * that a step shows the same, however large the picture or its view is.
 */
typedef enum ward_view_level {
	WARD_LEVEL_FACTS = 0, /* L0: no picture at all */
	WARD_LEVEL_MOSAIC,    /* L1: tiles of 64 pixels, each the mean of what it covers; grey */
	WARD_LEVEL_BLURRED,   /* L2: a Gaussian blur of 24 pixels; grey */
	WARD_LEVEL_REDUCED,   /* L3: a few flat greys, and edges */
	WARD_LEVEL_SMALL,     /* L4: clear, in a small box */
	WARD_LEVEL_CLEAR,     /* L5: clear */
	WARD_LEVEL_COUNT
} ward_view_level;

enum {
	WARD_VIEW_SIDE = 1024,      /* of L1 to L3 */
	WARD_VIEW_SIDE_SMALL = 320, /* of L4 */
	WARD_VIEW_SIDE_CLEAR = 2048,
	WARD_VIEW_SIDE_LEAST = 16, /* the least one may ask for */
	WARD_VIEW_CELLS = 16,      /* of L1, along the longer side */
	WARD_VIEW_CELLS_MOST = 64,
	WARD_VIEW_BLUR = 24, /* of L2 */
	WARD_VIEW_BLUR_MOST = 256,
	WARD_VIEW_DISC = 96,       /* across */
	WARD_VIEW_FRAMES = 9,      /* of an animated picture, on one sheet */
	WARD_VIEW_MOMENTS = 12,    /* of a video, on one sheet: no view has more frames */
	WARD_VIEW_BYTES = 1 << 24, /* no view is larger */
};

struct ward_view_options {
	ward_view_level level;
	uint32_t side_max; /* of the view's longer side; 0: the level's own; never more than that */
	uint32_t cells;    /* L1: 4 to 64; 0: 16 */
	uint32_t blur;     /* L2: 24 to 256; 0: 24 */
	bool colour;       /* L4 and L5; the others are grey always */
	bool reveal;       /* L2: a disc is clear, its middle at: */
	uint32_t reveal_x,
			reveal_y; /* pixels of the view; on a sheet, of the frame that is there */
	bool single; /* L4 and L5, of a video: one frame at the level's own size, shown at: */
	uint32_t single_ms; /* from its beginning */
};

/* "L0" to "L5". */
WARD_API const char *ward_view_level_name(ward_view_level level);
WARD_API bool ward_view_level_parse(ward_str text, ward_view_level *level) WARD_MUST_USE;

/* The longer side of a view is at most this; 0 when the options make no sense, or are L0's. */
WARD_API uint32_t ward_view_side(const struct ward_view_options *options);

/* What a view is. */
struct ward_view_facts {
	ward_media_kind kind; /* PNG or JPEG, without any metadata */
	uint32_t width;
	uint32_t height;
	uint32_t frames; /* that are on it: 1, or up to WARD_VIEW_MOMENTS on a sheet */
	bool partial; /* the file is damaged or goes beyond a limit: this is what could be read */
	uint32_t columns; /* of the sheet, whose frames are in rows of that many; 1 or more */
	uint32_t times_ms[WARD_VIEW_MOMENTS]; /* when each frame is shown, from the beginning */
};

/* ---- frames of a video, one after the other ---- */

/* Which of them, and as what: what two published hashes of videos are made from. */
typedef enum ward_frames_kind {
	/* every n-th as it is stored: <ward/vpdq.h> */
	WARD_FRAMES_VPDQ = 0,
	/* 15 a second, turned as they are shown, brought to 64x64: <ward/tmk.h> */
	WARD_FRAMES_TMK,
	WARD_FRAMES_KIND_COUNT
} ward_frames_kind;

struct ward_frames_options {
	ward_frames_kind kind;
	float seconds; /* VPDQ: from one to the next, as ward_vpdq_step has it; 0 is every frame */
};

struct ward_decode_options {
	struct ward_limits limits;
	ward_decode_size size;
	bool first_frame_only;
	bool facts_only;                   /* header facts, no pixels */
	struct ward_view_options view;     /* of a job that makes a view; the three above are not */
	struct ward_frames_options frames; /* of a job that gives a video's frames, likewise */
};

/* Facts that a picture's header states; zero when it does not. */
struct ward_picture_facts {
	ward_media_kind kind;
	/* As stored, before any orientation; of HEIF and AVIF, as the file itself turns it. */
	uint32_t width;
	uint32_t height;
	uint32_t orientation; /* EXIF 1..8; 0 when not given */
	uint32_t frames;      /* as far as known before decoding; at least 1 */
	uint32_t bits;        /* a sample: 1..16 */
	bool has_alpha;
	bool is_cmyk;
	bool has_sound;       /* of a video; sound itself is never decoded */
	uint64_t duration_ms; /* of a video, as it says; 0 when it does not */
	/* Its frames a second, as a fraction, on average as it says; 0, 0 when it does not. */
	uint32_t rate_num;
	uint32_t rate_den;
};

/*
 * What the pixels of one frame are.  A picture with alpha whose look changes
 * when composited yields two images per frame: STORED and COMPOSITED (over
 * white).  Animations composite each frame onto the canvas.
 */
typedef enum ward_frame_view {
	WARD_VIEW_STORED = 0,
	WARD_VIEW_COMPOSITED = 1,
} ward_frame_view;

struct ward_frame {
	struct ward_image image;
	uint32_t index;   /* 0-based */
	uint32_t time_ms; /* when it is shown, from the animation's start */
	uint32_t scale;   /* 1, 2, 4 or 8: divided by this in decoding */
	ward_frame_view view;
	uint32_t number; /* of a video's frames: which of all of its pictures; may come again */
};

#ifdef __cplusplus
}
#endif
#endif

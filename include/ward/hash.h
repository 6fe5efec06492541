/*
 * hash.h - fingerprints: exact digests, and PDQ, which stays close when pictures look alike
 *
 * PDQ is 256 bits for a still picture, with a quality from 0 (flat) to 100.
 * Two pictures that look the same differ in few bits; 31 or fewer is the usual
 * threshold, and a hash of quality below 50 says too little to be listed.
 * The arithmetic is bit-identical to the published C++ reference: separate
 * float32 roundings, in its order (docs/guide/hashes.md has the steps).
 * Two pixel paths have names, and their hashes differ by a few bits:
 *
 *   pdq     over the picture at its full size: what pdqhash and HMA compute
 *   pdq512  a picture with a side above 512 is first sampled (nearest) to
 *           512x512: what the reference command computes
 *
 * MD5, SHA-1 and SHA-256 are computed in one pass over the bytes.  PhotoDNA is
 * licensed: ward has no hasher for it, but keeps and compares its 144-byte
 * hashes when a caller has them.
 *
 * Pure functions; a digester belongs to one thread at a time.  The fastest
 * code the CPU runs is chosen at the first call.
 */
#ifndef WARD_HASH_H
#define WARD_HASH_H

#include <ward/base.h>
#include <ward/media.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- signals: one fingerprint of any kind ---- */

typedef enum ward_signal_kind {
	WARD_SIGNAL_NONE = 0,
	WARD_SIGNAL_MD5,
	WARD_SIGNAL_SHA1,
	WARD_SIGNAL_SHA256,
	WARD_SIGNAL_PDQ,
	WARD_SIGNAL_PHOTODNA,
	/* what file-sharing networks call a file, or several: <ward/sharing.h> */
	WARD_SIGNAL_ED2K,
	WARD_SIGNAL_AICH,
	WARD_SIGNAL_TTH,
	WARD_SIGNAL_BTROOT, /* BitTorrent v2: of one file */
	WARD_SIGNAL_BTIH,   /* BitTorrent v1: of a torrent */
	WARD_SIGNAL_BTMH,   /* BitTorrent v2: of a torrent */
	WARD_SIGNAL_KIND_COUNT
} ward_signal_kind;

#define WARD_SIGNAL_BYTES_MAX 144
#define WARD_SIGNAL_TEXT_MAX  193 /* with the NUL: 144 bytes in base64 */

/* Only the first ward_signal_size(kind) bytes mean anything; the rest are zero. */
typedef struct ward_signal {
	ward_signal_kind kind;
	uint8_t bytes[WARD_SIGNAL_BYTES_MAX]; /* in the order of the text form */
} ward_signal;

WARD_API size_t ward_signal_size(ward_signal_kind kind);
/* "md5", "sha1", "sha256", "pdq", "photodna", "ed2k", "aich", "tth", "btroot", "btih", "btmh". */
WARD_API const char *ward_signal_kind_name(ward_signal_kind kind);
/* Also knows "sha-1", "pdna", "video_md5" and the like; NONE when it does not. */
WARD_API ward_signal_kind ward_signal_kind_from(ward_str name);

/*
 * True, with `signal` set, when `text` is a signal of this kind: hexadecimal
 * of the right length in either case; PhotoDNA also base64 or 144 decimal
 * numbers with commas; AICH, TTH and BTIH also base32; BTMH also with "1220"
 * in front, as multihashes say SHA-256.  With WARD_SIGNAL_NONE the kind is told by the form:
 * 32, 40 or 288 digits are MD5, SHA-1, PhotoDNA, and 39 of base32 are TTH; 64 digits are ambiguous
 * and refused unless prefixed "pdq:" or "sha256:" (any kind may be prefixed so).
 */
WARD_API bool ward_signal_parse(ward_signal_kind kind, ward_str text,
		ward_signal *signal) WARD_MUST_USE;
/* Lower-case hexadecimal (PhotoDNA: base64; AICH, TTH: base32), NUL-terminated; returns `out`. */
WARD_API const char *ward_signal_format(const ward_signal *signal, char out[WARD_SIGNAL_TEXT_MAX]);
WARD_API bool ward_signal_eq(const ward_signal *a, const ward_signal *b);

/* ---- PDQ ---- */

/* word[0] holds bits 0..63; the text form prints bit 255 first. */
typedef struct ward_pdq {
	uint64_t word[4];
} ward_pdq;

#define WARD_PDQ_RADIUS      31 /* the usual "same picture" */
#define WARD_PDQ_RADIUS_MAX  63
#define WARD_PDQ_QUALITY_MIN 50 /* below: too flat to list */

/* True, with `hash` set, when `text` is exactly 64 hexadecimal digits. */
WARD_API bool ward_pdq_parse(ward_str text, ward_pdq *hash) WARD_MUST_USE;
WARD_API const char *ward_pdq_format(ward_pdq hash, char out[65]);
WARD_API ward_signal ward_pdq_signal(ward_pdq hash);
WARD_API ward_pdq ward_pdq_from_signal(const ward_signal *signal); /* kind must be PDQ */
/* How many of the 256 bits differ. */
WARD_API int ward_pdq_distance(ward_pdq a, ward_pdq b);
WARD_API int ward_pdq_ones(ward_pdq hash);
/*
 * A hash of a real picture has 128 ones, or close to it.  True below 64 or
 * above 192: such a hash is not a picture's, and would match what it should not.
 */
WARD_API bool ward_pdq_is_degenerate(ward_pdq hash);

struct ward_pdq_result {
	ward_pdq hash;
	int quality; /* 0..100 */
};

/* The 8 looks of a picture, in the order of the reference's print-out. */
typedef enum ward_dihedral {
	WARD_ORIG = 0,
	WARD_ROT90, /* counter-clockwise */
	WARD_ROT180,
	WARD_ROT270,
	WARD_FLIPX, /* top to bottom */
	WARD_FLIPY, /* left to right */
	WARD_TRANSPOSE,
	WARD_ANTITRANSPOSE,
	WARD_DIHEDRAL_COUNT
} ward_dihedral;

WARD_API const char *ward_dihedral_name(ward_dihedral which); /* "orig", "rot90", ... */

typedef enum ward_pdq_path {
	WARD_PDQ_FULL = 0, /* `pdq` */
	WARD_PDQ_512,      /* `pdq512` */
} ward_pdq_path;

/*
 * Scratch memory for hashing, reused between pictures; one thread at a time.
 * It holds a few bands of the picture, never a float copy of a large one.
 */
struct ward_pdq_hasher;
WARD_API struct ward_pdq_hasher *ward_pdq_hasher_new(void); /* NULL without memory */
WARD_API void ward_pdq_hasher_free(struct ward_pdq_hasher *hasher);

/*
 * The hash of a picture.  A side below 5 gives the zero hash with quality 0,
 * as the reference does.  Fails only with NOMEM or, for an image whose
 * channels are not 1 or 3, ARGUMENT.
 */
WARD_API ward_err ward_pdq_hash(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		ward_pdq_path path, struct ward_pdq_result *result,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The same picture's hashes in all 8 orientations.  all[WARD_ORIG] equals
 * ward_pdq_hash except for an input of exactly 64x64, where the reference's
 * two paths differ.
 */
WARD_API ward_err ward_pdq_hash_dihedral(struct ward_pdq_hasher *hasher,
		const struct ward_image *image, ward_pdq_path path,
		ward_pdq all[WARD_DIHEDRAL_COUNT], int *quality,
		struct ward_error *error) WARD_MUST_USE;

/*
 * A large JPEG can be decoded straight to 1/2, 1/4 or 1/8 of its size, in half
 * the time (WARD_DECODE_FAST).  Its hash is near the exact one of the full size
 * (bench/hash prints how near), good for look-up and not for lists.
 */
struct ward_reduced_image {
	struct ward_image image; /* the pixels there are: width / scale, rounded up, and so on */
	uint32_t scale;          /* 1 and above */
	uint32_t width;          /* of the picture itself */
	uint32_t height;
};

/*
 * The hash of the picture that `reduced` shows, as `pdq`; exactly that when it
 * is not smaller.  Fails like ward_pdq_hash, and with ARGUMENT when the image
 * does not have the sides that the scale gives.
 */
WARD_API ward_err ward_pdq_hash_reduced(struct ward_pdq_hasher *hasher,
		const struct ward_reduced_image *reduced, struct ward_pdq_result *result,
		struct ward_error *error) WARD_MUST_USE;
WARD_API ward_err ward_pdq_hash_reduced_dihedral(struct ward_pdq_hasher *hasher,
		const struct ward_reduced_image *reduced, ward_pdq all[WARD_DIHEDRAL_COUNT],
		int *quality, struct ward_error *error) WARD_MUST_USE;

/*
 * The picture within even borders (ward_image_find_inner), borrowing the same
 * pixels: its hash by ward_pdq_hash_reduced is that of the picture cropped.  False,
 * and `inner` untouched, when there are none.
 */
WARD_API bool ward_reduced_image_find_inner(const struct ward_reduced_image *reduced,
		struct ward_reduced_image *inner);

/* ---- exact digests ---- */

struct ward_digests {
	uint8_t md5[16];
	uint8_t sha1[20];
	uint8_t sha256[32];
	uint64_t bytes;
};

struct ward_digester;
WARD_API struct ward_digester *ward_digester_new(void); /* NULL without memory */
WARD_API void ward_digester_free(struct ward_digester *digester);
WARD_API void ward_digester_update(struct ward_digester *digester, ward_bytes bytes);
/* Gives the digests of all bytes since new or the last finish, and starts afresh. */
WARD_API void ward_digester_finish(struct ward_digester *digester, struct ward_digests *digests);
/* One call for bytes in memory.  Fails only with NOMEM. */
WARD_API ward_err ward_digest(ward_bytes bytes, struct ward_digests *digests) WARD_MUST_USE;
/*
 * Many inputs in memory, each with its own digests: several at once where the CPU has vectors for
 * it, several times faster than one after another.  Best with a few hundred inputs of about
 * one size, or largest first left to this; fails only with NOMEM.
 */
WARD_API ward_err ward_digest_many(const ward_bytes *inputs, size_t count,
		struct ward_digests *digests) WARD_MUST_USE;
/* SHA-256 alone, of pieces one behind the other; allocates nothing and cannot fail. */
WARD_API void ward_sha256(const ward_bytes *pieces, size_t count, uint8_t digest[32]);
/* One of the three as a signal. */
WARD_API ward_signal ward_digests_signal(const struct ward_digests *digests, ward_signal_kind kind);

/* ---- PhotoDNA ---- */

/*
 * Squared Euclidean distance of two 144-byte hashes, the measure in public
 * use; lists say what distance counts as near.
 */
WARD_API uint32_t ward_photodna_distance(const uint8_t a[144], const uint8_t b[144]);

/* ---- for tests and benchmarks ---- */

/* Which code runs: "avx512", "avx2", "neon" or "plain". */
WARD_API const char *ward_hash_cpu(void);
/*
 * Lets tests run every path: at most this one from now on ("plain", "avx2", ...); NULL is the
 * best again.  False when the CPU has no such path.  Not for use while other threads hash.
 */
WARD_API bool ward_hash_cpu_limit(const char *name);

#ifdef __cplusplus
}
#endif
#endif

/*
 * sharing.h - how file-sharing networks name a file, so that what they carry can be looked up
 *
 * Each network has a hash of its own, and none can be made of another: to find a
 * known file there, its bytes are hashed once more.  Of one file there are
 *
 *   ed2k    eDonkey, eMule: MD4 of the MD4s of parts of 9 728 000 bytes
 *   aich    eMule: a tree of SHA-1 over parts of 180 KiB
 *   tth     Direct Connect, Gnutella: a tree of Tiger over 1 KiB (THEX)
 *   btroot  BitTorrent v2: a tree of SHA-256 over 16 KiB (BEP 52), the same
 *           in every torrent that holds the file
 *
 * and of a torrent, which may hold many files under names of its maker's choice,
 *
 *   btih    BitTorrent v1: SHA-1 of its description (BEP 3)
 *   btmh    BitTorrent v2: SHA-256 of it (BEP 52)
 *
 * which nobody can tell from a file alone: lists bring them.
 *
 * ed2k and tth rest on MD4 and Tiger.  Two files can be made to share an MD4, so a
 * hit of ed2k says where to look, and not what is there.
 *
 * Pure functions; a hasher belongs to one thread at a time.
 */
#ifndef WARD_SHARING_H
#define WARD_SHARING_H

#include <ward/hash.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- one file ---- */

struct ward_sharing_hashes {
	uint8_t ed2k[16];
	uint8_t aich[20];
	uint8_t tth[24];
	uint8_t btroot[32]; /* zero for an empty file, which has none */
	uint64_t bytes;
};

struct ward_sharing_hasher;
WARD_API struct ward_sharing_hasher *ward_sharing_hasher_new(void); /* NULL without memory */
WARD_API void ward_sharing_hasher_free(struct ward_sharing_hasher *hasher);
WARD_API void ward_sharing_hasher_update(struct ward_sharing_hasher *hasher, ward_bytes bytes);
/* Gives the hashes of all bytes since new or the last finish, and starts afresh. */
WARD_API void ward_sharing_hasher_finish(struct ward_sharing_hasher *hasher,
		struct ward_sharing_hashes *hashes);

/* The kinds that a file has, in the order of the struct. */
#define WARD_SHARING_KINDS 4
WARD_API ward_signal_kind ward_sharing_kind(unsigned at); /* 0..3 */
/* False when there is none of this kind: an empty file has no btroot. */
WARD_API bool ward_sharing_signal(const struct ward_sharing_hashes *hashes, ward_signal_kind kind,
		ward_signal *signal) WARD_MUST_USE;

/* ---- links ---- */

#define WARD_SHARING_LINK_MAX 16 /* signals of one link; more are passed over */

/*
 * The signals that a link names: "ed2k://|file|NAME|SIZE|HASH|...|/" or
 * "magnet:?xt=urn:...&...", in either case, percent signs undone.  The urns
 * read are btih, btmh, ed2k, ed2khash, aich, tree:tiger, sha1, bitprint, md5.
 * Returns how many; 0 when it is no such link, or names nothing known.
 */
WARD_API size_t ward_sharing_link(ward_str text, ward_signal out[WARD_SHARING_LINK_MAX]);

/* ---- torrents ---- */

/*
 * A .torrent file tells of files without holding them: their names and sizes, and hashes of what
 * they are cut into.  Version 1 (BEP 3) has the SHA-1 of each piece of all files, one behind
 * another; version 2 (BEP 52) the btroot of each file; one file may tell both.
 */

struct ward_torrent_file {
	ward_str path; /* "folder/name", as the torrent has it: any bytes, no path to be opened */
	uint64_t bytes;
	uint64_t offset; /* in version 1, from the beginning of the first */
	bool padding;    /* fills up to the next piece; nobody's file */
	/* What it says of the file: btroot, and where its maker put them md5, sha1, ed2k. */
	ward_signal signals[4];
	size_t signal_count;
};

struct ward_torrent; /* owns all of it */

#define WARD_TORRENT_BYTES_MAX ((size_t)32 << 20) /* of a .torrent: millions of pieces */

/*
 * The bytes must stay as long as the torrent.  Fails with FORMAT, LIMIT and NOMEM.  One whose own
 * hash can be told, and not all of its files, is read as far as it goes (ward_torrent_trouble).
 */
WARD_API ward_err ward_torrent_read(ward_bytes bytes, struct ward_torrent **torrent,
		struct ward_error *error) WARD_MUST_USE;
WARD_API void ward_torrent_free(struct ward_torrent *torrent);

/* Why not all of its files were read; NULL when they were. */
WARD_API const struct ward_error *ward_torrent_trouble(const struct ward_torrent *torrent);

/* The torrent's own: btih of version 1, btmh of version 2; how many. */
WARD_API size_t ward_torrent_signals(const struct ward_torrent *torrent, ward_signal out[2]);
WARD_API size_t ward_torrent_file_count(const struct ward_torrent *torrent);
WARD_API const struct ward_torrent_file *ward_torrent_file(const struct ward_torrent *torrent,
		size_t at);

/* How a file that one has compares with one that a torrent tells of. */
struct ward_torrent_match {
	size_t file;     /* which of them */
	bool root;       /* by its btroot: the very same */
	uint64_t pieces; /* of version 1, those that lie within the file, and were compared */
	uint64_t equal;
};

/* Reads `size` bytes from `offset`; WARD_OK with all of them, or why not. */
typedef ward_err ward_torrent_source(void *context, uint64_t offset, uint8_t *to, size_t size,
		struct ward_error *error);

/*
 * Compares one's own file with each of the torrent's of its size, until one is the same: that of
 * its btroot, or one whose every whole piece has the torrent's SHA-1.  False, with `match` the best
 * there was, when none is.  A file smaller than a piece has none of its own, and is not found by
 * pieces.
 */
WARD_API ward_err ward_torrent_find(const struct ward_torrent *torrent, uint64_t size,
		ward_torrent_source *source, void *context, struct ward_torrent_match *match,
		bool *found, struct ward_error *error) WARD_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif

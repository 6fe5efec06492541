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

#ifdef __cplusplus
}
#endif
#endif

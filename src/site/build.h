/*
 * build.h - writing one file of a list from its entries in order
 *
 * Entries come sorted and once each; the text is written as they come, the rest
 * is gathered beside it (base/spool.h, site/sorter.h).  So a list of any size
 * takes little memory.
 */
#ifndef SITE_BUILD_H
#define SITE_BUILD_H

#include "base/checksum.h"
#include "site/file.h"
#include "site/sorter.h"

/* One entry as writers have it. */
struct site_row {
	ward_str word;
	ward_site_kind kind;
	bool removed;
	uint32_t meta; /* of the writer's metas */
	int64_t expires;
	ward_str ref, original;
};

struct site_build {
	char path[4096];
	int fd;
	uint8_t *piece;
	size_t piece_len;
	uint64_t offset;
	struct checksum sum;
	struct site_head head;
	struct spool blocks, extra_blocks, extras;
	struct site_sorter *table;
	bool has_expiry, has_extras;
	char *last; /* the word before */
	size_t last_len;
	uint64_t last_name;
};

/* Makes `path`; `folder` is where what is gathered spills, borrowed.  End it in any case. */
ward_err site_build_begin(struct site_build *build, const char *folder, const char *path,
		struct site_seed seed, struct ward_error *error) WARD_MUST_USE;
ward_err site_build_add(struct site_build *build, const struct site_row *row,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Writes what is left and syncs.  `head` gives id, base, what is in force and
 * what is said; the rest is the build's.
 */
ward_err site_build_finish(struct site_build *build, const struct site_head *head,
		const struct site_metas *metas, struct ward_error *error) WARD_MUST_USE;
/* Frees everything; the file stays if `keep`. */
void site_build_end(struct site_build *build, bool keep);

#endif

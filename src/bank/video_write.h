/*
 * video_write.h - what a list's writer gathers of videos, and how it becomes parts of a segment
 */
#ifndef BANK_VIDEO_WRITE_H
#define BANK_VIDEO_WRITE_H

#include "bank/segment_write.h"
#include "base/spool.h"

struct video_spools {
	/* As video_index_build takes them. */
	struct spool hashes, gaps, qualities, rows, details;
	struct spool owners;
	uint32_t frames, videos, detail_count;
	struct spool averages, files, tmk_owners;
	uint32_t tmks;
};

void videos_init(struct video_spools *videos, const char *folder);
void videos_free(struct video_spools *videos);

/* Before anything of the record is added: ARGUMENT or LIMIT when its video cannot be. */
ward_err videos_check(const struct video_spools *videos, const struct ward_record *record,
		struct ward_error *error) WARD_MUST_USE;
ward_err videos_add(struct video_spools *videos, uint32_t entry, const struct ward_record *record,
		struct ward_error *error) WARD_MUST_USE;
ward_err videos_compile(struct video_spools *videos, struct segment_writer *out,
		struct ward_error *error) WARD_MUST_USE;

#endif

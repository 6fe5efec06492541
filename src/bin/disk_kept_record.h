/*
 * disk_kept_record.h - the records of a FILE.finds, each described once for writing and for reading
 *
 * A record's function passes its fields through a codec: out of the struct into a buffer, or out
 * of bytes into the struct, whose text then is borrowed from them.  Numbers are little-endian.
 */
#ifndef BIN_DISK_KEPT_RECORD_H
#define BIN_DISK_KEPT_RECORD_H

#include "bin/disk_kept.h"

/* What the file begins with; another number when a record changes. */
#define DISK_KEPT_MAGIC "ward-finds 1\n\0\0"
enum { DISK_KEPT_MAGIC_LEN = 16, DISK_KEPT_HEAD = 5 /* length of the rest, and kind */ };

enum disk_kept_kind {
	DISK_KEPT_RUN = 1,
	DISK_KEPT_FILE,
	DISK_KEPT_UNREAD,
	DISK_KEPT_IMAGE,
	DISK_KEPT_END
};

struct disk_codec {
	struct ward_buf *out; /* NULL: it reads */
	struct ward_reader in;
	struct ward_arena *arena; /* of what is read */
	bool failed;
};

/* `images` and `lists` are the run's; reading, they are the arena's. */
void disk_pass_run(struct disk_codec *codec, struct disk_report *report,
		struct disk_account **images, struct disk_report_list **lists);
/* All of the row but its finds. */
void disk_pass_row(struct disk_codec *codec, struct disk_kept_row *row);
void disk_pass_find(struct disk_codec *codec, struct disk_find *find);
void disk_pass_count(struct disk_codec *codec, size_t *count);
void disk_pass_unread(struct disk_codec *codec, struct disk_kept_row *row);
void disk_pass_image(struct disk_codec *codec, uint32_t *index, struct disk_account *account);
void disk_pass_end(struct disk_codec *codec, struct disk_report *report);

#endif

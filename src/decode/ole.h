/*
 * ole.h - [MS-CFB] compound files: a tree of storages and streams, within one file
 *
 * A file is sectors, chained by a table (FAT) whose own sectors are listed in
 * the header and behind it (DIFAT); what is shorter than 4096 bytes is in a
 * stream of small sectors with a table of its own.  Versions 3 and 4.
 *
 * Bytes are hostile.  A chain is followed no further than its stream is long,
 * and no stream is longer than the file; the tree is walked without
 * recursion, each entry once.  All streams together give no more bytes than
 * the file has, since in a sound file no sector is in two of them.
 *
 * A struct ole borrows the file, and belongs to one thread.
 */
#ifndef DECODE_OLE_H
#define DECODE_OLE_H

#include <ward/base.h>

enum { OLE_STORAGE = 1, OLE_STREAM = 2, OLE_ROOT = 5 };

#define OLE_NONE     UINT32_MAX
#define OLE_NAME_MAX 96 /* 31 units of UTF-16, as UTF-8, and a NUL */

struct ole_entry {
	char name[OLE_NAME_MAX]; /* without control characters, which mark what is a program's own
				  */
	uint8_t type;            /* OLE_*; anything else is none */
	uint8_t mark;            /* the control character that the name began with, or 0 */
	bool is_reached;         /* it is on the tree; else a program has cut it off, perhaps */
	uint32_t parent;         /* OLE_NONE: the root's, or not reached */
	uint32_t child;          /* as stored; may be anything */
	uint32_t left, right;
	uint32_t start; /* its first sector */
	uint64_t size;
};

struct ole {
	ward_bytes file;
	unsigned shift;   /* of a sector's size: 9 or 12 */
	uint32_t cutoff;  /* shorter streams are in small sectors */
	uint32_t *tables; /* which sectors the FAT is in */
	uint32_t table_count;
	struct ward_buf small_table;
	struct ward_buf small; /* the stream of small sectors */
	struct ole_entry *entries;
	uint32_t entry_count;
	uint64_t left;   /* bytes that streams may still give */
	bool is_damaged; /* something was not as it should be; what was read stands */
};

/* FORMAT when there is no tree; NOMEM.  On success, end with ole_close. */
ward_err ole_open(struct ole *ole, ward_bytes file, struct ward_error *error) WARD_MUST_USE;
void ole_close(struct ole *ole);

/* Appends what a stream holds to `out`; false when something of it is missing. */
bool ole_read(struct ole *ole, uint32_t entry, struct ward_buf *out);

/* The child of `parent` of that name, in any case of letters; OLE_NONE when there is none. */
uint32_t ole_find(const struct ole *ole, uint32_t parent, const char *name);

/* UTF-16 (little endian) up to a NUL, as UTF-8; what is no character becomes U+FFFD. */
void ole_text(ward_bytes units, struct ward_buf *out);
/* Text of 8 bits, of a code page that nobody tells: UTF-8, else Latin-1; NULs at its end go. */
void ole_narrow_text(ward_bytes bytes, struct ward_buf *out);

#endif

/*
 * Write-ahead logs and rollback journals: page images behind a number each.
 * Their sums are not asked: frames that a log had before it was begun anew, and
 * what was written when a program ended, hold rows as well.
 */
#include "decode/sqlite_read.h"

#include <stdlib.h>

/* A page's number is believed up to this; tables of pointers of more would be for files of 64 GiB
 * in pages of 4 KiB. */
#define PAGES_MAX (1u << 24)

enum { HEADER_BYTES = 100, AT_RESERVED = 20, AT_ENCODING = 56 };
enum { WAL_HEAD = 32, WAL_FRAME = 24, JOURNAL_HEAD = 28 };

static const uint8_t journal_mark[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };

static uint32_t number_at(ward_bytes bytes, size_t at)
{
	const uint8_t *from = bytes.ptr + at;

	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static bool is_wal(ward_bytes file)
{
	return file.len >= WAL_HEAD && (number_at(file, 0) | 1) == 0x377f0683;
}

static bool is_journal(ward_bytes file, size_t at)
{
	return file.len >= JOURNAL_HEAD && at <= file.len - JOURNAL_HEAD &&
	       memcmp(file.ptr + at, journal_mark, sizeof(journal_mark)) == 0;
}

bool sqlite_is_log(ward_bytes file)
{
	return is_wal(file) || is_journal(file, 0);
}

/* What is done with each page image, in the order of the file; `is_new`: none replaces it. */
typedef void take_image(struct sqlite_file *db, uint32_t number, size_t at, bool is_new);

/* Frames of the log's last beginning are newer than those behind them, which it wrote before. */
static void each_frame(struct sqlite_file *db, take_image *take)
{
	ward_bytes file = db->file;
	size_t step = WAL_FRAME + (size_t)db->page_bytes;

	for (int are_new = 1; are_new >= 0; are_new--) {
		for (size_t at = WAL_HEAD; file.len - at >= step; at += step) {
			bool is_new = memcmp(file.ptr + at + 8, file.ptr + 16, 8) == 0;

			if (is_new == (are_new == 1))
				take(db, number_at(file, at), at + WAL_FRAME, is_new);
			if (file.len - at < 2 * step)
				break;
		}
	}
}

/* A head, filled up to a sector, then pages between their number and their sum; and again. */
static void each_original(struct sqlite_file *db, take_image *take)
{
	ward_bytes file = db->file;
	size_t sector = number_at(file, 20), at = 0;
	size_t step = 8 + (size_t)db->page_bytes;

	if (sector < 32 || sector > 65536 || (sector & (sector - 1)) != 0)
		sector = 512;
	while (at < file.len) {
		size_t next = (at + sector - 1) / sector * sector;

		if (is_journal(file, next)) {
			at = next + sector;
			continue;
		}
		if (file.len - at < step)
			return;
		take(db, number_at(file, at), at + 4, false);
		at += step;
	}
}

static void each_image(struct sqlite_file *db, take_image *take)
{
	if (is_wal(db->file))
		each_frame(db, take);
	else
		each_original(db, take);
}

static void count_page(struct sqlite_file *db, uint32_t number, size_t at, bool is_new)
{
	(void)at;
	(void)is_new;
	if (number <= PAGES_MAX && number > db->pages)
		db->pages = number;
}

static void keep_page(struct sqlite_file *db, uint32_t number, size_t at, bool is_new)
{
	const uint8_t *image = db->file.ptr + at, *older = image;

	if (number > 0 && number <= db->pages && (is_new || !db->at[number])) {
		older = db->at[number];
		db->at[number] = image;
	}
	if (older)
		ward_buf_add(&db->older, &older, sizeof(older));
}

ward_err sqlite_log_open(struct sqlite_file *db, ward_bytes file, struct ward_error *error)
{
	*db = (struct sqlite_file){ .file = file, .left = file.len, .encoding = 1 };
	ward_buf_init(&db->record, SIZE_MAX);
	ward_buf_init(&db->older, SIZE_MAX);
	db->page_bytes = sqlite_is_log(file) ? number_at(file, is_wal(file) ? 8 : 24) : 0;
	if (db->page_bytes < 512 || db->page_bytes > 65536 ||
			(db->page_bytes & (db->page_bytes - 1)) != 0)
		return ward_fail(error, WARD_E_FORMAT,
				"the log of a database has pages of no known size");
	db->usable = db->page_bytes;
	each_image(db, count_page);
	db->at = calloc((size_t)db->pages + 1, sizeof(*db->at));
	db->seen = calloc((size_t)db->pages / 8 + 1, 1);
	db->read = calloc(SQLITE_READ_CELLS, sizeof(*db->read));
	if (db->at && db->seen && db->read)
		each_image(db, keep_page);
	if (!db->at || !db->seen || !db->read || db->older.failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the log of a database");
	ward_bytes first = sqlite_page(db, 1);

	if (first.len > HEADER_BYTES && first.ptr[AT_RESERVED] + 480u <= db->page_bytes) {
		db->usable -= first.ptr[AT_RESERVED];
		db->encoding = first.ptr[AT_ENCODING + 3];
	}
	return WARD_OK;
}

/*
 * Write-ahead logs and rollback journals: page images behind a number each.
 * Their sums are not asked: frames that a log had before it was begun anew, and
 * what was written when a program ended, hold rows as well.
 */
#include "decode/sqlite_read.h"

#include <stdlib.h>

/* A page's number is believed up to this, which is a database of 16 GiB in pages of 4 KiB: a table
 * of pointers for more would be longer than what hostile bytes should get. */
#define PAGES_MAX (1u << 22)

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

/* A pass over all page images. */
struct pass {
	struct sqlite_file *db;
	/* `is_last`: of a transaction; a page's later image is the newer one. */
	ward_err (*take)(struct pass *pass, uint32_t number, const uint8_t *image, bool is_last);
	struct ward_buf images; /* of the transaction at hand: pointers */
	sqlite_take_page *take_page;
	void *context;
};

/* Frames behind the last beginning of the log were written before it was begun anew. */
static ward_err each_frame(struct pass *pass)
{
	ward_bytes file = pass->db->file;
	size_t step = WAL_FRAME + (size_t)pass->db->page_bytes;
	ward_err err = WARD_OK;

	for (int are_new = 0; are_new < 2; are_new++) {
		size_t left = (file.len - WAL_HEAD) / step;

		for (size_t at = WAL_HEAD; left > 0 && !err; at += step, left--) {
			bool is_new = memcmp(file.ptr + at + 8, file.ptr + 16, 8) == 0;

			/* The database's size stands in the last frame of a transaction alone. */
			if (is_new == (are_new == 1))
				err = pass->take(pass, number_at(file, at),
						file.ptr + at + WAL_FRAME,
						number_at(file, at + 4) != 0 || left == 1);
		}
	}
	return err;
}

/* A head, filled up to a sector, then pages between their number and their sum; and again. */
static ward_err each_original(struct pass *pass)
{
	ward_bytes file = pass->db->file;
	size_t sector = number_at(file, 20), at = 0;
	size_t step = 8 + (size_t)pass->db->page_bytes;
	ward_err err = WARD_OK;

	if (sector < 32 || sector > 65536 || (sector & (sector - 1)) != 0)
		sector = 512;
	while (at < file.len && !err) {
		size_t next = (at + sector - 1) / sector * sector;

		if (is_journal(file, next)) {
			at = next + sector;
			continue;
		}
		if (file.len - at < step)
			break;
		err = pass->take(pass, number_at(file, at), file.ptr + at + 4,
				file.len - at < 2 * step);
		at += step;
	}
	return err;
}

static ward_err each_image(struct pass *pass)
{
	return is_wal(pass->db->file) ? each_frame(pass) : each_original(pass);
}

static ward_err count_page(struct pass *pass, uint32_t number, const uint8_t *image, bool is_last)
{
	(void)image;
	(void)is_last;
	if (number <= PAGES_MAX && number > pass->db->pages)
		pass->db->pages = number;
	return WARD_OK;
}

static ward_err keep_page(struct pass *pass, uint32_t number, const uint8_t *image, bool is_last)
{
	(void)is_last;
	if (number > 0 && number <= pass->db->pages)
		pass->db->at[number] = image;
	return WARD_OK;
}

static ward_err forget_page(struct pass *pass, uint32_t number, const uint8_t *image, bool is_last)
{
	(void)image;
	return keep_page(pass, number, NULL, is_last);
}

/* When all pages of a transaction are in their places. */
static ward_err replay_page(struct pass *pass, uint32_t number, const uint8_t *image, bool is_last)
{
	ward_err err = keep_page(pass, number, image, is_last);

	ward_buf_add(&pass->images, &image, sizeof(image));
	if (pass->images.failed)
		return WARD_E_NOMEM;
	if (!is_last)
		return err;
	for (size_t at = 0; at < pass->images.len && !err; at += sizeof(image)) {
		memcpy(&image, pass->images.ptr + at, sizeof(image));
		err = pass->take_page(pass->context, (ward_bytes){ image, pass->db->usable });
	}
	ward_buf_clear(&pass->images);
	return err;
}

ward_err sqlite_log_replay(struct sqlite_file *db, sqlite_take_page *take, void *context)
{
	struct pass pass = { .db = db, .take = forget_page, .take_page = take, .context = context };

	ward_buf_init(&pass.images, SIZE_MAX);
	ward_err err = each_image(&pass);

	pass.take = replay_page;
	db->is_replayed = true;
	if (!err)
		err = each_image(&pass);

	db->is_replayed = false;
	ward_buf_free(&pass.images);
	return err;
}

ward_err sqlite_log_open(struct sqlite_file *db, ward_bytes file, struct ward_error *error)
{
	struct pass pass = { .db = db, .take = count_page };

	*db = (struct sqlite_file){ .file = file, .left = file.len, .encoding = 1 };
	ward_buf_init(&db->record, SIZE_MAX);
	db->page_bytes = sqlite_is_log(file) ? number_at(file, is_wal(file) ? 8 : 24) : 0;
	if (db->page_bytes < 512 || db->page_bytes > 65536 ||
			(db->page_bytes & (db->page_bytes - 1)) != 0)
		return ward_fail(error, WARD_E_FORMAT,
				"the log of a database has pages of no known size");
	db->usable = db->page_bytes;
	ward_err err = each_image(&pass);

	db->at = calloc((size_t)db->pages + 1, sizeof(*db->at));
	db->seen = calloc((size_t)db->pages / 8 + 1, 1);
	db->read = calloc(SQLITE_READ_CELLS, sizeof(*db->read));
	pass.take = keep_page;
	if (db->at && db->seen && db->read)
		err = each_image(&pass);
	if (err || !db->at || !db->seen || !db->read)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the log of a database");
	ward_bytes first = sqlite_page(db, 1);

	if (first.len > HEADER_BYTES && first.ptr[AT_RESERVED] + 480u <= db->page_bytes) {
		db->usable -= first.ptr[AT_RESERVED];
		db->encoding = first.ptr[AT_ENCODING + 3];
	}
	return WARD_OK;
}

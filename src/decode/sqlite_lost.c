/*
 * What was deleted and is in no row: overflow pages that were freed, and what is free on pages of
 * rows.  A cell that is cut off its page is still there but for its first four bytes, and ends with
 * the number of its first overflow page.
 */
#include "decode/sqlite_read.h"

#include <stdlib.h>

#define TRUNK_AT 32 /* in the header: the first page of the list of free ones */

struct lost {
	struct sqlite_file *db;
	sqlite_take_lost *take;
	void *context;
	uint8_t *followed; /* a bit a page: another one's number leads to it */
	struct ward_buf bytes;
};

static uint32_t number_at(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static bool is_there(const struct sqlite_file *db, uint32_t number)
{
	return sqlite_page(db, number).len > 0 && !sqlite_is_seen(db, number);
}

/* The list of free pages is written over what its pages held. */
static void pass_list(struct sqlite_file *db)
{
	ward_bytes first = sqlite_page(db, 1);
	uint32_t number = first.len > 0 ? number_at(first.ptr + TRUNK_AT) : 0;

	while (number > 0 && sqlite_see_page(db, number))
		number = number_at(sqlite_page(db, number).ptr);
}

static void mark_followed(struct lost *lost)
{
	struct sqlite_file *db = lost->db;

	for (uint32_t number = 2; number <= db->pages; number++) {
		if (!is_there(db, number))
			continue;
		uint32_t next = number_at(sqlite_page(db, number).ptr);

		if (next != number && is_there(db, next))
			lost->followed[next >> 3] |= (uint8_t)(1u << (next & 7));
	}
}

static bool is_first(const struct lost *lost, uint32_t number)
{
	return is_there(lost->db, number) && !((lost->followed[number >> 3] >> (number & 7)) & 1);
}

static ward_err take(struct lost *lost, uint32_t number)
{
	ward_bytes bytes = { (const uint8_t *)lost->bytes.ptr, lost->bytes.len };

	return lost->bytes.failed ? WARD_E_NOMEM
	       : bytes.len > 0    ? lost->take(lost->context, number, bytes)
				  : WARD_OK;
}

static void add_chain(struct lost *lost, uint32_t number)
{
	while (sqlite_see_page(lost->db, number)) {
		ward_bytes page = sqlite_page(lost->db, number);

		ward_buf_add(&lost->bytes, page.ptr + 4, page.len - 4);
		number = number_at(page.ptr);
	}
}

/* Free bytes of a page: up to where they lead on, with what is there; and what is left. */
static ward_err take_free(struct lost *lost, uint32_t number, ward_bytes free_bytes)
{
	size_t from = 0;
	ward_err err = WARD_OK;

	for (size_t at = 0; at + 4 <= free_bytes.len && !err; at++) {
		uint32_t next = number_at(free_bytes.ptr + at);

		if (next == 0 || !is_first(lost, next))
			continue;
		ward_buf_clear(&lost->bytes);
		ward_buf_add(&lost->bytes, free_bytes.ptr + from, at - from);
		add_chain(lost, next);
		err = take(lost, number);
		from = at + 4;
		at = from - 1;
	}
	if (err)
		return err;
	ward_buf_clear(&lost->bytes);
	ward_buf_add(&lost->bytes, free_bytes.ptr + from, free_bytes.len - from);
	return take(lost, number);
}

static ward_err take_page(struct lost *lost, uint32_t number)
{
	ward_bytes page = sqlite_page(lost->db, number);
	struct sqlite_head head;

	if (page.len == 0 || !sqlite_read_head(page, number == 1 ? 100 : 0, &head) ||
			(head.type != TABLE_LEAF && head.type != INDEX_LEAF))
		return WARD_OK;
	size_t from = head.list + 2 * head.cells, to = head.content;
	ward_err err = WARD_OK;

	if (to > page.len)
		to = page.len;
	if (from < to)
		err = take_free(lost, number, (ward_bytes){ page.ptr + from, to - from });
	/* Free blocks stand in the order of their places: so a circle ends. */
	for (size_t at = head.free, before = 0; !err && at > before && at + 4 <= page.len;) {
		size_t len = (size_t)page.ptr[at + 2] << 8 | page.ptr[at + 3];

		if (len >= 4 && len <= page.len - at)
			err = take_free(lost, number, (ward_bytes){ page.ptr + at + 4, len - 4 });
		before = at + len;
		at = (size_t)page.ptr[at] << 8 | page.ptr[at + 1];
	}
	return err;
}

/* Chains that a page of rows leads to come first, for it has their beginning. */
static ward_err take_all(struct lost *lost)
{
	struct sqlite_file *db = lost->db;
	ward_err err = WARD_OK;

	for (uint32_t number = 1; number <= db->pages && !err; number++)
		err = take_page(lost, number);
	for (int in_circles = 0; in_circles < 2; in_circles++) {
		for (uint32_t number = 2; number <= db->pages && !err; number++) {
			if (!is_there(db, number) || (!in_circles && !is_first(lost, number)))
				continue;
			ward_buf_clear(&lost->bytes);
			add_chain(lost, number);
			err = take(lost, number);
		}
	}
	return err;
}

ward_err sqlite_walk_lost(struct sqlite_file *db, sqlite_take_lost *take_lost, void *context)
{
	struct lost lost = { .db = db, .take = take_lost, .context = context };
	ward_err err = WARD_E_NOMEM;

	ward_buf_init(&lost.bytes, SIZE_MAX);
	lost.followed = calloc((size_t)db->pages / 8 + 1, 1);
	if (lost.followed) {
		pass_list(db);
		mark_followed(&lost);
		err = take_all(&lost);
	}
	free(lost.followed);
	ward_buf_free(&lost.bytes);
	return err;
}

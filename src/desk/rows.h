/*
 * rows.h - what the desk's files share in speaking to the store
 *
 * Rows become an array in an arena, read by one function for a row; words of a
 * fixed set become numbers; and what was done becomes a row of the audit.
 */
#ifndef DESK_ROWS_H
#define DESK_ROWS_H

#include "desk/desk.h"

struct desk_array {
	struct ward_arena *arena;
	size_t size; /* of an element */
	size_t max;
	void *at;
	size_t count;
	size_t room;
};

struct desk_reading {
	struct store_rows *rows;
	struct ward_arena *arena;
	bool full; /* the arena has no room */
};

/* A column as text in the arena; "" for NULL. */
ward_str desk_row_text(struct desk_reading *reading, unsigned column);

typedef ward_err desk_row_reader(struct desk_reading *reading, void *row);

/* Appends what the query gives; behind `max` rows it stops. */
ward_err desk_rows_read(struct store_tx *tx, const char *sql, struct store_values values,
		struct desk_array *array, desk_row_reader *read,
		struct ward_error *error) WARD_MUST_USE;

/* One row; NOT_FOUND with `missing` as its sentence. */
ward_err desk_row_read(struct store_tx *tx, const char *sql, struct store_values values,
		struct ward_arena *arena, desk_row_reader *read, void *row, const char *missing,
		struct ward_error *error) WARD_MUST_USE;

/* One number; 0 when there is no row. */
ward_err desk_number(struct store_tx *tx, const char *sql, struct store_values values,
		int64_t *number, struct ward_error *error) WARD_MUST_USE;

/* Which of the words it is. */
bool desk_word_find(const char *const *words, size_t count, ward_str text,
		size_t *index) WARD_MUST_USE;
/* A short word as an id: a small letter or digit, then those and "._-", below DESK_NAME_MAX. */
bool desk_is_name(ward_str text);
/* Cut to the room, and ended. */
void desk_copy(char *to, size_t room, ward_str text);
/* Words of a person: UTF-8, not longer than we keep.  ARGUMENT with `what` in the sentence. */
ward_err desk_words_check(ward_str words, const char *what, bool needed,
		struct ward_error *error) WARD_MUST_USE;

/* `noun`:`id` is the object; `reason` are a person's words; `detail` is JSON or "". */
ward_err desk_audit(struct store_tx *tx, const struct desk_actor *actor, const char *action,
		const char *noun, ward_str id, ward_str reason, ward_str detail,
		struct ward_error *error) WARD_MUST_USE;

#endif

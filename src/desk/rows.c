#include "desk/rows.h"

#include <stdio.h>
#include <string.h>

#include "audit/audit.h"

ward_str desk_row_text(struct desk_reading *reading, unsigned column)
{
	ward_str kept = ward_arena_str(reading->arena, store_get_text(reading->rows, column));

	if (!kept.ptr) {
		reading->full = true;
		return WARD_STR("");
	}
	return kept;
}

static ward_err no_room(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "that many rows do not fit; ask for fewer");
}

/* Room for one element more: arenas do not grow in place, so the array moves, doubling. */
static void *next_element(struct desk_array *array)
{
	if (array->count == array->room) {
		size_t room = array->room ? array->room * 2 : 16;
		void *bigger = ward_arena_alloc(array->arena, room, array->size);

		if (!bigger)
			return NULL;
		if (array->count > 0)
			memcpy(bigger, array->at, array->count * array->size);
		array->at = bigger;
		array->room = room;
	}
	return (char *)array->at + array->count++ * array->size;
}

/* Readers say that a row is not as it should be, and no more. */
static ward_err take_row(struct desk_reading *reading, desk_row_reader *read, void *row,
		struct ward_error *error)
{
	ward_err err = read(reading, row);

	return err ? ward_fail(error, WARD_E_CORRUPT,
				     "the store has a row that is not as it should be")
		   : WARD_OK;
}

ward_err desk_rows_read(struct store_tx *tx, const char *sql, struct store_values values,
		struct desk_array *array, desk_row_reader *read, struct ward_error *error)
{
	struct desk_reading reading = { .arena = array->arena };
	ward_err err = store_query(tx, sql, values, &reading.rows, error);

	if (err)
		return err;
	while (!err && array->count < array->max && store_next(reading.rows)) {
		void *row = next_element(array);

		err = row ? take_row(&reading, read, row, error) : no_room(error);
		if (!err && reading.full)
			err = no_room(error);
	}
	ward_err end = store_rows_end(reading.rows, err ? NULL : error);

	return err ? err : end;
}

ward_err desk_row_read(struct store_tx *tx, const char *sql, struct store_values values,
		struct ward_arena *arena, desk_row_reader *read, void *row, const char *missing,
		struct ward_error *error)
{
	struct desk_reading reading = { .arena = arena };
	ward_err err = store_one(tx, sql, values, &reading.rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "%s", missing);
	if (err)
		return err;
	err = take_row(&reading, read, row, error);
	if (!err && reading.full)
		err = no_room(error);
	ward_err end = store_rows_end(reading.rows, err ? NULL : error);

	return err ? err : end;
}

ward_err desk_number(struct store_tx *tx, const char *sql, struct store_values values,
		int64_t *number, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, sql, values, &rows, error);

	if (err == WARD_E_NOT_FOUND) {
		*number = 0;
		return WARD_OK;
	}
	if (err)
		return err;
	*number = store_get_int(rows, 0);
	return store_rows_end(rows, error);
}

bool desk_word_find(const char *const *words, size_t count, ward_str text, size_t *index)
{
	for (size_t i = 0; i < count; i++) {
		if (ward_str_eq(text, ward_str_from(words[i]))) {
			*index = i;
			return true;
		}
	}
	return false;
}

bool desk_is_name(ward_str text)
{
	if (text.len == 0 || text.len >= DESK_NAME_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!plain && (i == 0 || (c != '.' && c != '_' && c != '-')))
			return false;
	}
	return true;
}

void desk_copy(char *to, size_t room, ward_str text)
{
	size_t len = text.len < room ? text.len : room - 1;

	if (len > 0)
		memcpy(to, text.ptr, len);
	to[len] = '\0';
}

ward_err desk_words_check(ward_str words, const char *what, bool needed, struct ward_error *error)
{
	if (needed && ward_str_trim(words).len == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "%s is needed", what);
	if (words.len > DESK_WORDS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "%s has at most %d bytes", what,
				DESK_WORDS_MAX);
	if (!ward_utf8_valid(words) || (words.len > 0 && memchr(words.ptr, '\0', words.len)))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is not text in UTF-8", what);
	return WARD_OK;
}

ward_err desk_audit(struct store_tx *tx, const struct desk_actor *actor, const char *action,
		const char *noun, ward_str id, ward_str reason, ward_str detail,
		struct ward_error *error)
{
	char object[DESK_NAME_MAX * 2 + 8], who[DESK_NAME_MAX + 16];

	(void)snprintf(object, sizeof(object), "%s:%.*s", noun, WARD_FMT(id));
	(void)snprintf(who, sizeof(who), actor->role.len > 0 ? "person:%.*s" : "%.*s",
			WARD_FMT(actor->person));
	return audit_add(tx,
			&(struct audit_entry){
					.actor = ward_str_from(who),
					.role = actor->role,
					.action = ward_str_from(action),
					.object = ward_str_from(object),
					.reason = reason,
					.detail = detail,
			},
			error);
}

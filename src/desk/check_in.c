#include "desk/check_in.h"

#include <sodium.h>

#include "base/clock.h"
#include "desk/rows.h"

_Static_assert(CHECK_IN_KEY == crypto_box_PUBLICKEYBYTES, "the key of a sealed box");
_Static_assert(CHECK_IN_KEY == crypto_box_SECRETKEYBYTES, "the key of a sealed box");

/* 1970-01-01 was a Thursday. */
#define MONDAY_BEFORE_S ((int64_t)3 * 86400)

int64_t check_in_week(int64_t now)
{
	int64_t since = now + MONDAY_BEFORE_S;

	return since >= 0 ? since / CHECK_IN_WEEK_S
			  : -((-since + CHECK_IN_WEEK_S - 1) / CHECK_IN_WEEK_S);
}

ward_err check_in_add(struct store_tx *tx, ward_str person, const uint8_t public_key[CHECK_IN_KEY],
		ward_str answers, char id[ID_TEXT_MAX], struct ward_error *error)
{
	uint8_t sealed[CHECK_IN_BYTES_MAX + crypto_box_SEALBYTES];
	int64_t now = clock_now();

	if (answers.len == 0 || answers.len > CHECK_IN_BYTES_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "the answers are 1 to %d bytes",
				CHECK_IN_BYTES_MAX);
	if (sodium_init() < 0 || crypto_box_seal(sealed, (const uint8_t *)answers.ptr, answers.len,
						 public_key) != 0)
		return ward_fail(error, WARD_E_ARGUMENT, "nothing can be sealed with this key");
	id_new(id);
	return store_run(tx,
			"INSERT INTO exposure_check_ins (id, person, at, week, sealed) "
			"VALUES ($1, $2, $3, $4, $5)",
			STORE_VALUES(store_string(id), store_text(person), store_int(now),
					store_int(check_in_week(now)),
					store_blob((ward_bytes){ sealed,
							answers.len + crypto_box_SEALBYTES })),
			NULL, error);
}

static ward_err read_check_in(struct desk_reading *reading, void *row)
{
	ward_bytes sealed = store_get_blob(reading->rows, 2);
	uint8_t *copy = ward_arena_alloc(reading->arena, sealed.len + 1, 1);
	struct check_in *one = row;

	if (!copy) {
		reading->full = true;
		return WARD_OK;
	}
	if (sealed.len > 0)
		memcpy(copy, sealed.ptr, sealed.len);
	*one = (struct check_in){
		.id = desk_row_text(reading, 0),
		.at = store_get_int(reading->rows, 1),
		.sealed = { copy, sealed.len },
	};
	return WARD_OK;
}

ward_err check_in_list(struct store_tx *tx, ward_str person, unsigned rows_max,
		struct ward_arena *arena, struct check_ins *list, struct ward_error *error)
{
	struct desk_array array = { .arena = arena,
		.size = sizeof(struct check_in),
		.max = rows_max };
	ward_err err = desk_rows_read(tx,
			"SELECT id, at, sealed FROM exposure_check_ins WHERE person = $1 "
			"ORDER BY at DESC, id DESC LIMIT $2",
			STORE_VALUES(store_text(person), store_int(rows_max)), &array,
			read_check_in, error);

	if (!err)
		*list = (struct check_ins){ (struct check_in *)array.at, array.count };
	return err;
}

ward_err check_in_open(ward_bytes sealed, const uint8_t public_key[CHECK_IN_KEY],
		const uint8_t secret_key[CHECK_IN_KEY], struct ward_buf *answers,
		struct ward_error *error)
{
	uint8_t opened[CHECK_IN_BYTES_MAX];
	bool fits = sealed.len > crypto_box_SEALBYTES &&
		    sealed.len <= sizeof(opened) + crypto_box_SEALBYTES;

	if (sodium_init() < 0 || !fits ||
			crypto_box_seal_open(opened, sealed.ptr, sealed.len, public_key,
					secret_key) != 0)
		return ward_fail(error, WARD_E_DENIED, "this key does not open it");
	ward_buf_add(answers, opened, sealed.len - crypto_box_SEALBYTES);
	sodium_memzero(opened, sizeof(opened));
	return answers->failed ? ward_fail(error, WARD_E_NOMEM, "no room for the answers")
			       : WARD_OK;
}

ward_err check_in_remove(struct store_tx *tx, ward_str person, ward_str id,
		struct ward_error *error)
{
	uint64_t changed = 0;
	ward_err err = store_run(tx, "DELETE FROM exposure_check_ins WHERE id = $1 AND person = $2",
			STORE_VALUES(store_text(id), store_text(person)), &changed, error);

	if (!err && changed == 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "there is no such check-in of yours");
	return err;
}

ward_err check_in_count(struct store_tx *tx, int64_t week, bool *told, int64_t *people,
		struct ward_error *error)
{
	int64_t count = 0;
	ward_err err = desk_number(tx,
			"SELECT COUNT(DISTINCT person) FROM exposure_check_ins WHERE week = $1",
			STORE_VALUES(store_int(week)), &count, error);

	if (err)
		return err;
	*told = count >= CHECK_IN_PEOPLE_LEAST && week < check_in_week(clock_now());
	*people = *told ? count : 0;
	return WARD_OK;
}

ward_err check_in_due(struct store_tx *tx, ward_str person, bool *due, struct ward_error *error)
{
	int64_t count = 0;
	ward_err err = desk_number(tx,
			"SELECT COUNT(*) FROM exposure_check_ins WHERE person = $1 AND week = $2",
			STORE_VALUES(store_text(person), store_int(check_in_week(clock_now()))),
			&count, error);

	if (!err)
		*due = count == 0;
	return err;
}

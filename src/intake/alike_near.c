/*
 * Searching is rare and looks at everything: a page at a time of an index that
 * holds nothing but hashes and ids, so that what is searched for need not be
 * kept in pieces for good (alike.c), which costs ten times the room.
 */
#include "intake/alike.h"

enum { A_PAGE = 10000 };

struct search {
	ward_pdq pdq;
	struct {
		int distance;
		char item[ID_TEXT_MAX];
	} at[ALIKE_NEAR_MAX];
	size_t count;
	uint8_t after[ALIKE_PDQ_SIZE]; /* the last one that was looked at */
	char after_item[ID_TEXT_MAX];
};

/* Puts it into its place, and the farthest out when there are too many. */
static void keep(struct search *search, int distance, ward_str item)
{
	size_t place = search->count;

	while (place > 0 && (search->at[place - 1].distance > distance ||
					    (search->at[place - 1].distance == distance &&
							    strcmp(search->at[place - 1].item,
									    item.ptr) > 0)))
		place--;
	if (place == ALIKE_NEAR_MAX)
		return;
	if (search->count < ALIKE_NEAR_MAX)
		search->count++;
	memmove(&search->at[place + 1], &search->at[place],
			(search->count - place - 1) * sizeof(search->at[0]));
	search->at[place].distance = distance;
	snprintf(search->at[place].item, ID_TEXT_MAX, "%.*s", WARD_FMT(item));
}

static void look_at(struct search *search, const struct store_rows *rows)
{
	ward_bytes bytes = store_get_blob(rows, 0);
	ward_signal other = { .kind = WARD_SIGNAL_PDQ };

	snprintf(search->after_item, sizeof(search->after_item), "%.*s",
			WARD_FMT(store_get_text(rows, 1)));
	if (bytes.len != ALIKE_PDQ_SIZE)
		return;
	memcpy(search->after, bytes.ptr, bytes.len);
	memcpy(other.bytes, bytes.ptr, bytes.len);
	int distance = ward_pdq_distance(search->pdq, ward_pdq_from_signal(&other));

	if (distance <= ALIKE_DISTANCE)
		keep(search, distance, ward_str_from(search->after_item));
}

static ward_err look_on(struct store_tx *tx, struct search *search, size_t *looked,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT pdq, id FROM intake_items WHERE pdq IS NOT NULL AND "
			"(pdq, id) > ($1, $2) ORDER BY pdq, id LIMIT $3",
			STORE_VALUES(store_blob((ward_bytes){ search->after, ALIKE_PDQ_SIZE }),
					store_string(search->after_item), store_int(A_PAGE)),
			&rows, error);

	*looked = 0;
	while (!err && store_next(rows)) {
		look_at(search, rows);
		++*looked;
	}
	return err ? err : store_rows_end(rows, error);
}

static ward_err copy_found(const struct search *search, struct ward_arena *arena,
		struct alike_near_list *list, struct ward_error *error)
{
	struct alike_near *at = ward_new(arena, struct alike_near, search->count + 1);

	for (size_t i = 0; at && i < search->count; i++) {
		at[i].distance = search->at[i].distance;
		at[i].item = ward_arena_str(arena, ward_str_from(search->at[i].item));
		if (!at[i].item.ptr)
			at = NULL;
	}
	if (!at)
		return ward_fail(error, WARD_E_NOMEM, "what was found does not fit");
	*list = (struct alike_near_list){ at, search->count };
	return WARD_OK;
}

ward_err alike_near(struct store_tx *tx, ward_pdq pdq, struct ward_arena *arena,
		struct alike_near_list *list, struct ward_error *error)
{
	struct search *search = ward_new(arena, struct search, 1);
	size_t looked = A_PAGE;
	ward_err err = WARD_OK;

	if (!search)
		return ward_fail(error, WARD_E_NOMEM, "what was found does not fit");
	*search = (struct search){ .pdq = pdq };
	while (!err && looked == A_PAGE)
		err = look_on(tx, search, &looked, error);
	return err ? err : copy_found(search, arena, list, error);
}

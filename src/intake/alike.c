/*
 * Near pictures: a hash of 256 bits is cut into 16 pieces of 16 bits.  Of two
 * that differ in at most 31 bits one piece differs in at most one, for 16
 * pieces with two each would be 32.  So a picture is kept under its 16 pieces,
 * and looked for under those and the 16 neighbours of each: 272 keys, in four
 * statements, for a statement takes at most 100 values.  Of random hashes
 * 272 in 65536 of those kept come back, to be compared in full: 0.4 %.
 */
#include "intake/alike.h"

enum { PIECES = 16, PIECE_BITS = 16, KEYS = PIECE_BITS + 1, A_TIME = 4, VALUES = A_TIME * KEYS };

/* What a flood of pictures that share a piece may cost. */
enum { CANDIDATES_MAX = 20000 };

static int64_t piece_of(ward_pdq hash, unsigned place, uint16_t change)
{
	uint16_t bits = (uint16_t)(hash.word[place / 4] >> place % 4 * PIECE_BITS);

	return (int64_t)place << PIECE_BITS | (bits ^ change);
}

static bool is_compared(const struct alike_item *item)
{
	return item->has_pdq && item->pdq_quality >= WARD_PDQ_QUALITY_MIN &&
	       !ward_pdq_is_degenerate(item->pdq);
}

static ward_bytes digest_of(const uint8_t *bytes)
{
	return (ward_bytes){ bytes, 32 };
}

/* ---- the same ---- */

static ward_err find_same(struct store_tx *tx, const char *sql, const uint8_t *key, const char *how,
		struct alike *alike, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err;

	if (!key || alike->how[0])
		return WARD_OK;
	err = store_query(tx, sql, STORE_VALUES(store_blob(digest_of(key))), &rows, error);
	if (err)
		return err;
	if (store_next(rows)) {
		ward_str first = store_get_text(rows, 0);

		snprintf(alike->first, sizeof(alike->first), "%.*s", WARD_FMT(first));
		alike->how = how;
	}
	return store_rows_end(rows, error);
}

/* ---- near ---- */

struct nearest {
	int distance;
	char item[ID_TEXT_MAX], first[ID_TEXT_MAX];
};

static void probe_sql(char sql[800])
{
	size_t len = (size_t)snprintf(sql, 800,
			"SELECT i.id, i.pdq, i.first FROM intake_pieces p JOIN intake_items i "
			"ON i.id = p.item WHERE p.piece IN (");

	for (unsigned i = 1; i <= VALUES; i++)
		len += (size_t)snprintf(sql + len, 800 - len, i > 1 ? ", $%u" : "$%u", i);
	snprintf(sql + len, 800 - len, ") LIMIT %d", CANDIDATES_MAX);
}

static void compare(const struct store_rows *rows, ward_pdq hash, struct nearest *nearest)
{
	ward_bytes bytes = store_get_blob(rows, 1);
	ward_str id = store_get_text(rows, 0), first = store_get_text(rows, 2);
	ward_signal other = { .kind = WARD_SIGNAL_PDQ };

	if (bytes.len != ALIKE_PDQ_SIZE)
		return;
	memcpy(other.bytes, bytes.ptr, bytes.len);
	int distance = ward_pdq_distance(hash, ward_pdq_from_signal(&other));
	/* The older one of two: ids sort by age. */
	bool better = distance < nearest->distance ||
		      (distance == nearest->distance &&
				      ward_str_cmp(id, ward_str_from(nearest->item)) < 0);

	if (better && distance <= ALIKE_DISTANCE) {
		nearest->distance = distance;
		snprintf(nearest->item, sizeof(nearest->item), "%.*s", WARD_FMT(id));
		snprintf(nearest->first, sizeof(nearest->first), "%.*s", WARD_FMT(first));
	}
}

static ward_err probe(struct store_tx *tx, ward_pdq hash, unsigned place, struct nearest *nearest,
		struct ward_error *error)
{
	struct store_value values[VALUES];
	struct store_rows *rows;
	char sql[800];

	for (unsigned i = 0; i < VALUES; i++) {
		unsigned bit = i % KEYS;

		values[i] = store_int(piece_of(hash, place + i / KEYS,
				(uint16_t)(bit < PIECE_BITS ? 1u << bit : 0)));
	}
	probe_sql(sql);
	ward_err err = store_query(tx, sql, (struct store_values){ values, VALUES }, &rows, error);

	if (err)
		return err;
	while (store_next(rows))
		compare(rows, hash, nearest);
	return store_rows_end(rows, error);
}

static ward_err find_near(struct store_tx *tx, const struct alike_item *item, struct alike *alike,
		struct ward_error *error)
{
	struct nearest nearest = { .distance = ALIKE_DISTANCE + 1 };
	ward_err err = WARD_OK;

	if (!is_compared(item))
		return WARD_OK;
	for (unsigned place = 0; !err && place < PIECES; place += A_TIME)
		err = probe(tx, item->pdq, place, &nearest, error);
	alike->apart = nearest.item[0] == '\0';
	if (!err && !alike->apart && !alike->how[0]) {
		memcpy(alike->first, nearest.first, sizeof(alike->first));
		alike->how = "near";
	}
	return err;
}

/* ---- all of it ---- */

ward_err alike_find(struct store_tx *tx, const struct alike_item *item, struct alike *alike,
		struct ward_error *error)
{
	struct alike found = { .how = "" };
	ward_err err = find_same(tx,
			"SELECT first FROM intake_items WHERE sha256 = $1 ORDER BY id LIMIT 1",
			item->sha256, "digest", &found, error);

	if (!err)
		err = find_same(tx,
				"SELECT first FROM intake_items WHERE form_key = $1 ORDER BY id "
				"LIMIT 1",
				item->form_key, "form", &found, error);
	if (!err)
		err = find_near(tx, item, &found, error);
	if (err)
		return err;
	if (!found.how[0])
		snprintf(found.first, sizeof(found.first), "%.*s", WARD_FMT(item->id));
	*alike = found;
	return WARD_OK;
}

ward_err alike_keep(struct store_tx *tx, const struct alike_item *item, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (unsigned place = 0; !err && place < PIECES; place++)
		err = store_run(tx, "INSERT INTO intake_pieces (piece, item) VALUES ($1, $2)",
				STORE_VALUES(store_int(piece_of(item->pdq, place, 0)),
						store_text(item->id)),
				NULL, error);
	return err;
}

ward_err alike_forget(struct store_tx *tx, ward_str item, struct ward_error *error)
{
	return store_run(tx, "DELETE FROM intake_pieces WHERE item = $1",
			STORE_VALUES(store_text(item)), NULL, error);
}

/*
 * Near pictures: a hash of 256 bits is cut into 16 pieces of 16 bits.  Of two
 * that differ in at most 31 bits one piece differs in at most one, for 16
 * pieces with two each would be 32.  So a picture is kept under its 16 pieces,
 * and looked for under those and the 16 neighbours of each: 272 keys, in one
 * statement.  Of random hashes 272 in 65536 of those kept come back, to be
 * compared in full: 0.4 %.
 */
#include "intake/alike.h"

enum { PIECES = 16, PIECE_BITS = 16, KEYS = PIECE_BITS + 1, VALUES = PIECES * KEYS };

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
	int64_t number;
	char first[ID_TEXT_MAX];
};

enum { PROBE_ROOM = 2000, KEEP_ROOM = 400 };

static void probe_sql(char sql[PROBE_ROOM])
{
	size_t len = (size_t)snprintf(sql, PROBE_ROOM,
			"SELECT i.number, i.pdq, i.first FROM intake_pieces p JOIN intake_pictures "
			"i ON i.number = p.picture WHERE p.piece IN (");

	for (unsigned i = 1; i <= VALUES; i++)
		len += (size_t)snprintf(sql + len, PROBE_ROOM - len, i > 1 ? ", $%u" : "$%u", i);
	snprintf(sql + len, PROBE_ROOM - len, ") LIMIT %d", CANDIDATES_MAX);
}

static void compare(const struct store_rows *rows, ward_pdq hash, struct nearest *nearest)
{
	ward_bytes bytes = store_get_blob(rows, 1);
	ward_str first = store_get_text(rows, 2);
	int64_t number = store_get_int(rows, 0);
	ward_signal other = { .kind = WARD_SIGNAL_PDQ };

	if (bytes.len != ALIKE_PDQ_SIZE)
		return;
	memcpy(other.bytes, bytes.ptr, bytes.len);
	int distance = ward_pdq_distance(hash, ward_pdq_from_signal(&other));
	/* The older one of two. */
	bool better = distance < nearest->distance ||
		      (distance == nearest->distance && number < nearest->number);

	if (better && distance <= ALIKE_DISTANCE) {
		nearest->distance = distance;
		nearest->number = number;
		snprintf(nearest->first, sizeof(nearest->first), "%.*s", WARD_FMT(first));
	}
}

static ward_err probe(struct store_tx *tx, ward_pdq hash, struct nearest *nearest,
		struct ward_error *error)
{
	struct store_value values[VALUES];
	struct store_rows *rows;
	char sql[PROBE_ROOM];

	for (unsigned i = 0; i < VALUES; i++) {
		unsigned bit = i % KEYS;

		values[i] = store_int(piece_of(hash, i / KEYS,
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

	if (!is_compared(item))
		return WARD_OK;
	ward_err err = probe(tx, item->pdq, &nearest, error);

	alike->apart = nearest.first[0] == '\0';
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

/* 41 bits of milliseconds, which do until 2039, and go on from 0 then; and 22 of chance. */
static int64_t draw_number(ward_str id)
{
	uint8_t bytes[6] = { 0 };
	char digits[12];
	uint32_t chance;
	uint64_t ms = 0;

	/* An id begins with its time: "0190c0de-0000-7...". */
	if (id.len > 13) {
		memcpy(digits, id.ptr, 8);
		memcpy(digits + 8, id.ptr + 9, 4);
		if (!ward_hex_parse((ward_str){ digits, sizeof(digits) }, bytes, sizeof(bytes)))
			memset(bytes, 0, sizeof(bytes));
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		ms = ms << 8 | bytes[i];
	id_random(&chance, sizeof(chance));
	return (int64_t)((ms & 0x1ffffffffff) << 22 | (chance & 0x3fffff));
}

/* Two of one millisecond that drew the same chance: one of them draws again. */
static ward_err keep_picture(struct store_tx *tx, const struct alike_item *item, ward_str first,
		int64_t *number, struct ward_error *error)
{
	ward_signal pdq = ward_pdq_signal(item->pdq);
	uint64_t changed = 0;
	ward_err err = WARD_OK;

	while (!err && changed == 0) {
		*number = draw_number(item->id);
		err = store_run(tx,
				"INSERT INTO intake_pictures (number, item, first, pdq) VALUES "
				"($1, "
				"$2, $3, $4) ON CONFLICT (number) DO NOTHING",
				STORE_VALUES(store_int(*number), store_text(item->id),
						store_text(first),
						store_blob((ward_bytes){ pdq.bytes,
								ALIKE_PDQ_SIZE })),
				&changed, error);
	}
	return err;
}

ward_err alike_keep(struct store_tx *tx, const struct alike_item *item, ward_str first,
		struct ward_error *error)
{
	struct store_value values[PIECES + 1];
	int64_t number;
	char sql[KEEP_ROOM];
	ward_err err = keep_picture(tx, item, first, &number, error);

	if (err)
		return err;
	size_t len = (size_t)snprintf(sql, KEEP_ROOM,
			"INSERT INTO intake_pieces (picture, piece) VALUES");

	values[0] = store_int(number);
	for (unsigned place = 0; place < PIECES; place++) {
		values[place + 1] = store_int(piece_of(item->pdq, place, 0));
		len += (size_t)snprintf(sql + len, KEEP_ROOM - len, "%s ($1, $%u)",
				place > 0 ? "," : "", place + 2);
	}
	return store_send(tx, sql, (struct store_values){ values, PIECES + 1 }, error);
}

/* The condition names an item, or several. */
static ward_err forget(struct store_tx *tx, const char *which, ward_str id,
		struct ward_error *error)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
			"DELETE FROM intake_pieces WHERE picture IN (SELECT number FROM "
			"intake_pictures WHERE item %s)",
			which);
	ward_err err = store_run(tx, sql, STORE_VALUES(store_text(id)), NULL, error);

	snprintf(sql, sizeof(sql), "DELETE FROM intake_pictures WHERE item %s", which);
	return err ? err : store_run(tx, sql, STORE_VALUES(store_text(id)), NULL, error);
}

ward_err alike_forget(struct store_tx *tx, ward_str item, struct ward_error *error)
{
	return forget(tx, "= $1", item, error);
}

ward_err alike_forget_hashes(struct store_tx *tx, ward_str report, struct ward_error *error)
{
	return forget(tx, "IN (SELECT id FROM intake_items WHERE report = $1 AND payload IS NULL)",
			report, error);
}

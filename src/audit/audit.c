/*
 * The digest of a row is SHA-256 over
 *
 *     "ward.audit.1" NUL
 *     number and time, each 8 bytes, the low one first
 *     actor, role, action, object, digest, reason, detail:
 *         each its length in 4 bytes, the low one first, and its bytes
 *     the digest of the row before, 32 bytes; zeroes in the first row
 *
 * A length before each field makes two different rows two different texts:
 * what is taken from the end of one field cannot be the beginning of the next.
 */
#include "audit/audit.h"

#include <inttypes.h>
#include <sodium.h>

#include "audit/row.h"
#include "base/clock.h"

/* ---- the digest ---- */

static uint8_t *put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

static void give_text(audit_row_sink *sink, void *context, ward_str text)
{
	uint8_t length[4];

	put(length, text.len, 4);
	sink(context, length, sizeof(length));
	sink(context, text.ptr, text.len);
}

void audit_row_give(const struct audit_row *row, audit_row_sink *sink, void *context)
{
	static const char word[] = "ward.audit.1";
	const struct audit_entry *entry = &row->entry;
	uint8_t head[sizeof(word) + 16];

	memcpy(head, word, sizeof(word));
	put(put(head + sizeof(word), row->number, 8), (uint64_t)row->at, 8);
	sink(context, head, sizeof(head));
	give_text(sink, context, entry->actor);
	give_text(sink, context, entry->role);
	give_text(sink, context, entry->action);
	give_text(sink, context, entry->object);
	give_text(sink, context, entry->digest);
	give_text(sink, context, entry->reason);
	give_text(sink, context, entry->detail);
	sink(context, row->previous, sizeof(row->previous));
}

static void take_bytes(void *context, const void *bytes, size_t len)
{
	crypto_hash_sha256_update(context, bytes, len);
}

void audit_digest(const struct audit_row *row, uint8_t digest[32])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	audit_row_give(row, take_bytes, &state);
	crypto_hash_sha256_final(&state, digest);
}

/* ---- adding ---- */

static ward_err check_text(ward_str text, size_t len_max, const char *name,
		struct ward_error *error)
{
	if (text.len > len_max)
		return ward_fail(error, WARD_E_ARGUMENT,
				"the %s of a row of the audit log has at most %zu bytes", name,
				len_max);
	/* A NUL is good UTF-8, and no text to a server. */
	if (!ward_utf8_valid(text) || (text.len > 0 && memchr(text.ptr, '\0', text.len)))
		return ward_fail(error, WARD_E_ARGUMENT,
				"the %s of a row of the audit log is not UTF-8 text", name);
	return WARD_OK;
}

static ward_err check_entry(const struct audit_entry *entry, struct ward_error *error)
{
	const struct {
		ward_str text;
		size_t len_max;
		const char *name;
	} fields[] = {
		{ entry->actor, AUDIT_WORD_MAX, "actor" },
		{ entry->role, AUDIT_WORD_MAX, "role" },
		{ entry->action, AUDIT_WORD_MAX, "action" },
		{ entry->object, AUDIT_WORD_MAX, "object" },
		{ entry->digest, AUDIT_WORD_MAX, "digest" },
		{ entry->reason, AUDIT_REASON_MAX, "reason" },
		{ entry->detail, AUDIT_DETAIL_MAX, "detail" },
	};
	ward_err err = WARD_OK;

	if (entry->actor.len == 0 || entry->action.len == 0)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a row of the audit log says who did what: it needs an actor and "
				"an action");
	for (size_t i = 0; !err && i < sizeof(fields) / sizeof(*fields); i++)
		err = check_text(fields[i].text, fields[i].len_max, fields[i].name, error);
	return err;
}

/* The next number.  Works stand in line on every engine, so nobody else reads the same head. */
static ward_err take_head(struct store_tx *tx, struct audit_row *row, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT number + 1, digest FROM audit_head WHERE one = 1",
			STORE_NO_VALUES, &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_CORRUPT,
				"the audit log has lost its end; \"ward audit verify\" tells more");
	if (err)
		return err;
	ward_bytes previous = store_get_blob(rows, 1);

	row->number = (uint64_t)store_get_int(rows, 0);
	memset(row->previous, 0, sizeof(row->previous));
	bool good = row->number >= 1 && (row->number == 1 ? previous.len == 0 : previous.len == 32);

	if (good && previous.len == 32)
		memcpy(row->previous, previous.ptr, 32);
	err = store_rows_end(rows, error);
	if (!err && !good)
		err = ward_fail(error, WARD_E_CORRUPT,
				"the end of the audit log makes no sense; \"ward audit verify\" "
				"tells more");
	return err;
}

static ward_bytes digest_bytes(const uint8_t digest[32])
{
	return (ward_bytes){ digest, 32 };
}

ward_err audit_add(struct store_tx *tx, const struct audit_entry *entry, struct ward_error *error)
{
	struct audit_row row = { .entry = *entry, .at = clock_now() };
	ward_err err = check_entry(entry, error);

	if (!err)
		err = take_head(tx, &row, error);
	if (err)
		return err;
	audit_digest(&row, row.self);
	err = store_send(tx,
			"INSERT INTO audit_rows (number, at, actor, role, action, object, digest, "
			"reason, detail, previous, self) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
			STORE_VALUES(store_int((int64_t)row.number), store_int(row.at),
					store_text(entry->actor), store_text(entry->role),
					store_text(entry->action), store_text(entry->object),
					store_text(entry->digest), store_text(entry->reason),
					store_text(entry->detail),
					store_blob(digest_bytes(row.previous)),
					store_blob(digest_bytes(row.self))),
			error);
	return err ? err
		   : store_send(tx, "UPDATE audit_head SET number = $1, digest = $2 WHERE one = 1",
				     STORE_VALUES(store_int((int64_t)row.number),
						     store_blob(digest_bytes(row.self))),
				     error);
}

/* ---- a row as the store has it ---- */

static bool read_digest(const struct store_rows *rows, unsigned column, uint8_t digest[32])
{
	ward_bytes bytes = store_get_blob(rows, column);

	memset(digest, 0, 32);
	if (bytes.len != 32)
		return false;
	memcpy(digest, bytes.ptr, 32);
	return true;
}

bool audit_row_take(const struct store_rows *rows, struct audit_row *row)
{
	row->number = (uint64_t)store_get_int(rows, 0);
	row->at = store_get_int(rows, 1);
	row->entry.actor = store_get_text(rows, 2);
	row->entry.role = store_get_text(rows, 3);
	row->entry.action = store_get_text(rows, 4);
	row->entry.object = store_get_text(rows, 5);
	row->entry.digest = store_get_text(rows, 6);
	row->entry.reason = store_get_text(rows, 7);
	row->entry.detail = store_get_text(rows, 8);
	bool previous = read_digest(rows, 9, row->previous);

	return read_digest(rows, 10, row->self) && previous;
}

/* ---- reading ---- */

struct condition {
	struct ward_buf sql;
	struct store_value values[8];
	size_t count;
};

static void where(struct condition *made, const char *test, struct store_value value)
{
	made->values[made->count++] = value;
	ward_buf_printf(&made->sql, "%s %s $%zu", made->count > 1 ? " AND" : " WHERE", test,
			made->count);
}

static void where_action(struct condition *made, ward_str action)
{
	char test[64] = "action =";

	/* All of a noun.  LIKE would do, were it not different in each engine. */
	if (ward_str_ends(action, WARD_STR(".")))
		snprintf(test, sizeof(test), "substr(action, 1, %zu) =", action.len);
	where(made, test, store_text(action));
}

static void make_sql(struct condition *made, const struct audit_question *question)
{
	ward_buf_str(&made->sql, WARD_STR("SELECT " AUDIT_ROW_COLUMNS " FROM audit_rows"));
	if (question->object.len > 0)
		where(made, "object =", store_text(question->object));
	if (question->actor.len > 0)
		where(made, "actor =", store_text(question->actor));
	if (question->action.len > 0)
		where_action(made, question->action);
	if (question->since != 0)
		where(made, "at >=", store_int(question->since));
	if (question->until != 0)
		where(made, "at <", store_int(question->until));
	if (question->before != 0)
		where(made, "number <",
				store_int(question->before > INT64_MAX
								? INT64_MAX
								: (int64_t)question->before));
	ward_buf_printf(&made->sql, " ORDER BY number DESC LIMIT %u", question->rows_max);
}

ward_err audit_read(struct store_tx *tx, const struct audit_question *question,
		bool (*each)(void *context, const struct audit_row *row), void *context,
		struct ward_error *error)
{
	struct condition made = { .count = 0 };
	struct store_rows *rows;
	struct audit_row row;

	ward_buf_init(&made.sql, 2048);
	make_sql(&made, question);
	ward_err err = made.sql.failed ? ward_fail(error, WARD_E_NOMEM, "out of memory")
				       : store_query(tx, ward_buf_text(&made.sql).ptr,
							 (struct store_values){ made.values,
									 made.count },
							 &rows, error);

	ward_buf_free(&made.sql);
	if (err)
		return err;
	while (store_next(rows)) {
		/* A digest of another length is verify's to tell; here it reads as zeroes. */
		(void)audit_row_take(rows, &row);
		if (!each(context, &row))
			break;
	}
	return store_rows_end(rows, error);
}

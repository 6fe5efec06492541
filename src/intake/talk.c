#include "intake/talk.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "intake/alike.h"
#include "intake/inner.h"

/* ---- a report by its receipt ---- */

struct found {
	char report[ID_TEXT_MAX];
	enum intake_state state;
	struct intake_receipt receipt;
};

static ward_err find(struct found *found, struct store_tx *tx, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT id, state FROM intake_reports WHERE receipt = $1",
			STORE_VALUES(store_blob((ward_bytes){ found->receipt.lookup, 32 })), &rows,
			error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no report with this receipt");
	if (err)
		return err;
	ward_str id = store_get_text(rows, 0);

	snprintf(found->report, sizeof(found->report), "%.*s", WARD_FMT(id));
	found->state = (enum intake_state)store_get_int(rows, 1);
	return store_rows_end(rows, error);
}

/* ---- reading ---- */

static bool take_words(const struct found *found, const struct store_rows *rows,
		struct ward_arena *arena, struct intake_words *words, bool *opened)
{
	ward_bytes sealed = store_get_blob(rows, 2);
	size_t len = sealed.len > INTAKE_RECEIPT_OVERHEAD ? sealed.len - INTAKE_RECEIPT_OVERHEAD
							  : 0;
	char *text = ward_new(arena, char, len + 1);

	words->at = store_get_int(rows, 0);
	words->by_reporter = store_get_int(rows, 1) != 0;
	words->text = (ward_str){ text, len };
	*opened = text && intake_receipt_unseal(&found->receipt, sealed, text);
	return text != NULL;
}

static ward_err read_words(const struct found *found, struct store_tx *tx, struct ward_arena *arena,
		struct intake_talk *talk, struct ward_error *error)
{
	bool room = true, opened = true;
	struct store_rows *rows;

	talk->at = ward_new(arena, struct intake_words, INTAKE_TALK_MAX);
	if (!talk->at)
		return ward_fail(error, WARD_E_NOMEM, "no memory for what was written");
	ward_err err = store_query(tx,
			"SELECT at, by_reporter, sealed FROM intake_words WHERE report = $1 AND "
			"sealed IS NOT NULL ORDER BY place",
			STORE_VALUES(store_string(found->report)), &rows, error);

	if (err)
		return err;
	while (room && opened && talk->count < INTAKE_TALK_MAX && store_next(rows)) {
		room = take_words(found, rows, arena, &talk->at[talk->count], &opened);
		talk->count++;
	}
	err = store_rows_end(rows, error);
	if (!err && !room)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for what was written");
	if (!err && !opened)
		err = ward_fail(error, WARD_E_CORRUPT,
				"what was written for this receipt is not as it was sealed");
	return err;
}

ward_err intake_talk(struct intake *intake, ward_str receipt, struct ward_arena *arena,
		struct intake_talk *talk, struct ward_error *error)
{
	struct intake_talk read = { .count = 0 };
	struct store_tx *tx = NULL;
	struct found found;
	ward_err err = intake_receipt_keys(receipt, intake->secret, &found.receipt, error);

	if (err)
		return err;
	err = store_read(intake->store, &tx, error);
	if (!err)
		err = find(&found, tx, error);
	if (!err)
		err = read_words(&found, tx, arena, &read, error);
	store_read_end(tx);
	intake_receipt_wipe(&found.receipt);
	if (err)
		return err;
	read.state = found.state;
	read.report = ward_arena_str(arena, ward_str_from(found.report));
	if (!read.report.ptr)
		return ward_fail(error, WARD_E_NOMEM, "no memory for what was written");
	*talk = read;
	return WARD_OK;
}

/* ---- writing ---- */

static ward_err check_words(ward_str words, struct ward_error *error)
{
	if (words.len > INTAKE_WORDS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a message has at most %d bytes",
				INTAKE_WORDS_MAX);
	if (ward_str_trim(words).len == 0 || !ward_utf8_valid(words))
		return ward_fail(error, WARD_E_ARGUMENT, "a message is UTF-8 text, and not empty");
	return WARD_OK;
}

struct line {
	const char *report;
	const uint8_t *once; /* NULL is none */
	ward_bytes sealed;
	const char *payload;
	bool by_reporter;
};

static ward_err next_place(struct store_tx *tx, const struct line *line, int64_t *place,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT COALESCE(MAX(place), 0) + 1 FROM intake_words WHERE report = $1",
			STORE_VALUES(store_string(line->report)), &rows, error);

	if (err)
		return err;
	*place = store_get_int(rows, 0);
	err = store_rows_end(rows, error);
	if (!err && *place > INTAKE_TALK_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "a report has at most %d messages",
				INTAKE_TALK_MAX);
	return err;
}

/* `changed` 0: they were added before, by the same key. */
static ward_err add_line(struct store_tx *tx, const struct line *line, uint64_t *changed,
		struct ward_error *error)
{
	int64_t place;
	ward_err err = next_place(tx, line, &place, error);

	if (err)
		return err;
	return store_run(tx,
			"INSERT INTO intake_words (report, place, at, by_reporter, once, sealed, "
			"payload) VALUES ($1, $2, $3, $4, $5, $6, $7) "
			"ON CONFLICT (report, once) DO NOTHING",
			STORE_VALUES(store_string(line->report), store_int(place),
					store_int(clock_now()), store_int(line->by_reporter),
					line->once ? store_blob((ward_bytes){ line->once, 32 })
						   : store_null(),
					store_blob(line->sealed), store_string(line->payload)),
			changed, error);
}

static ward_err log_row(struct store_tx *tx, const struct vault_actor *actor, const char *action,
		const char *report, struct ward_error *error)
{
	char object[ID_TEXT_MAX + 8];

	snprintf(object, sizeof(object), "report:%s", report);
	return audit_add(tx,
			&(struct audit_entry){ .actor = actor->actor,
					.role = actor->role,
					.action = ward_str_from(action),
					.object = ward_str_from(object) },
			error);
}

/* Whoever has a receipt is that report's reporter, and nobody else. */
static const struct vault_actor the_reporter = { .actor = { "reporter", 8 } };

struct more {
	struct found found;
	struct line line;
	struct vault_sealed *sealed;
};

static ward_err add_more(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct more *more = context;
	uint64_t changed = 0;
	ward_err err = find(&more->found, tx, error);

	if (!err && more->found.state == INTAKE_WITHDRAWN)
		err = ward_fail(error, WARD_E_CONFLICT, "this report was withdrawn");
	if (!err)
		err = add_line(tx, &more->line, &changed, error);
	if (err || changed == 0)
		return err;
	err = vault_put(tx, more->sealed, &the_reporter, error);
	return err ? err
		   : log_row(tx, &the_reporter, "report.words_added", more->found.report, error);
}

static ward_err find_first(struct intake *intake, struct found *found, struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(intake->store, &tx, error);

	if (err)
		return err;
	err = find(found, tx, error);
	store_read_end(tx);
	return err;
}

static ward_err add_words(struct intake *intake, struct more *more, ward_str words,
		struct ward_error *error)
{
	uint8_t *sealed = malloc(words.len + INTAKE_RECEIPT_OVERHEAD);

	if (!sealed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a message");
	intake_receipt_seal(more->found.receipt.public_key, words, sealed);
	more->line.sealed = (ward_bytes){ sealed, words.len + INTAKE_RECEIPT_OVERHEAD };
	ward_err err = intake_seal_text(intake, words, WARD_STR("text/plain"),
			ward_str_from(more->found.report), &more->sealed, error);

	if (!err) {
		more->line.payload = vault_sealed_facts(more->sealed)->id;
		err = store_write(intake->store, add_more, more, error);
	}
	vault_sealed_free(more->sealed);
	free(sealed);
	return err;
}

ward_err intake_talk_add(struct intake *intake, ward_str receipt, ward_str once, ward_str words,
		struct ward_error *error)
{
	struct more more = { .line = { .by_reporter = true } };
	uint8_t digest[32];
	ward_err err = check_words(words, error);

	if (!err)
		err = intake_receipt_keys(receipt, intake->secret, &more.found.receipt, error);
	if (err)
		return err;
	intake_digest(intake, "words", &once, 1, digest);
	more.line.once = once.len > 0 ? digest : NULL;
	more.line.report = more.found.report;
	err = find_first(intake, &more.found, error);
	if (!err)
		err = add_words(intake, &more, words, error);
	intake_receipt_wipe(&more.found.receipt);
	return err;
}

/* ---- taking it back ---- */

static ward_err take_back(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct found *found = context;
	ward_err err = find(found, tx, error);

	if (err || found->state == INTAKE_WITHDRAWN)
		return err;
	err = intake_state_set(tx, ward_str_from(found->report), INTAKE_WITHDRAWN, error);
	if (!err)
		err = store_run(tx, "UPDATE intake_words SET sealed = NULL WHERE report = $1",
				STORE_VALUES(store_string(found->report)), NULL, error);
	if (!err)
		err = alike_forget_hashes(tx, ward_str_from(found->report), error);
	return err ? err : log_row(tx, &the_reporter, "report.withdrawn", found->report, error);
}

ward_err intake_withdraw(struct intake *intake, ward_str receipt, struct ward_error *error)
{
	struct found found;
	ward_err err = intake_receipt_keys(receipt, intake->secret, &found.receipt, error);

	if (err)
		return err;
	err = store_write(intake->store, take_back, &found, error);
	intake_receipt_wipe(&found.receipt);
	return err;
}

/* ---- the desk's answer ---- */

static ward_err receipt_key_of(struct store_tx *tx, ward_str report, uint8_t key[32],
		char id[ID_TEXT_MAX], struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT receipt_key, id FROM intake_reports WHERE id = $1 AND receipt_key "
			"IS "
			"NOT NULL AND state <> $2",
			STORE_VALUES(store_text(report), store_int(INTAKE_WITHDRAWN)), &rows,
			error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err,
				"nobody can come back for an answer to this report: it has no "
				"receipt, or was withdrawn");
	if (err)
		return err;
	ward_bytes bytes = store_get_blob(rows, 0);
	bool good = bytes.len == 32;

	if (good)
		memcpy(key, bytes.ptr, 32);
	snprintf(id, ID_TEXT_MAX, "%.*s", WARD_FMT(store_get_text(rows, 1)));
	err = store_rows_end(rows, error);
	if (!err && !good)
		err = ward_fail(error, WARD_E_CORRUPT, "the key of a receipt has not 32 bytes");
	return err;
}

ward_err intake_answer(struct store_tx *tx, const struct vault_actor *actor, ward_str report,
		ward_str words, struct ward_error *error)
{
	uint8_t key[32], *sealed;
	char id[ID_TEXT_MAX];
	ward_err err = check_words(words, error);

	if (!err)
		err = receipt_key_of(tx, report, key, id, error);
	if (err)
		return err;
	sealed = malloc(words.len + INTAKE_RECEIPT_OVERHEAD);
	if (!sealed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for an answer");
	intake_receipt_seal(key, words, sealed);
	err = add_line(tx,
			&(struct line){ .report = id,
					.sealed = { sealed, words.len + INTAKE_RECEIPT_OVERHEAD } },
			NULL, error);
	free(sealed);
	return err ? err : log_row(tx, actor, "report.answered", id, error);
}

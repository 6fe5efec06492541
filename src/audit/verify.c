/*
 * Verifying is one walk over the rows in the order of their numbers, beside
 * one over the checkpoints of store and file in the same order.  It ends at
 * the first thing that is wrong: behind it no row can be vouched for.
 *
 * Rows come by the page, so that memory stays small on an engine whose answers
 * come whole; one transaction holds all pages, so that all show one state.
 */
#include "audit/audit.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <unistd.h>

#include "audit/checkpoint.h"
#include "audit/row.h"
#include "base/file.h"

enum { PAGE = 4096, FILE_MAX = 256 << 20 };

/* Checkpoints of one place, in the order of their numbers. */
struct checkpoints {
	struct checkpoint *at;
	size_t count, room, next;
	bool failed; /* no memory: not all of them are here */
};

/*
 * The same digest as audit_digest's, by libcrypto, which has code for the CPU
 * (on one with AVX-512 and no SHA extension 1.8 us a row against 2.8 us).  A
 * row is put together first: seventeen small updates cost more than a copy.
 */
struct hasher {
	EVP_MD *kind;
	EVP_MD_CTX *context;
	uint8_t row[2048];
	size_t len;
	bool failed;
};

struct walk {
	struct hasher hasher;
	struct store_tx *tx;
	struct audit_verified *found;
	const uint8_t *key; /* that all checkpoints are by; NULL: not known yet */
	struct checkpoints kept, filed;
	uint64_t number; /* of the last row */
	int64_t at;
	uint8_t self[32];
};

/* ---- what is wrong ---- */

/* Tells the first thing that is wrong, and says that the walk ends. */
static bool wrong(struct walk *walk, uint64_t row, const char *fmt, ...) WARD_PRINTF(3, 4);

static bool wrong(struct walk *walk, uint64_t row, const char *fmt, ...)
{
	va_list args;

	walk->found->bad_row = row;
	va_start(args, fmt);
	vsnprintf(walk->found->what, sizeof(walk->found->what), fmt, args);
	va_end(args);
	return false;
}

static bool well(const struct walk *walk)
{
	return walk->found->what[0] == '\0';
}

/* ---- checkpoints ---- */

static bool add(struct checkpoints *checkpoints, const struct checkpoint *checkpoint)
{
	if (checkpoints->count == checkpoints->room) {
		size_t room = checkpoints->room ? 2 * checkpoints->room : 64;
		struct checkpoint *more = realloc(checkpoints->at, room * sizeof(*more));

		if (!more) {
			checkpoints->failed = true;
			return false;
		}
		checkpoints->at = more;
		checkpoints->room = room;
	}
	checkpoints->at[checkpoints->count++] = *checkpoint;
	return true;
}

static ward_err read_kept(struct walk *walk, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(walk->tx,
			"SELECT " CHECKPOINT_COLUMNS " FROM audit_checkpoints ORDER BY number",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	while (!err && well(walk) && store_next(rows)) {
		struct checkpoint checkpoint;

		if (!checkpoint_take(rows, &checkpoint))
			wrong(walk, checkpoint.number,
					"the checkpoint of row %" PRIu64
					" in the store was changed: it is not of the right size",
					checkpoint.number);
		else if (!add(&walk->kept, &checkpoint))
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the checkpoints");
	}
	ward_err end = store_rows_end(rows, err ? NULL : error);

	return err ? err : end;
}

/* A line that stands there again right behind itself is one checkpoint. */
static bool file_has(void *context, const struct checkpoint *checkpoint)
{
	struct checkpoints *filed = context;

	if (filed->count > 0 && filed->at[filed->count - 1].number == checkpoint->number)
		return true;
	return add(filed, checkpoint);
}

/*
 * Before the transaction begins: a checkpoint is put into the store first and
 * into the file then, so that the file as it was is never ahead of the store.
 */
static ward_err read_filed(struct walk *walk, const char *path, struct ward_error *error)
{
	struct ward_error told;
	char *text;
	size_t len;
	ward_err err = file_read(path, FILE_MAX, &text, &len, error);

	if (err)
		return err == WARD_E_NOT_FOUND ? WARD_OK : err;
	err = checkpoint_read((ward_str){ text, len }, file_has, &walk->filed, &walk->found->torn,
			&told);
	free(text);
	if (err == WARD_E_CORRUPT) {
		wrong(walk, 0, "%s", told.message);
		return WARD_OK;
	}
	if (!err && walk->filed.failed)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for the checkpoints");
	return err;
}

/* No file and no checkpoint is a log that was never signed. */
static void check_file_is_there(struct walk *walk, const char *path)
{
	/* Whoever makes the first one makes the file before. */
	if (walk->kept.count > 0 && access(path, F_OK) != 0)
		wrong(walk, 0, "the store has checkpoints, and the file of them is gone");
}

/* Signature and key; each is looked at once, for what the file has must be in the store too. */
static bool check_signature(struct walk *walk, const struct checkpoint *checkpoint)
{
	if (!walk->key)
		walk->key = checkpoint->key;
	if (memcmp(walk->key, checkpoint->key, sizeof(checkpoint->key)) != 0)
		return wrong(walk, checkpoint->number,
				"the checkpoint of row %" PRIu64 " is signed by another key",
				checkpoint->number);
	if (!checkpoint_holds(checkpoint))
		return wrong(walk, checkpoint->number,
				"the checkpoint of row %" PRIu64
				" was changed: its signature does not hold",
				checkpoint->number);
	return true;
}

static bool check_same(struct walk *walk, const struct checkpoint *filed)
{
	struct checkpoints *kept = &walk->kept;

	while (kept->next < kept->count && kept->at[kept->next].number < filed->number)
		kept->next++;
	if (kept->next == kept->count || kept->at[kept->next].number != filed->number)
		return wrong(walk, filed->number,
				"the checkpoint of row %" PRIu64
				" is in the file and no longer in the store",
				filed->number);
	const struct checkpoint *one = &kept->at[kept->next];

	if (one->at != filed->at || memcmp(one->digest, filed->digest, 32) != 0 ||
			memcmp(one->key, filed->key, sizeof(one->key)) != 0 ||
			memcmp(one->signature, filed->signature, sizeof(one->signature)) != 0)
		return wrong(walk, filed->number,
				"the checkpoint of row %" PRIu64 " says one thing in the store and "
				"another in the file: the log was written anew, or the file was",
				filed->number);
	return true;
}

static void check_checkpoints(struct walk *walk)
{
	for (size_t i = 0; i < walk->kept.count; i++) {
		if (!check_signature(walk, &walk->kept.at[i]))
			return;
	}
	for (size_t i = 0; i < walk->filed.count; i++) {
		if (!check_signature(walk, &walk->filed.at[i]) ||
				!check_same(walk, &walk->filed.at[i]))
			return;
	}
	walk->kept.next = 0;
	walk->found->checkpoints = walk->kept.count;
	walk->found->filed = walk->filed.count;
}

/* ---- digests ---- */

static void flush(struct hasher *hasher)
{
	hasher->failed |= EVP_DigestUpdate(hasher->context, hasher->row, hasher->len) != 1;
	hasher->len = 0;
}

static void take_bytes(void *context, const void *bytes, size_t len)
{
	struct hasher *hasher = context;

	if (len > sizeof(hasher->row) - hasher->len)
		flush(hasher);
	if (len > sizeof(hasher->row)) {
		hasher->failed |= EVP_DigestUpdate(hasher->context, bytes, len) != 1;
		return;
	}
	if (len > 0)
		memcpy(hasher->row + hasher->len, bytes, len);
	hasher->len += len;
}

/* False when libcrypto has no memory, which hasher->failed keeps. */
static bool digest_row(struct hasher *hasher, const struct audit_row *row, uint8_t digest[32])
{
	hasher->len = 0;
	hasher->failed |= EVP_DigestInit_ex2(hasher->context, hasher->kind, NULL) != 1;
	audit_row_give(row, take_bytes, hasher);
	flush(hasher);
	hasher->failed |= EVP_DigestFinal_ex(hasher->context, digest, NULL) != 1;
	return !hasher->failed;
}

static ward_err hasher_open(struct hasher *hasher, struct ward_error *error)
{
	hasher->kind = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	return hasher->kind && hasher->context
			       ? WARD_OK
			       : ward_fail(error, WARD_E_NOMEM, "libcrypto has no SHA-256 to give");
}

static void hasher_close(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->kind);
}

/* ---- rows ---- */

/* The checkpoint of this row, if there is one, says the same of it. */
static bool check_signed(struct walk *walk, const struct audit_row *row)
{
	struct checkpoints *kept = &walk->kept;

	if (kept->next == kept->count || kept->at[kept->next].number > row->number)
		return true;
	const struct checkpoint *checkpoint = &kept->at[kept->next++];

	if (checkpoint->number != row->number)
		return wrong(walk, checkpoint->number,
				"a checkpoint is of row %" PRIu64 ", which cannot be",
				checkpoint->number);
	if (memcmp(checkpoint->digest, row->self, 32) != 0)
		return wrong(walk, row->number,
				"row %" PRIu64 " is not the one that was signed: the log was "
				"written anew",
				row->number);
	walk->found->newest_signed = row->number;
	return true;
}

static bool check_row(struct walk *walk, const struct audit_row *row, bool sizes_are_right)
{
	uint64_t wanted = walk->number + 1;
	uint8_t digest[32];

	if ((int64_t)row->number < (int64_t)wanted)
		return wrong(walk, row->number,
				"there is a row numbered %" PRId64 ", which the log never had",
				(int64_t)row->number);
	if (row->number > wanted)
		return wrong(walk, wanted, "row %" PRIu64 " is missing", wanted);
	if (!digest_row(&walk->hasher, row, digest))
		return false;
	if (!sizes_are_right || memcmp(digest, row->self, 32) != 0)
		return wrong(walk, wanted,
				"row %" PRIu64 " was changed: its digest is not that of its fields",
				wanted);
	if (memcmp(walk->self, row->previous, 32) != 0)
		return wrong(walk, wanted,
				"row %" PRIu64 " does not follow the row before it: one of the two "
				"is not as it was written",
				wanted);
	return check_signed(walk, row);
}

static void note_clock(struct walk *walk, const struct audit_row *row)
{
	if (row->at < walk->at && walk->found->clock_back++ == 0)
		walk->found->clock_back_row = row->number;
	walk->at = row->at;
}

static ward_err check_page(struct walk *walk, int64_t from, unsigned *count,
		struct ward_error *error)
{
	struct store_rows *rows;
	struct audit_row row;
	ward_err err = store_query(walk->tx,
			"SELECT " AUDIT_ROW_COLUMNS
			" FROM audit_rows WHERE number >= $1 ORDER BY number LIMIT $2",
			STORE_VALUES(store_int(from), store_int(PAGE)), &rows, error);

	*count = 0;
	if (err)
		return err;
	while (store_next(rows)) {
		bool sizes_are_right = audit_row_take(rows, &row);

		if (!check_row(walk, &row, sizes_are_right))
			break;
		note_clock(walk, &row);
		walk->number = row.number;
		memcpy(walk->self, row.self, sizeof(walk->self));
		walk->found->rows++;
		++*count;
	}
	err = store_rows_end(rows, error);
	if (!err && walk->hasher.failed)
		err = ward_fail(error, WARD_E_NOMEM, "libcrypto has no memory");
	return err;
}

static ward_err check_rows(struct walk *walk, struct ward_error *error)
{
	unsigned count = PAGE;
	ward_err err = WARD_OK;

	/* From below the first number: a row before it is one too many. */
	for (int64_t from = INT64_MIN; !err && well(walk) && count == PAGE;
			from = (int64_t)walk->number + 1)
		err = check_page(walk, from, &count, error);
	return err;
}

/* ---- the end ---- */

/* What a checkpoint signs and the walk did not meet is what is cut off. */
static bool check_tail(struct walk *walk)
{
	const struct checkpoints *kept = &walk->kept;

	if (kept->next == kept->count)
		return true;
	return wrong(walk, walk->number + 1,
			"the log ends with row %" PRIu64 ", and row %" PRIu64
			" was signed: the rows behind it were cut off",
			walk->number, kept->at[kept->count - 1].number);
}

static ward_err check_head(struct walk *walk, struct ward_error *error)
{
	static const uint8_t none[32];
	struct store_rows *rows;
	ward_err err = store_one(walk->tx, "SELECT number, digest FROM audit_head", STORE_NO_VALUES,
			&rows, error);

	if (err == WARD_E_NOT_FOUND) {
		wrong(walk, 0, "the log has lost its end: the row that says where it is is gone");
		return WARD_OK;
	}
	if (err)
		return err;
	uint64_t number = (uint64_t)store_get_int(rows, 0);
	ward_bytes digest = store_get_blob(rows, 1);
	bool same = digest.len == (number ? 32u : 0u) &&
		    memcmp(number ? digest.ptr : none, walk->self, 32) == 0;

	if (number > walk->number)
		wrong(walk, walk->number + 1,
				"the log ends with row %" PRIu64 ", and should with row %" PRId64
				": rows were cut off",
				walk->number, (int64_t)number);
	else if (number < walk->number)
		wrong(walk, number + 1,
				"the log ends with row %" PRIu64 ", and should with row %" PRId64
				": rows were added",
				walk->number, (int64_t)number);
	else if (!same)
		wrong(walk, number, "the end of the log says another digest than its last row");
	return store_rows_end(rows, error);
}

static ward_err check_all(struct walk *walk, const char *path, struct ward_error *error)
{
	ward_err err = read_kept(walk, error);

	if (!err && well(walk) && path)
		check_file_is_there(walk, path);
	if (!err && well(walk))
		check_checkpoints(walk);
	if (!err && well(walk))
		err = check_rows(walk, error);
	if (!err && well(walk))
		check_tail(walk);
	if (!err && well(walk))
		err = check_head(walk, error);
	return err;
}

ward_err audit_verify(struct store *store, const char *path, const uint8_t public_key[32],
		struct audit_verified *verified, struct ward_error *error)
{
	struct audit_verified found = { .rows = 0 };
	struct walk walk = { .found = &found, .key = public_key };
	ward_err err = path ? read_filed(&walk, path, error) : WARD_OK;

	walk.at = INT64_MIN;
	if (!err)
		err = hasher_open(&walk.hasher, error);
	if (!err && well(&walk))
		err = store_read(store, &walk.tx, error);
	if (!err && well(&walk))
		err = check_all(&walk, path, error);
	store_read_end(walk.tx);
	hasher_close(&walk.hasher);
	free(walk.kept.at);
	free(walk.filed.at);
	if (!err)
		*verified = found;
	return err;
}

/*
 * A log of a few rows is changed behind its back, through plain SQLite, in
 * every way there is; each must be found.
 */
#include "audit/audit.h"
#include "audit/checkpoint.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "store/store_test.h"

enum { ROWS = 7 };

static struct ward_error error;

/* A store with a log of ROWS rows, signed at rows 3 and 7; and another door into it. */
struct scene {
	char folder[64], file[128];
	const char *place;
	struct store *store;
	struct signer *signer;
	sqlite3 *door;
};

static ward_err add_row(void *context, struct store_tx *tx, struct ward_error *failure)
{
	static const char *const actions[] = { "report.received", "item.sealed", "item.viewed" };
	int number = *(int *)context;
	char object[32];

	snprintf(object, sizeof(object), "item:%d", number);
	return audit_add(tx,
			&(struct audit_entry){ .actor = WARD_STR("person:ann"),
					.role = number % 2 ? WARD_STR("analyst") : WARD_STR(""),
					.action = ward_str_from(actions[number % 3]),
					.object = ward_str_from(object),
					.digest = WARD_STR("00ff00ff"),
					.reason = number % 3 ? WARD_STR("")
							     : WARD_STR("it is a bridge"),
					.detail = WARD_STR("{\"level\":2}") },
			failure);
}

static bool do_sql(struct scene *scene, const char *sql)
{
	return sqlite3_exec(scene->door, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool start(struct scene *scene)
{
	struct store_options options = { .place = store_fresh_place(),
		.create = true,
		.migrate = true };

	*scene = (struct scene){ .place = options.place };
	snprintf(scene->folder, sizeof(scene->folder), "/tmp/ward-verify-XXXXXX");
	if (!mkdtemp(scene->folder))
		return false;
	snprintf(scene->file, sizeof(scene->file), "%s/audit/checkpoints", scene->folder);
	bool good = signer_make(scene->folder, &error) == WARD_OK &&
		    signer_open(scene->folder, &scene->signer, &error) == WARD_OK &&
		    store_open(&options, &scene->store, &error) == WARD_OK;

	for (int number = 1; good && number <= ROWS; number++) {
		good = store_write(scene->store, add_row, &number, &error) == WARD_OK;
		if (good && (number == 3 || number == ROWS))
			good = audit_checkpoint(scene->store, scene->signer, scene->file, &error) ==
			       WARD_OK;
	}
	return good && sqlite3_open(scene->place, &scene->door) == SQLITE_OK &&
	       do_sql(scene, "PRAGMA synchronous = OFF");
}

static void end(struct scene *scene)
{
	static const char *const names[] = { "audit/checkpoints", "audit", "signing.key",
		"signing.pub", "other/signing.key", "other/signing.pub", "other" };
	char path[128];

	sqlite3_close(scene->door);
	store_free(scene->store);
	signer_free(scene->signer);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", scene->folder, names[i]);
		remove(path);
	}
	rmdir(scene->folder);
}

/* Checked with everything at hand: the file, and the key. */
static struct audit_verified verified(struct scene *scene)
{
	struct audit_verified found = { .what = "it could not be verified" };

	if (audit_verify(scene->store, scene->file, signer_public(scene->signer), &found, &error) !=
			WARD_OK)
		printf("# %s\n", error.message);
	return found;
}

static bool is_well(struct scene *scene)
{
	return verified(scene).what[0] == '\0';
}

static void a_log_that_nobody_touched_is_well(void)
{
	struct scene scene;

	CHECK(start(&scene));
	struct audit_verified found = verified(&scene);

	CHECK_STR(found.what, "");
	CHECK_EQ(found.rows, ROWS);
	CHECK_EQ(found.bad_row, 0);
	CHECK_EQ(found.checkpoints, 2);
	CHECK_EQ(found.filed, 2);
	CHECK_EQ(found.newest_signed, ROWS);
	CHECK_EQ(found.clock_back, 0);
	end(&scene);
}

/* ---- every byte ---- */

/* Flips bits of the value that `statement` stands on, in each of its bytes. */
struct flips {
	struct scene *scene;
	const char *table, *column;
	int64_t row;
	unsigned tried, refused, missed;
};

static void bind(sqlite3_stmt *update, int type, const void *bytes, int len, int64_t number)
{
	if (type == SQLITE_INTEGER)
		sqlite3_bind_int64(update, 1, number);
	else if (type == SQLITE_TEXT)
		sqlite3_bind_text(update, 1, bytes, len, SQLITE_TRANSIENT);
	else if (type == SQLITE_BLOB)
		sqlite3_bind_blob(update, 1, bytes, len, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(update, 1);
}

static bool put(struct flips *flips, int64_t row, int type, const void *bytes, int len,
		int64_t number)
{
	sqlite3_stmt *update;
	char sql[200];

	snprintf(sql, sizeof(sql), "UPDATE %s SET %s = ?1 WHERE rowid = ?2", flips->table,
			flips->column);
	if (sqlite3_prepare_v2(flips->scene->door, sql, -1, &update, NULL) != SQLITE_OK)
		return false;
	bind(update, type, bytes, len, number);
	sqlite3_bind_int64(update, 2, row);
	bool done = sqlite3_step(update) == SQLITE_DONE;

	sqlite3_finalize(update);
	return done;
}

static void try_one(struct flips *flips, int type, const uint8_t *bytes, int len, int64_t number)
{
	bool is_key = strcmp(flips->column, "number") == 0 &&
		      strcmp(flips->table, "audit_head") != 0;

	flips->tried++;
	if (!put(flips, flips->row, type, bytes, len, number)) {
		flips->refused++;
		return;
	}
	if (is_well(flips->scene)) {
		printf("# missed: %s.%s of row %" PRId64 "\n", flips->table, flips->column,
				flips->row);
		flips->missed++;
	}
	/* A row whose key was changed is found under its new one. */
	if (is_key) {
		int64_t was = flips->row;

		put(flips, number, SQLITE_INTEGER, NULL, 0, was);
	}
}

static void flip_value(struct flips *flips, sqlite3_stmt *row)
{
	static const uint8_t masks[] = { 0x01, 0x20, 0x80, 0xff };
	int type = sqlite3_column_type(row, 0);
	int64_t number = sqlite3_column_int64(row, 0);
	uint8_t bytes[512] = { 0 };
	int len = sqlite3_column_bytes(row, 0);

	if (type != SQLITE_INTEGER && len > 0)
		memcpy(bytes, sqlite3_column_blob(row, 0), (size_t)len);
	for (int i = 0; i < (type == SQLITE_INTEGER ? 8 : len); i++) {
		for (size_t m = 0; m < sizeof(masks); m++) {
			uint64_t mask = i < 8 ? (uint64_t)masks[m] << 8 * i : 0;

			bytes[i] ^= masks[m];
			try_one(flips, type, bytes, len, (int64_t)((uint64_t)number ^ mask));
			bytes[i] ^= masks[m];
		}
	}
	/* One byte more, and one less. */
	if (type != SQLITE_INTEGER) {
		try_one(flips, type, bytes, len + 1, number);
		if (len > 0)
			try_one(flips, type, bytes, len - 1, number);
	}
	put(flips, flips->row, type, bytes, len, number);
}

static bool flip_column(struct flips *flips)
{
	sqlite3_stmt *row;
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE rowid = ?1", flips->column,
			flips->table);
	for (flips->row = 1; flips->row <= ROWS; flips->row++) {
		if (sqlite3_prepare_v2(flips->scene->door, sql, -1, &row, NULL) != SQLITE_OK)
			return false;
		sqlite3_bind_int64(row, 1, flips->row);
		if (sqlite3_step(row) == SQLITE_ROW) {
			flip_value(flips, row);
			/* The value that was read is let go before it is put back. */
		}
		sqlite3_finalize(row);
		if (!is_well(flips->scene))
			return false;
	}
	return true;
}

static bool flip_table(struct scene *scene, const char *table, unsigned *tried)
{
	struct flips flips = { .scene = scene, .table = table };
	char sql[100], column[64];
	sqlite3_stmt *names;
	bool good = true;

	snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s')", table);
	if (sqlite3_prepare_v2(scene->door, sql, -1, &names, NULL) != SQLITE_OK)
		return false;
	while (good && sqlite3_step(names) == SQLITE_ROW) {
		snprintf(column, sizeof(column), "%s", (const char *)sqlite3_column_text(names, 0));
		flips.column = column;
		good = flip_column(&flips);
	}
	sqlite3_finalize(names);
	*tried = flips.tried - flips.refused;
	printf("# %s: %u changes, %u refused by the table itself\n", table, flips.tried,
			flips.refused);
	return good && flips.missed == 0;
}

static void no_byte_of_a_row_can_be_another(void)
{
	struct scene scene;
	unsigned tried;

	CHECK(start(&scene));
	CHECK(flip_table(&scene, "audit_rows", &tried));
	CHECK(tried > 1000);
	end(&scene);
}

static void no_byte_of_the_end_can_be_another(void)
{
	struct scene scene;
	unsigned tried;

	CHECK(start(&scene));
	CHECK(flip_table(&scene, "audit_head", &tried));
	CHECK(tried > 100);
	end(&scene);
}

static void no_byte_of_a_checkpoint_can_be_another(void)
{
	struct scene scene;
	unsigned tried;

	CHECK(start(&scene));
	CHECK(flip_table(&scene, "audit_checkpoints", &tried));
	CHECK(tried > 500);
	end(&scene);
}

static bool put_byte(FILE *file, size_t at, int byte)
{
	return fseek(file, (long)at, SEEK_SET) == 0 && fputc(byte & 0xff, file) != EOF &&
	       fflush(file) == 0;
}

static void no_byte_of_the_file_can_be_another(void)
{
	struct scene scene;
	char *text;
	size_t len;

	CHECK(start(&scene));
	CHECK_EQ(file_read(scene.file, 4096, &text, &len, &error), WARD_OK);
	FILE *file = fopen(scene.file, "r+");

	CHECK(file);
	/* But the last: without its line feed a line counts as not written to its end. */
	for (size_t i = 0; i < len - 1; i++) {
		for (int bit = 0; bit < 8; bit++) {
			CHECK(put_byte(file, i, text[i] ^ 1 << bit));
			struct audit_verified found = verified(&scene);

			if (found.what[0] == '\0')
				printf("# byte %zu bit %d\n", i, bit);
			CHECK(found.what[0]);
		}
		CHECK(put_byte(file, i, text[i]));
	}
	fclose(file);
	CHECK(is_well(&scene));
	free(text);
	end(&scene);
}

/* ---- rows ---- */

static void each_row_that_is_removed_is_missed(void)
{
	struct scene scene;
	char sql[100];

	CHECK(start(&scene));
	CHECK(do_sql(&scene, "CREATE TEMP TABLE kept AS SELECT * FROM audit_rows"));
	for (unsigned row = 1; row <= ROWS; row++) {
		snprintf(sql, sizeof(sql), "DELETE FROM audit_rows WHERE number = %u", row);
		CHECK(do_sql(&scene, sql));
		CHECK_EQ(verified(&scene).bad_row, row);
		CHECK(do_sql(&scene, "DELETE FROM audit_rows; INSERT INTO audit_rows SELECT * FROM "
				     "kept ORDER BY number"));
		CHECK(is_well(&scene));
	}
	end(&scene);
}

static void each_pair_that_is_swapped_is_found(void)
{
	struct scene scene;
	char sql[300];

	CHECK(start(&scene));
	for (unsigned a = 1; a <= ROWS; a++) {
		for (unsigned b = a + 1; b <= ROWS; b++) {
			snprintf(sql, sizeof(sql),
					"BEGIN; UPDATE audit_rows SET number = -1 WHERE number = "
					"%u;"
					"UPDATE audit_rows SET number = %u WHERE number = %u;"
					"UPDATE audit_rows SET number = %u WHERE number = -1; "
					"COMMIT",
					a, a, b, b);
			CHECK(do_sql(&scene, sql));
			CHECK_EQ(verified(&scene).bad_row, a);
			CHECK(do_sql(&scene, sql));
			CHECK(is_well(&scene));
		}
	}
	end(&scene);
}

static void a_row_that_was_added_is_found_wherever_it_stands(void)
{
	static const int64_t places[] = { INT64_MIN, -1, 0, ROWS + 1, ROWS + 2, INT64_MAX };
	struct scene scene;
	char sql[300];

	CHECK(start(&scene));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(sql, sizeof(sql),
				"INSERT INTO audit_rows SELECT %" PRId64
				", at, actor, role, action, "
				"object, digest, reason, detail, previous, self FROM audit_rows "
				"WHERE number = 4",
				places[i]);
		CHECK(do_sql(&scene, sql));
		CHECK(!is_well(&scene));
		CHECK(do_sql(&scene, "DELETE FROM audit_rows WHERE number < 1 OR number > 7"));
		CHECK(is_well(&scene));
	}
	end(&scene);
}

/* ---- by one who knows how the log is made ---- */

/* Cuts the log behind a row and makes its end say so. */
static bool cut_tail(struct scene *scene, unsigned last)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
			"BEGIN; DELETE FROM audit_rows WHERE number > %u;"
			"UPDATE audit_head SET number = %u, digest = (SELECT self FROM audit_rows "
			"WHERE number = %u); COMMIT",
			last, last, last);
	return do_sql(scene, sql);
}

static void a_tail_that_is_cut_off_is_missed(void)
{
	for (unsigned last = 0; last < ROWS; last++) {
		struct scene scene;

		CHECK(start(&scene));
		CHECK(cut_tail(&scene, last));
		CHECK_EQ(verified(&scene).bad_row, last + 1);
		/* Taking the checkpoint out of the store does not help: the file has it. */
		CHECK(do_sql(&scene, "DELETE FROM audit_checkpoints WHERE number > 3"));
		CHECK(!is_well(&scene));
		CHECK(do_sql(&scene, "DELETE FROM audit_checkpoints"));
		CHECK(!is_well(&scene));
		end(&scene);
	}
}

/* Changes what row 2 says, and writes it and every row behind it anew, as audit_add would. */
static bool write_anew(struct scene *scene)
{
	struct audit_row row = { .number = 0 };
	uint8_t before[32] = { 0 };
	bool good = do_sql(scene, "UPDATE audit_rows SET actor = 'person:bob' WHERE number = 2");

	for (int64_t number = 1; good && number <= ROWS; number++) {
		sqlite3_stmt *select, *update;

		good = sqlite3_prepare_v2(scene->door,
				       "SELECT at, actor, role, action, object, digest, reason, "
				       "detail FROM audit_rows WHERE number = ?1",
				       -1, &select, NULL) == SQLITE_OK &&
		       sqlite3_prepare_v2(scene->door,
				       "UPDATE audit_rows SET previous = ?2, self = ?3 WHERE "
				       "number "
				       "= ?1",
				       -1, &update, NULL) == SQLITE_OK;
		if (!good)
			break;
		sqlite3_bind_int64(select, 1, number);
		good = sqlite3_step(select) == SQLITE_ROW;
		row.number = (uint64_t)number;
		row.at = sqlite3_column_int64(select, 0);
		ward_str *const texts[] = { &row.entry.actor, &row.entry.role, &row.entry.action,
			&row.entry.object, &row.entry.digest, &row.entry.reason,
			&row.entry.detail };

		for (int i = 0; i < 7; i++)
			*texts[i] = ward_str_from((const char *)sqlite3_column_text(select, i + 1));
		memcpy(row.previous, before, 32);
		audit_digest(&row, before);
		sqlite3_bind_int64(update, 1, number);
		sqlite3_bind_blob(update, 2, row.previous, 32, SQLITE_TRANSIENT);
		sqlite3_bind_blob(update, 3, before, 32, SQLITE_TRANSIENT);
		sqlite3_finalize(select);
		good = good && sqlite3_step(update) == SQLITE_DONE;
		sqlite3_finalize(update);
	}
	return good && do_sql(scene, "UPDATE audit_head SET digest = (SELECT self FROM audit_rows "
				     "ORDER BY number DESC LIMIT 1)");
}

static void a_log_written_anew_is_told_from_the_one_that_was_signed(void)
{
	struct audit_verified found;
	struct scene scene;

	CHECK(start(&scene));
	CHECK(write_anew(&scene));
	CHECK_EQ(verified(&scene).bad_row, 3);
	CHECK(do_sql(&scene, "DELETE FROM audit_checkpoints"));
	CHECK(!is_well(&scene));
	/* With its checkpoints gone from both places nothing is left to compare with; their
	 * number says so. */
	unlink(scene.file);
	found = verified(&scene);
	CHECK_STR(found.what, "");
	CHECK_EQ(found.checkpoints, 0);
	end(&scene);
}

static void a_checkpoint_by_another_key_is_none(void)
{
	struct audit_verified found;
	struct signer *other;
	struct scene scene;
	char folder[128];

	CHECK(start(&scene));
	snprintf(folder, sizeof(folder), "%s/other", scene.folder);
	CHECK_EQ(file_make_folders(folder, 0700, &error), WARD_OK);
	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_open(folder, &other, &error), WARD_OK);
	/* The whole log anew, its checkpoints and its file too, signed by a key of one's own. */
	CHECK(write_anew(&scene));
	CHECK(do_sql(&scene, "DELETE FROM audit_checkpoints"));
	unlink(scene.file);
	CHECK_EQ(audit_checkpoint(scene.store, other, scene.file, &error), WARD_OK);
	found = verified(&scene);
	CHECK(strstr(found.what, "another key"));
	/* Whoever trusts that key finds nothing wrong; so the right one is to be known. */
	CHECK_EQ(audit_verify(scene.store, scene.file, signer_public(other), &found, &error),
			WARD_OK);
	CHECK_STR(found.what, "");
	signer_free(other);
	end(&scene);
}

static void one_forged_checkpoint_among_good_ones_is_found_without_a_key(void)
{
	struct audit_verified found;
	struct signer *other;
	struct scene scene;
	int number = ROWS + 1;

	CHECK(start(&scene));
	CHECK_EQ(store_write(scene.store, add_row, &number, &error), WARD_OK);
	unlink(scene.file);
	char key[128];

	snprintf(key, sizeof(key), "%s/signing.key", scene.folder);
	unlink(key);
	snprintf(key, sizeof(key), "%s/signing.pub", scene.folder);
	unlink(key);
	CHECK_EQ(signer_make(scene.folder, &error), WARD_OK);
	CHECK_EQ(signer_open(scene.folder, &other, &error), WARD_OK);
	CHECK_EQ(audit_checkpoint(scene.store, other, NULL, &error), WARD_OK);
	CHECK_EQ(audit_verify(scene.store, NULL, NULL, &found, &error), WARD_OK);
	CHECK_EQ(found.bad_row, ROWS + 1);
	CHECK(strstr(found.what, "another key"));
	signer_free(other);
	end(&scene);
}

static void a_file_that_is_gone_is_missed(void)
{
	struct scene scene;

	CHECK(start(&scene));
	unlink(scene.file);
	CHECK(strstr(verified(&scene).what, "the file of them is gone"));
	end(&scene);
}

static void an_end_that_is_gone_is_missed_and_stops_the_log(void)
{
	struct scene scene;
	int number = ROWS + 1;

	CHECK(start(&scene));
	CHECK(do_sql(&scene, "DELETE FROM audit_head"));
	CHECK(!is_well(&scene));
	CHECK_EQ(store_write(scene.store, add_row, &number, &error), WARD_E_CORRUPT);
	end(&scene);
}

/* Rows and checkpoints that come while verify walks are no damage. */
static void a_log_that_grows_meanwhile_is_well(void)
{
	struct scene scene;

	CHECK(start(&scene));
	for (int number = ROWS + 1; number < ROWS + 60; number++) {
		CHECK_EQ(store_write(scene.store, add_row, &number, &error), WARD_OK);
		if (number % 3 == 0)
			CHECK_EQ(audit_checkpoint(scene.store, scene.signer, scene.file, &error),
					WARD_OK);
		CHECK(is_well(&scene));
	}
	end(&scene);
}

/* More rows than are read at a time (PAGE in verify.c). */
enum { MANY = 2 * 4096 + 10 };

static ward_err add_many(void *context, struct store_tx *tx, struct ward_error *failure)
{
	ward_err err = WARD_OK;

	for (int number = *(int *)context; !err && number <= MANY; number++)
		err = add_row(&number, tx, failure);
	return err;
}

static void a_long_log_is_walked_to_its_end(void)
{
	static const unsigned places[] = { 4095, 4096, 4097, 8192, 8193, MANY };
	struct scene scene;
	char sql[100];

	CHECK(start(&scene));
	CHECK_EQ(store_write(scene.store, add_many, &(int){ ROWS + 1 }, &error), WARD_OK);
	CHECK_STR(verified(&scene).what, "");
	CHECK_EQ(verified(&scene).rows, MANY);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(sql, sizeof(sql), "UPDATE audit_rows SET at = at + 1 WHERE number = %u",
				places[i]);
		CHECK(do_sql(&scene, sql));
		CHECK_EQ(verified(&scene).bad_row, places[i]);
		CHECK_EQ(verified(&scene).rows, places[i] - 1);
		snprintf(sql, sizeof(sql), "UPDATE audit_rows SET at = at - 1 WHERE number = %u",
				places[i]);
		CHECK(do_sql(&scene, sql));
	}
	CHECK(is_well(&scene));
	end(&scene);
}

static const struct test_case cases[] = {
	{ "a log that nobody touched is well", a_log_that_nobody_touched_is_well },
	{ "no byte of a row can be another", no_byte_of_a_row_can_be_another },
	{ "no byte of the log's end can be another", no_byte_of_the_end_can_be_another },
	{ "no byte of a checkpoint can be another", no_byte_of_a_checkpoint_can_be_another },
	{ "no bit of the file can be another", no_byte_of_the_file_can_be_another },
	{ "each row that is removed is missed", each_row_that_is_removed_is_missed },
	{ "each pair that is swapped is found", each_pair_that_is_swapped_is_found },
	{ "a row that was added is found wherever it stands",
			a_row_that_was_added_is_found_wherever_it_stands },
	{ "a tail that is cut off is missed", a_tail_that_is_cut_off_is_missed },
	{ "a log written anew is told from the one that was signed",
			a_log_written_anew_is_told_from_the_one_that_was_signed },
	{ "a checkpoint by another key is none", a_checkpoint_by_another_key_is_none },
	{ "one forged checkpoint among good ones is found without a key",
			one_forged_checkpoint_among_good_ones_is_found_without_a_key },
	{ "a file of checkpoints that is gone is missed", a_file_that_is_gone_is_missed },
	{ "an end that is gone is missed, and stops the log",
			an_end_that_is_gone_is_missed_and_stops_the_log },
	{ "a log that grows meanwhile is well", a_log_that_grows_meanwhile_is_well },
	{ "a long log is walked to its end", a_long_log_is_walked_to_its_end },
};

int main(void)
{
	/* These go through SQLite's own door: the test "audit" verifies logs on a server, too. */
	if (store_fresh_on_server()) {
		puts("Bail out! this test changes files of SQLite behind the store's back");
		return 1;
	}
	return test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}

/*
 * Backup, restore, copy: rows flow from a feed, which is a store or a backup's
 * bytes, to a backup's bytes or into a store.  A feed hands out the frames of
 * dump.h whatever it is.
 */
#include "base/clock.h"
#include "base/file.h"
#include "store/dump.h"
#include "store/inner.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

enum {
	TABLES_MAX = 1000,
	OUTPUT_ROOM = 1 << 18,
	SCRATCH_MAX = 4 * STORE_BYTES_MAX,
	SQL_ROOM = 16384,
	SEEDS_MAX = 10000, /* rows of a table that migrations may have put there */
	WATCH_EVERY = 4096,
};

static const char own_table[] = "ward_migration";

typedef ward_err feed_next(void *context, struct dump_frame *frame, struct ward_error *error);

/* ---- the tables of a store ---- */

struct tables {
	struct dump_table *at[TABLES_MAX];
	size_t count;
};

static void free_tables(struct tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		free(tables->at[i]);
	tables->count = 0;
}

static bool take_name(ward_str name, char out[DUMP_NAME_MAX + 1])
{
	if (name.len == 0 || name.len > DUMP_NAME_MAX)
		return false;
	memcpy(out, name.ptr, name.len);
	out[name.len] = '\0';
	return true;
}

static ward_err add_column(struct tables *tables, ward_str table, ward_str column,
		struct ward_error *error)
{
	struct dump_table *last = tables->count ? tables->at[tables->count - 1] : NULL;

	if (!last || !ward_str_eq(table, ward_str_from(last->name))) {
		if (tables->count == TABLES_MAX)
			return ward_fail(error, WARD_E_LIMIT, "the store has too many tables");
		last = calloc(1, sizeof(*last));
		if (!last)
			return ward_fail(error, WARD_E_NOMEM, "no memory for a backup");
		tables->at[tables->count++] = last;
		if (!take_name(table, last->name))
			return ward_fail(error, WARD_E_LIMIT, "a table's name is too long");
	}
	if (last->column_count == STORE_VALUES_MAX ||
			!take_name(column, last->columns[last->column_count]))
		return ward_fail(error, WARD_E_LIMIT, "a table has too many columns");
	last->column_count++;
	return WARD_OK;
}

/* All but the store's own. */
static ward_err find_tables(struct store_tx *tx, struct tables *tables, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx, tx->link->engine->columns_sql, STORE_NO_VALUES, &rows,
			error);

	tables->count = 0;
	if (err)
		return err;
	while (!err && store_next(rows)) {
		ward_str table = store_get_text(rows, 0);

		if (!ward_str_eq(table, ward_str_from(own_table)))
			err = add_column(tables, table, store_get_text(rows, 1), error);
	}
	ward_err ended = store_rows_end(rows, err ? NULL : error);

	err = err ? err : ended;
	if (err)
		free_tables(tables);
	return err;
}

static const struct dump_table *find_table(const struct tables *tables, const char *name)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (strcmp(tables->at[i]->name, name) == 0)
			return tables->at[i];
	}
	return NULL;
}

/* ---- statements about a table ---- */

static void write_columns(struct ward_buf *sql, const struct dump_table *table)
{
	for (unsigned i = 0; i < table->column_count; i++)
		ward_buf_printf(sql, "%s\"%s\"", i ? ", " : "", table->columns[i]);
}

static void write_select(struct ward_buf *sql, const struct dump_table *table)
{
	ward_buf_clear(sql);
	ward_buf_printf(sql, "SELECT ");
	write_columns(sql, table);
	ward_buf_printf(sql, " FROM \"%s\"", table->name);
}

static void write_insert(struct ward_buf *sql, const struct dump_table *table)
{
	ward_buf_clear(sql);
	ward_buf_printf(sql, "INSERT INTO \"%s\" (", table->name);
	write_columns(sql, table);
	ward_buf_printf(sql, ") VALUES (");
	for (unsigned i = 0; i < table->column_count; i++)
		ward_buf_printf(sql, "%s$%u", i ? ", " : "", i + 1);
	ward_buf_char(sql, ')');
}

static ward_err open_table(struct store_tx *tx, const struct dump_table *table,
		struct store_rows **rows, struct ward_error *error)
{
	struct ward_buf sql;

	ward_buf_init(&sql, SQL_ROOM);
	write_select(&sql, table);
	ward_err err = sql.failed ? ward_fail(error, WARD_E_NOMEM, "no memory for a statement")
				  : store_query(tx, ward_buf_text(&sql).ptr, STORE_NO_VALUES, rows,
						    error);

	ward_buf_free(&sql);
	return err;
}

/* Borrowed until the next row. */
static ward_err row_values(const struct store_rows *rows, const struct dump_table *table,
		struct store_value values[STORE_VALUES_MAX], struct ward_error *error)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		if (!rows->tx->link->engine->column(rows, i, &values[i]))
			return ward_fail(error, WARD_E_CORRUPT,
					"table %s holds a value of no kind that ward writes",
					table->name);
	}
	return WARD_OK;
}

/* ---- a store as a feed ---- */

struct store_feed {
	struct store_tx *tx;
	struct tables tables;
	size_t next; /* table */
	bool version_given;
	struct store_rows *rows; /* of table next - 1; NULL: none is open */
	struct store_value values[STORE_VALUES_MAX];
	struct dump_migration *migrations;
	size_t migration_count;
	struct dump_sum sum;
	uint64_t rows_given;
	struct ward_buf scratch;
};

static ward_err read_migrations(struct store_feed *feed, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(feed->tx,
			"SELECT number, digest FROM ward_migration ORDER BY number",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	feed->migrations = calloc(DUMP_MIGRATIONS_MAX, sizeof(*feed->migrations));
	while (feed->migrations && feed->migration_count < DUMP_MIGRATIONS_MAX &&
			store_next(rows)) {
		struct dump_migration *at = &feed->migrations[feed->migration_count++];
		ward_bytes digest = store_get_blob(rows, 1);

		at->number = (uint32_t)store_get_int(rows, 0);
		if (digest.len == DUMP_DIGEST)
			memcpy(at->digest, digest.ptr, DUMP_DIGEST);
	}
	err = store_rows_end(rows, error);
	if (!feed->migrations)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a backup");
	return err;
}

static ward_err store_feed_begin(struct store_feed *feed, struct store_tx *tx,
		struct ward_error *error)
{
	*feed = (struct store_feed){ .tx = tx };
	ward_buf_init(&feed->scratch, SCRATCH_MAX);
	ward_err err = find_tables(tx, &feed->tables, error);

	return err ? err : read_migrations(feed, error);
}

static void store_feed_free(struct store_feed *feed)
{
	free_tables(&feed->tables);
	free(feed->migrations);
	ward_buf_free(&feed->scratch);
}

static ward_err begin_table(struct store_feed *feed, struct dump_frame *frame,
		struct ward_error *error)
{
	if (feed->next == feed->tables.count) {
		frame->kind = DUMP_END;
		frame->sum.rows = feed->rows_given;
		return WARD_OK;
	}
	frame->kind = DUMP_TABLE;
	frame->table = feed->tables.at[feed->next++];
	feed->sum = (struct dump_sum){ 0 };
	return open_table(feed->tx, frame->table, &feed->rows, error);
}

static ward_err give_row(struct store_feed *feed, struct dump_frame *frame,
		struct ward_error *error)
{
	const struct dump_table *table = feed->tables.at[feed->next - 1];

	frame->table = table;
	if (!store_next(feed->rows)) {
		ward_err err = store_rows_end(feed->rows, error);

		feed->rows = NULL;
		frame->kind = DUMP_TABLE_END;
		frame->sum = feed->sum;
		return err;
	}
	frame->kind = DUMP_ROW;
	frame->values = (struct store_values){ feed->values, table->column_count };
	feed->rows_given++;
	ward_err err = row_values(feed->rows, table, feed->values, error);

	return err ? err : dump_sum_row(&feed->sum, frame->values, &feed->scratch, error);
}

static ward_err store_feed_next(void *context, struct dump_frame *frame, struct ward_error *error)
{
	struct store_feed *feed = context;

	*frame = (struct dump_frame){ 0 };
	if (!feed->version_given) {
		feed->version_given = true;
		frame->kind = DUMP_VERSION;
		frame->at = clock_now();
		frame->migrations = feed->migrations;
		frame->migration_count = feed->migration_count;
		return WARD_OK;
	}
	return feed->rows ? give_row(feed, frame, error) : begin_table(feed, frame, error);
}

/* ---- what is told of a copy ---- */

struct told {
	store_watch *watch;
	void *context;
	struct store_copied copied;
};

static void tell(struct told *told, const struct dump_frame *frame)
{
	if (frame->kind == DUMP_VERSION) {
		told->copied.at = frame->at;
		if (frame->migration_count > 0)
			told->copied.version = frame->migrations[frame->migration_count - 1].number;
	}
	told->copied.tables += frame->kind == DUMP_TABLE;
	told->copied.rows += frame->kind == DUMP_ROW;
	if (told->watch && frame->kind == DUMP_ROW && told->copied.rows % WATCH_EVERY == 0)
		told->watch(told->context, told->copied.rows, told->copied.bytes);
}

/* ---- backup ---- */

struct output {
	int fd;
	size_t filled;
	uint8_t bytes[OUTPUT_ROOM];
};

static ward_err flush(struct output *output, struct ward_error *error)
{
	size_t len = output->filled;

	output->filled = 0;
	return file_write_all(output->fd, output->bytes, len, error);
}

static ward_err put_out(void *context, ward_bytes bytes, struct ward_error *error)
{
	struct output *output = context;
	ward_err err = WARD_OK;

	if (bytes.len > OUTPUT_ROOM - output->filled)
		err = flush(output, error);
	if (!err && bytes.len > OUTPUT_ROOM)
		return file_write_all(output->fd, bytes.ptr, bytes.len, error);
	if (!err) {
		memcpy(output->bytes + output->filled, bytes.ptr, bytes.len);
		output->filled += bytes.len;
	}
	return err;
}

static ward_err write_frame(struct dump_writer *writer, const struct dump_frame *frame,
		struct ward_error *error)
{
	switch (frame->kind) {
	case DUMP_VERSION:
		return dump_write_version(writer, frame->at, frame->migrations,
				frame->migration_count, error);
	case DUMP_TABLE:
		return dump_write_table(writer, frame->table, error);
	case DUMP_ROW:
		return dump_write_row(writer, frame->values, error);
	case DUMP_TABLE_END:
		return dump_write_table_end(writer, error);
	case DUMP_END:
	default:
		return dump_write_end(writer, error);
	}
}

static ward_err write_all(struct store_feed *feed, struct output *output, struct told *told,
		struct ward_error *error)
{
	struct dump_frame frame = { 0 };
	struct dump_writer writer;
	ward_err err;

	dump_begin(&writer, put_out, output);
	do {
		err = store_feed_next(feed, &frame, error);
		if (!err)
			err = write_frame(&writer, &frame, error);
		told->copied.bytes = writer.bytes;
		tell(told, &frame);
	} while (!err && frame.kind != DUMP_END);
	dump_writer_free(&writer);
	return err ? err : flush(output, error);
}

ward_err store_backup(struct store *store, int fd, store_watch *watch, void *context,
		struct store_copied *copied, struct ward_error *error)
{
	struct told told = { .watch = watch, .context = context };
	struct store_feed *feed = calloc(1, sizeof(*feed));
	struct output *output = calloc(1, sizeof(*output));
	struct store_tx *tx = NULL;
	ward_err err = feed && output ? store_read(store, &tx, error)
				      : ward_fail(error, WARD_E_NOMEM, "no memory for a backup");

	if (!err) {
		output->fd = fd;
		err = store_feed_begin(feed, tx, error);
		if (!err)
			err = write_all(feed, output, &told, error);
		store_feed_free(feed);
		store_read_end(tx);
	}
	free(feed);
	free(output);
	if (!err)
		*copied = told.copied;
	return err;
}

/* Reads all rows, or the first `rows_max` (0: all), and adds them up. */
static ward_err sum_table(struct store_tx *tx, const struct dump_table *table, uint64_t rows_max,
		struct dump_sum *sum, struct ward_error *error)
{
	struct store_value values[STORE_VALUES_MAX];
	struct store_rows *rows;
	struct ward_buf scratch;
	ward_err err = open_table(tx, table, &rows, error);

	*sum = (struct dump_sum){ 0 };
	if (err)
		return err;
	ward_buf_init(&scratch, SCRATCH_MAX);
	while (!err && (rows_max == 0 || sum->rows < rows_max) && store_next(rows)) {
		err = row_values(rows, table, values, error);
		if (!err)
			err = dump_sum_row(sum,
					(struct store_values){ values, table->column_count },
					&scratch, error);
	}
	ward_buf_free(&scratch);
	ward_err ended = store_rows_end(rows, err ? NULL : error);

	return err ? err : ended;
}

/* ---- filling a store ---- */

struct filling {
	struct store *store;
	struct store_tx *tx;
	struct tables tables;
	struct dump_sum sums[TABLES_MAX]; /* what each should hold, by its place in `tables` */
	struct dump_sum sums_new[TABLES_MAX];
	bool seen[TABLES_MAX];
	size_t applied; /* migrations, of those the store's program knows */
	const struct dump_table *table;
	struct ward_buf insert;
};

static ward_err drop(struct store_tx *tx, const char *name, struct ward_error *error)
{
	char sql[120];

	snprintf(sql, sizeof(sql), "DROP TABLE \"%s\"", name);
	return tx->link->engine->script(tx->link, sql, error);
}

static ward_err drop_all(struct store_tx *tx, const struct tables *tables, struct ward_error *error)
{
	ward_err err = tx->link->engine->loosen(tx->link, error);

	for (size_t i = 0; !err && i < tables->count; i++)
		err = drop(tx, tables->at[i]->name, error);
	return err ? err : drop(tx, own_table, error);
}

/* To the first `count` migrations; the tables are those that they make. */
static ward_err build(struct filling *filling, size_t count, struct ward_error *error)
{
	ward_err err = migrate_own_table(filling->tx, error);

	for (size_t i = 0; !err && i < count; i++)
		err = migrate_apply(filling->tx, &filling->store->known.at[i], error);
	free_tables(&filling->tables);
	return err ? err : find_tables(filling->tx, &filling->tables, error);
}

static ward_err sum_all(struct filling *filling, struct dump_sum *sums, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < filling->tables.count; i++)
		err = sum_table(filling->tx, filling->tables.at[i], SEEDS_MAX, &sums[i], error);
	return err;
}

/*
 * Migrations may put rows into their tables, so "empty" is what a new store
 * has: this one is added up, made anew, and added up again.
 */
static ward_err make_anew(struct filling *filling, struct ward_error *error)
{
	struct dump_sum *was = filling->sums, *is = filling->sums_new;
	ward_err err = find_tables(filling->tx, &filling->tables, error);
	size_t count = filling->tables.count;

	if (!err)
		err = sum_all(filling, was, error);
	if (!err)
		err = drop_all(filling->tx, &filling->tables, error);
	if (!err)
		err = build(filling, filling->store->known.count, error);
	if (!err)
		err = sum_all(filling, is, error);
	if (err)
		return err;
	if (count == filling->tables.count && memcmp(was, is, count * sizeof(*was)) == 0)
		return WARD_OK;
	return ward_fail(error, WARD_E_EXISTS,
			"the store is not empty; only an empty one is filled: move it away first");
}

static ward_err clear_all(struct filling *filling, struct ward_error *error)
{
	ward_err err = filling->tx->link->engine->loosen(filling->tx->link, error);

	for (size_t i = 0; !err && i < filling->tables.count; i++) {
		char sql[120];

		snprintf(sql, sizeof(sql), "DELETE FROM \"%s\"", filling->tables.at[i]->name);
		err = filling->tx->link->engine->script(filling->tx->link, sql, error);
	}
	memset(filling->sums, 0, sizeof(filling->sums));
	return err;
}

static ward_err same_migration(const struct migration *known, const struct dump_migration *said,
		struct ward_error *error)
{
	uint8_t digest[MIGRATION_DIGEST];
	ward_err err = migrate_digest(known, digest, error);

	if (err)
		return err;
	return known->number == said->number && memcmp(digest, said->digest, sizeof(digest)) == 0
			       ? WARD_OK
			       : ward_fail(error, WARD_E_UNSUPPORTED,
						 "the backup's migration %" PRIu32
						 " is not the one this ward knows as %04u_%s",
						 said->number, known->number, known->name);
}

/* Brings the store to the version that the backup has. */
static ward_err build_up(struct filling *filling, const struct dump_frame *frame,
		struct ward_error *error)
{
	struct migrations known = filling->store->known;
	ward_err err = WARD_OK;

	if (frame->migration_count > known.count)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"a newer ward has made this backup; use the newer ward");
	for (size_t i = 0; !err && i < frame->migration_count; i++)
		err = same_migration(&known.at[i], &frame->migrations[i], error);
	if (!err)
		err = make_anew(filling, error);
	filling->applied = frame->migration_count;
	if (!err && filling->applied < known.count) {
		err = drop_all(filling->tx, &filling->tables, error);
		if (!err)
			err = build(filling, filling->applied, error);
	}
	return err ? err : clear_all(filling, error);
}

static size_t place_of(const struct filling *filling, const struct dump_table *table)
{
	size_t i = 0;

	while (filling->tables.at[i] != table)
		i++;
	return i;
}

/* The backup's table must be the store's: its names then are ours, and go into statements. */
static ward_err begin_filling(struct filling *filling, const struct dump_table *said,
		struct ward_error *error)
{
	const struct dump_table *table = find_table(&filling->tables, said->name);
	bool same = table && table->column_count == said->column_count;

	for (unsigned i = 0; same && i < said->column_count; i++)
		same = strcmp(table->columns[i], said->columns[i]) == 0;
	if (!same || filling->seen[place_of(filling, table)])
		return ward_fail(error, WARD_E_CORRUPT,
				"the backup's table %s is not one that its version has",
				said->name);
	filling->seen[place_of(filling, table)] = true;
	filling->table = table;
	write_insert(&filling->insert, table);
	return filling->insert.failed ? ward_fail(error, WARD_E_NOMEM, "no memory for a statement")
				      : WARD_OK;
}

/* What was written is read again, and must be what was said. */
static ward_err compare_table(struct filling *filling, size_t place, struct ward_error *error)
{
	const struct dump_table *table = filling->tables.at[place];
	struct dump_sum sum;
	ward_err err = sum_table(filling->tx, table, 0, &sum, error);

	if (!err && memcmp(&sum, &filling->sums[place], sizeof(sum)) != 0)
		err = ward_fail(error, WARD_E_CORRUPT,
				"table %s came out other than it went in; nothing was kept",
				table->name);
	return err;
}

/* All is there: compared, its references looked at, brought to this version. */
static ward_err finish_filling(struct filling *filling, struct ward_error *error)
{
	struct migrations known = filling->store->known;
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < filling->tables.count; i++)
		err = compare_table(filling, i, error);
	if (!err)
		err = filling->tx->link->engine->tighten(filling->tx->link, error);
	for (; !err && filling->applied < known.count; filling->applied++)
		err = migrate_apply(filling->tx, &known.at[filling->applied], error);
	return err;
}

static ward_err fill_frame(struct filling *filling, const struct dump_frame *frame,
		struct ward_error *error)
{
	switch (frame->kind) {
	case DUMP_VERSION:
		return build_up(filling, frame, error);
	case DUMP_TABLE:
		return begin_filling(filling, frame->table, error);
	case DUMP_ROW:
		return store_run(filling->tx, ward_buf_text(&filling->insert).ptr, frame->values,
				NULL, error);
	case DUMP_TABLE_END:
		filling->sums[place_of(filling, filling->table)] = frame->sum;
		return WARD_OK;
	case DUMP_END:
	default:
		return finish_filling(filling, error);
	}
}

static ward_err fill_all(struct filling *filling, feed_next *next, void *feed, struct told *told,
		struct ward_error *error)
{
	struct dump_frame frame = { 0 };
	ward_err err;

	do {
		err = next(feed, &frame, error);
		if (!err)
			err = fill_frame(filling, &frame, error);
		if (!err)
			tell(told, &frame);
	} while (!err && frame.kind != DUMP_END);
	return err;
}

/* One transaction, and nobody else's work in it. */
static ward_err fill_store(struct store *store, feed_next *next, void *feed, struct told *told,
		struct ward_error *error)
{
	struct filling *filling = calloc(1, sizeof(*filling));
	struct store_tx tx = { 0 };

	if (!filling)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a restore");
	filling->store = store;
	filling->tx = &tx;
	ward_buf_init(&filling->insert, SQL_ROOM);
	store_lead(store);
	ward_err err = store_connect(store, LINK_WRITE, &store->writer, error);

	if (!err) {
		store->writer->filling = true;
		err = store->engine->begin(store->writer, error);
	}
	if (!err) {
		tx.link = store->writer;
		err = fill_all(filling, next, feed, told, error);
		store_rows_abandon(&tx);
		if (err)
			store->engine->rollback(store->writer);
		else
			err = store->engine->commit(store->writer, error);
	}
	if (store->writer)
		store->writer->filling = false;
	store_lead_end(store);
	free_tables(&filling->tables);
	ward_buf_free(&filling->insert);
	free(filling);
	return err;
}

/* ---- restore ---- */

static ward_err take_in(void *context, uint8_t *bytes, size_t room, size_t *len,
		struct ward_error *error)
{
	ssize_t got;

	do
		got = read(*(int *)context, bytes, room);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return ward_fail(error, WARD_E_IO, "the backup cannot be read: %s",
				strerror(errno));
	*len = (size_t)got;
	return WARD_OK;
}

struct dump_feed {
	struct dump_reader *reader;
	struct told *told;
};

static ward_err dump_feed_next(void *context, struct dump_frame *frame, struct ward_error *error)
{
	struct dump_feed *feed = context;
	ward_err err = dump_next(feed->reader, frame, error);

	feed->told->copied.bytes = dump_reader_bytes(feed->reader);
	return err;
}

ward_err store_restore(struct store *store, int fd, store_watch *watch, void *context,
		struct store_copied *copied, struct ward_error *error)
{
	struct told told = { .watch = watch, .context = context };
	struct dump_feed feed = { dump_reader_new(take_in, &fd), &told };

	if (!feed.reader)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a restore");
	ward_err err = fill_store(store, dump_feed_next, &feed, &told, error);

	dump_reader_free(feed.reader);
	if (!err)
		*copied = told.copied;
	return err;
}

/* ---- from store to store ---- */

static ward_err copy_between(struct store_feed *feed, struct store *from, struct store *to,
		struct told *told, struct ward_error *error)
{
	struct store_tx tx = { 0 };
	ward_err err = store_begin(from, LINK_WRITE, &from->writer, error);

	if (err)
		return err;
	tx.link = from->writer;
	err = from->engine->take_time(from->writer, error);
	if (!err)
		err = store_feed_begin(feed, &tx, error);
	if (!err)
		err = fill_store(to, store_feed_next, feed, told, error);
	store_feed_free(feed);
	store_rows_abandon(&tx);
	from->engine->rollback(from->writer);
	return err;
}

ward_err store_copy(struct store *from, struct store *to, store_watch *watch, void *context,
		struct store_copied *copied, struct ward_error *error)
{
	struct told told = { .watch = watch, .context = context };
	struct store_feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a copy");
	/* The lock to write is held, so that nothing is written that would not be copied. */
	store_lead(from);
	ward_err err = copy_between(feed, from, to, &told, error);

	store_lead_end(from);
	free(feed);
	if (!err)
		*copied = told.copied;
	return err;
}

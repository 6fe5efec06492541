#include "store/dump.h"

static const char magic[] = "ward-db1";

enum { ROW_MAX = 4 * STORE_BYTES_MAX, STEP = 1 << 20, INPUT_ROOM = 1 << 16, END_LEN = 40 };

/* What may come next. */
enum state { AT_VERSION, AT_TABLE, IN_TABLE, AT_END };

struct dump_reader {
	crypto_generichash_state digest; /* first, for it is aligned to 64 bytes */
	dump_source *source;
	void *context;
	size_t next, filled; /* of `input` */
	uint64_t bytes;
	struct ward_buf frame, scratch;
	struct dump_migration *migrations;
	struct dump_sum sum; /* of the table so far */
	uint64_t rows;
	enum state state;
	struct dump_table table;
	struct store_value values[STORE_VALUES_MAX];
	uint8_t input[INPUT_ROOM];
};

struct dump_reader *dump_reader_new(dump_source *source, void *context)
{
	struct dump_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->source = source;
	reader->context = context;
	ward_buf_init(&reader->frame, ROW_MAX);
	ward_buf_init(&reader->scratch, ROW_MAX);
	crypto_generichash_init(&reader->digest, NULL, 0, DUMP_DIGEST);
	return reader;
}

void dump_reader_free(struct dump_reader *reader)
{
	if (!reader)
		return;
	ward_buf_free(&reader->frame);
	ward_buf_free(&reader->scratch);
	free(reader->migrations);
	free(reader);
}

uint64_t dump_reader_bytes(const struct dump_reader *reader)
{
	return reader->bytes;
}

/* ---- bytes ---- */

static ward_err cut_short(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "the backup is cut short");
}

static ward_err wrong(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "the backup is damaged");
}

static ward_err refill(struct dump_reader *reader, struct ward_error *error)
{
	reader->next = 0;
	reader->filled = 0;
	return reader->source(reader->context, reader->input, INPUT_ROOM, &reader->filled, error);
}

static ward_err take(struct dump_reader *reader, uint8_t *out, size_t len, struct ward_error *error)
{
	while (len > 0) {
		ward_err err = reader->next == reader->filled ? refill(reader, error) : WARD_OK;

		if (err)
			return err;
		if (reader->filled == 0)
			return cut_short(error);
		size_t some = reader->filled - reader->next;

		some = some < len ? some : len;
		memcpy(out, reader->input + reader->next, some);
		reader->next += some;
		reader->bytes += some;
		out += some;
		len -= some;
	}
	return WARD_OK;
}

/* Bytes that the last digest covers. */
static ward_err take_covered(struct dump_reader *reader, uint8_t *out, size_t len,
		struct ward_error *error)
{
	ward_err err = take(reader, out, len, error);

	if (!err)
		crypto_generichash_update(&reader->digest, out, len);
	return err;
}

/* Appends `len` bytes to the frame; memory grows by what has come. */
static ward_err take_content(struct dump_reader *reader, size_t len, struct ward_error *error)
{
	while (len > 0) {
		size_t some = len < STEP ? len : STEP;
		char *room = ward_buf_reserve(&reader->frame, some);

		if (!room)
			return ward_fail(error, WARD_E_NOMEM, "no memory for a row");
		ward_err err = take_covered(reader, (uint8_t *)room, some, error);

		if (err)
			return err;
		reader->frame.len += some;
		len -= some;
	}
	return WARD_OK;
}

/* ---- frames ---- */

static ward_err read_version(struct dump_reader *reader, struct ward_reader *content,
		struct dump_frame *frame, struct ward_error *error)
{
	frame->kind = DUMP_VERSION;
	frame->at = (int64_t)ward_read_u64le(content);
	size_t count = ward_read_u32le(content);

	if (count > DUMP_MIGRATIONS_MAX || ward_reader_left(content) != count * (4 + DUMP_DIGEST))
		return wrong(error);
	free(reader->migrations);
	reader->migrations = calloc(count + 1, sizeof(*reader->migrations));
	if (!reader->migrations)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a backup");
	for (size_t i = 0; i < count; i++) {
		reader->migrations[i].number = ward_read_u32le(content);
		memcpy(reader->migrations[i].digest, ward_read_bytes(content, DUMP_DIGEST).ptr,
				DUMP_DIGEST);
	}
	frame->migrations = reader->migrations;
	frame->migration_count = count;
	reader->state = AT_TABLE;
	return WARD_OK;
}

/* Names are of small letters, digits and "_", as the migrations have them. */
static bool read_name(struct ward_reader *content, char name[DUMP_NAME_MAX + 1])
{
	size_t len = ward_read_u8(content);
	ward_bytes bytes = ward_read_bytes(content, len);

	if (content->failed || len == 0 || len > DUMP_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = (char)bytes.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
		name[i] = c;
	}
	name[len] = '\0';
	return true;
}

static ward_err read_table(struct dump_reader *reader, struct ward_reader *content,
		struct dump_frame *frame, struct ward_error *error)
{
	struct dump_table *table = &reader->table;

	frame->kind = DUMP_TABLE;
	if (!read_name(content, table->name))
		return wrong(error);
	table->column_count = ward_read_u8(content);
	if (table->column_count == 0 || table->column_count > STORE_VALUES_MAX)
		return wrong(error);
	for (unsigned i = 0; i < table->column_count; i++) {
		if (!read_name(content, table->columns[i]))
			return wrong(error);
	}
	reader->sum = (struct dump_sum){ 0 };
	reader->state = IN_TABLE;
	return WARD_OK;
}

static bool read_value(struct ward_reader *content, struct store_value *value)
{
	unsigned type = ward_read_u8(content);

	*value = store_null();
	if (type == STORE_INT)
		*value = store_int((int64_t)ward_read_u64le(content));
	if (type == STORE_TEXT || type == STORE_BLOB) {
		size_t len = ward_read_u32le(content);

		value->type = type;
		value->bytes = ward_read_bytes(content, len);
	}
	return type <= STORE_BLOB && !content->failed;
}

static ward_err read_row(struct dump_reader *reader, struct ward_reader *content,
		struct dump_frame *frame, struct ward_error *error)
{
	frame->kind = DUMP_ROW;
	for (unsigned i = 0; i < reader->table.column_count; i++) {
		if (!read_value(content, &reader->values[i]))
			return wrong(error);
	}
	frame->values = (struct store_values){ reader->values, reader->table.column_count };
	reader->rows++;
	return dump_sum_row(&reader->sum, frame->values, &reader->scratch, error);
}

static ward_err read_table_end(struct dump_reader *reader, struct ward_reader *content,
		struct dump_frame *frame, struct ward_error *error)
{
	bool same = ward_read_u64le(content) == reader->sum.rows;

	frame->kind = DUMP_TABLE_END;
	for (int i = 0; i < 4; i++)
		same = ward_read_u64le(content) == reader->sum.lanes[i] && same;
	frame->sum = reader->sum;
	reader->state = AT_TABLE;
	return same ? WARD_OK : wrong(error);
}

/* The head of the frame was read; here is the rest, and nothing may follow it. */
static ward_err read_end(struct dump_reader *reader, struct dump_frame *frame,
		struct ward_error *error)
{
	uint8_t rows[8], said[DUMP_DIGEST], digest[DUMP_DIGEST];
	ward_err err = take_covered(reader, rows, sizeof(rows), error);

	if (!err)
		err = take(reader, said, sizeof(said), error);
	if (err)
		return err;
	crypto_generichash_final(&reader->digest, digest, sizeof(digest));
	struct ward_reader number = ward_reader_from((ward_bytes){ rows, sizeof(rows) });

	if (memcmp(said, digest, sizeof(digest)) != 0 || ward_read_u64le(&number) != reader->rows)
		return wrong(error);
	if (reader->next == reader->filled)
		err = refill(reader, error);
	if (err)
		return err;
	if (reader->filled != reader->next)
		return wrong(error);
	frame->kind = DUMP_END;
	frame->sum.rows = reader->rows;
	reader->state = AT_END;
	return WARD_OK;
}

static ward_err read_content(struct dump_reader *reader, char kind, struct dump_frame *frame,
		struct ward_error *error)
{
	struct ward_reader content = ward_reader_from(
			(ward_bytes){ (const uint8_t *)reader->frame.ptr, reader->frame.len });
	ward_err err = kind == 'V' && reader->state == AT_VERSION
				       ? read_version(reader, &content, frame, error)
		       : kind == 'T' && reader->state == AT_TABLE
				       ? read_table(reader, &content, frame, error)
		       : kind == 'R' && reader->state == IN_TABLE
				       ? read_row(reader, &content, frame, error)
		       : kind == 'C' && reader->state == IN_TABLE
				       ? read_table_end(reader, &content, frame, error)
				       : wrong(error);

	if (err)
		return err;
	return content.failed || ward_reader_left(&content) > 0 ? wrong(error) : WARD_OK;
}

static ward_err read_magic(struct dump_reader *reader, struct ward_error *error)
{
	uint8_t begin[sizeof(magic) - 1];
	ward_err err = take_covered(reader, begin, sizeof(begin), error);

	if (!err && memcmp(begin, magic, sizeof(begin)) == 0)
		return WARD_OK;
	return err && err != WARD_E_CORRUPT
			       ? err
			       : ward_fail(error, WARD_E_FORMAT, "this is no backup of ward's");
}

ward_err dump_next(struct dump_reader *reader, struct dump_frame *frame, struct ward_error *error)
{
	uint8_t head[5];
	ward_err err = reader->bytes == 0 ? read_magic(reader, error) : WARD_OK;

	if (!err)
		err = take_covered(reader, head, sizeof(head), error);
	if (err)
		return err;
	struct ward_reader length = ward_reader_from((ward_bytes){ head + 1, 4 });
	size_t len = ward_read_u32le(&length);

	*frame = (struct dump_frame){ .table = &reader->table };
	if (head[0] == 'E')
		return reader->state == AT_TABLE && len == END_LEN ? read_end(reader, frame, error)
								   : wrong(error);
	if (len > ROW_MAX)
		return wrong(error);
	ward_buf_clear(&reader->frame);
	err = take_content(reader, len, error);
	return err ? err : read_content(reader, (char)head[0], frame, error);
}

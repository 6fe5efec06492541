#include "store/dump.h"

static const char magic[] = "ward-db1";

enum { ROW_MAX = 4 * STORE_BYTES_MAX, FRAME_HEAD = 5 };

static void put_number(struct ward_buf *buf, uint64_t number, int size)
{
	for (int i = 0; i < size; i++)
		ward_buf_char(buf, (char)(uint8_t)(number >> (8 * i)));
}

static void put_name(struct ward_buf *buf, const char *name)
{
	put_number(buf, strlen(name), 1);
	ward_buf_str(buf, ward_str_from(name));
}

/* ---- frames ---- */

static void open_frame(struct ward_buf *frame, char kind)
{
	ward_buf_clear(frame);
	ward_buf_char(frame, kind);
	put_number(frame, 0, 4);
}

static ward_err close_frame(struct ward_buf *frame, struct ward_error *error)
{
	if (frame->failed)
		return ward_fail(error, WARD_E_LIMIT, "a row is too large for a backup, or memory");
	uint32_t len = (uint32_t)(frame->len - FRAME_HEAD);

	for (int i = 0; i < 4; i++)
		frame->ptr[1 + i] = (char)(uint8_t)(len >> (8 * i));
	return WARD_OK;
}

static ward_err give(struct dump_writer *writer, ward_bytes bytes, struct ward_error *error)
{
	crypto_generichash_update(&writer->digest, bytes.ptr, bytes.len);
	writer->bytes += bytes.len;
	return writer->sink(writer->context, bytes, error);
}

static ward_bytes bytes_of(const struct ward_buf *frame)
{
	return (ward_bytes){ (const uint8_t *)frame->ptr, frame->len };
}

static ward_err give_frame(struct dump_writer *writer, struct ward_error *error)
{
	ward_err err = close_frame(&writer->frame, error);

	return err ? err : give(writer, bytes_of(&writer->frame), error);
}

/* ---- rows ---- */

static ward_err row_frame(struct ward_buf *frame, struct store_values values,
		struct ward_error *error)
{
	open_frame(frame, 'R');
	for (size_t i = 0; i < values.count; i++) {
		const struct store_value *value = &values.at[i];

		put_number(frame, value->type, 1);
		if (value->type == STORE_INT)
			put_number(frame, (uint64_t)value->number, 8);
		if (value->type == STORE_TEXT || value->type == STORE_BLOB) {
			put_number(frame, value->bytes.len, 4);
			ward_buf_add(frame, value->bytes.ptr, value->bytes.len);
		}
	}
	return close_frame(frame, error);
}

static void add_digest(struct dump_sum *sum, ward_bytes frame)
{
	uint8_t digest[DUMP_DIGEST];

	crypto_generichash(digest, sizeof(digest), frame.ptr, frame.len, NULL, 0);
	struct ward_reader reader = ward_reader_from((ward_bytes){ digest, sizeof(digest) });

	for (int i = 0; i < 4; i++)
		sum->lanes[i] += ward_read_u64le(&reader);
	sum->rows++;
}

ward_err dump_sum_row(struct dump_sum *sum, struct store_values values, struct ward_buf *scratch,
		struct ward_error *error)
{
	ward_err err = row_frame(scratch, values, error);

	if (!err)
		add_digest(sum, bytes_of(scratch));
	return err;
}

/* ---- the stream ---- */

void dump_begin(struct dump_writer *writer, dump_sink *sink, void *context)
{
	*writer = (struct dump_writer){ .sink = sink, .context = context };
	ward_buf_init(&writer->frame, ROW_MAX);
	crypto_generichash_init(&writer->digest, NULL, 0, DUMP_DIGEST);
}

ward_err dump_write_version(struct dump_writer *writer, int64_t at,
		const struct dump_migration *migrations, size_t count, struct ward_error *error)
{
	ward_err err = give(writer, (ward_bytes){ (const uint8_t *)magic, sizeof(magic) - 1 },
			error);

	if (err)
		return err;
	open_frame(&writer->frame, 'V');
	put_number(&writer->frame, (uint64_t)at, 8);
	put_number(&writer->frame, count, 4);
	for (size_t i = 0; i < count; i++) {
		put_number(&writer->frame, migrations[i].number, 4);
		ward_buf_add(&writer->frame, migrations[i].digest, DUMP_DIGEST);
	}
	return give_frame(writer, error);
}

ward_err dump_write_table(struct dump_writer *writer, const struct dump_table *table,
		struct ward_error *error)
{
	writer->table = (struct dump_sum){ 0 };
	open_frame(&writer->frame, 'T');
	put_name(&writer->frame, table->name);
	put_number(&writer->frame, table->column_count, 1);
	for (unsigned i = 0; i < table->column_count; i++)
		put_name(&writer->frame, table->columns[i]);
	return give_frame(writer, error);
}

ward_err dump_write_row(struct dump_writer *writer, struct store_values values,
		struct ward_error *error)
{
	ward_err err = dump_sum_row(&writer->table, values, &writer->frame, error);

	writer->rows += !err;
	return err ? err : give(writer, bytes_of(&writer->frame), error);
}

ward_err dump_write_table_end(struct dump_writer *writer, struct ward_error *error)
{
	open_frame(&writer->frame, 'C');
	put_number(&writer->frame, writer->table.rows, 8);
	for (int i = 0; i < 4; i++)
		put_number(&writer->frame, writer->table.lanes[i], 8);
	return give_frame(writer, error);
}

/* The digest covers its own frame's beginning, and is no part of itself. */
ward_err dump_write_end(struct dump_writer *writer, struct ward_error *error)
{
	static const uint8_t head[FRAME_HEAD] = { 'E', 8 + DUMP_DIGEST, 0, 0, 0 };
	uint8_t digest[DUMP_DIGEST];

	ward_buf_clear(&writer->frame);
	ward_buf_add(&writer->frame, head, sizeof(head));
	put_number(&writer->frame, writer->rows, 8);
	if (writer->frame.failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a backup");
	ward_err err = give(writer, bytes_of(&writer->frame), error);

	if (err)
		return err;
	crypto_generichash_final(&writer->digest, digest, sizeof(digest));
	writer->bytes += sizeof(digest);
	return writer->sink(writer->context, (ward_bytes){ digest, sizeof(digest) }, error);
}

void dump_writer_free(struct dump_writer *writer)
{
	ward_buf_free(&writer->frame);
}

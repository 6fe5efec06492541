#include "disk/answer.h"

/* A record's own length and kind. */
enum { HEAD = 8 };

/* ---- writing ---- */

static void put_u32(struct ward_buf *out, uint32_t value)
{
	uint8_t bytes[4];

	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	ward_buf_add(out, bytes, sizeof(bytes));
}

static void put_u64(struct ward_buf *out, uint64_t value)
{
	put_u32(out, (uint32_t)value);
	put_u32(out, (uint32_t)(value >> 32));
}

static void put_str(struct ward_buf *out, ward_str text)
{
	put_u32(out, (uint32_t)text.len);
	ward_buf_str(out, text);
}

static size_t begin(struct ward_buf *out, enum disk_record_kind kind)
{
	size_t from = out->len;

	put_u32(out, 0);
	put_u32(out, kind);
	return from;
}

static void end(struct ward_buf *out, size_t from)
{
	size_t len = out->len - from;

	for (int i = 0; i < 4 && !out->failed; i++)
		out->ptr[from + (size_t)i] = (char)(len >> (8 * i));
}

void disk_answer_volume(struct ward_buf *out, const struct disk_volume *volume)
{
	size_t from = begin(out, DISK_VOLUME);

	put_u64(out, volume->offset);
	put_u64(out, volume->len);
	put_u32(out, volume->readable);
	put_u32(out, volume->gap);
	put_u32(out, volume->container);
	put_u32(out, volume->number);
	put_str(out, volume->system);
	put_str(out, volume->trouble);
	end(out, from);
}

void disk_answer_entry(struct ward_buf *out, const struct disk_entry *entry,
		const struct disk_run *runs)
{
	size_t from = begin(out, DISK_ENTRY);

	put_u64(out, entry->inode);
	put_u64(out, entry->size);
	put_u64(out, (uint64_t)entry->modified);
	put_u64(out, (uint64_t)entry->accessed);
	put_u64(out, (uint64_t)entry->changed);
	put_u64(out, (uint64_t)entry->created);
	put_u32(out, entry->flags);
	put_u32(out, entry->attr_type);
	put_u32(out, entry->attr_id);
	put_str(out, entry->path);
	put_u32(out, entry->run_count);
	for (uint32_t i = 0; i < entry->run_count; i++) {
		put_u64(out, runs[i].offset);
		put_u64(out, runs[i].len);
	}
	end(out, from);
}

void disk_answer_trouble(struct ward_buf *out, const struct disk_trouble *trouble)
{
	size_t from = begin(out, DISK_TROUBLE);

	put_u32(out, trouble->err);
	put_str(out, trouble->path);
	put_str(out, trouble->message);
	end(out, from);
}

/* ---- reading ---- */

static ward_str read_str(struct ward_reader *reader, size_t len_max)
{
	uint32_t len = ward_read_u32le(reader);

	if (len > len_max)
		reader->failed = true;
	ward_bytes bytes = ward_read_bytes(reader, reader->failed ? 0 : len);

	return (ward_str){ (const char *)bytes.ptr, bytes.len };
}

static bool read_bool(struct ward_reader *reader)
{
	uint32_t value = ward_read_u32le(reader);

	if (value > 1)
		reader->failed = true;
	return value == 1;
}

static bool has_nul(ward_str text)
{
	return text.len > 0 && memchr(text.ptr, 0, text.len) != NULL;
}

static bool read_volume(struct ward_reader *reader, uint64_t image_size, struct disk_volume *volume)
{
	volume->offset = ward_read_u64le(reader);
	volume->len = ward_read_u64le(reader);
	volume->readable = read_bool(reader);
	volume->gap = read_bool(reader);
	volume->container = ward_read_u32le(reader);
	volume->number = ward_read_u32le(reader);
	volume->system = read_str(reader, 32);
	volume->trouble = read_str(reader, 200);
	return volume->offset <= image_size && volume->len <= image_size - volume->offset &&
	       (volume->container == 0) == (volume->number == 0) && !has_nul(volume->system) &&
	       !has_nul(volume->trouble);
}

struct disk_run disk_run_at(const struct disk_entry *entry, uint32_t index)
{
	struct ward_reader reader =
			ward_reader_from((ward_bytes){ entry->runs + (size_t)index * 16, 16 });
	uint64_t offset = ward_read_u64le(&reader);

	return (struct disk_run){ offset, ward_read_u64le(&reader) };
}

/* Within the image, none empty, and together the file. */
static bool good_runs(const struct disk_entry *entry, uint64_t image_size)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < entry->run_count; i++) {
		struct disk_run run = disk_run_at(entry, i);

		if (run.len == 0 || ckd_add(&total, total, run.len))
			return false;
		if (run.offset == DISK_NOWHERE)
			continue;
		if (run.offset > image_size || run.len > image_size - run.offset)
			return false;
	}
	return total == entry->size;
}

static bool read_entry(struct ward_reader *reader, uint64_t image_size, struct disk_entry *entry)
{
	entry->inode = ward_read_u64le(reader);
	entry->size = ward_read_u64le(reader);
	entry->modified = (int64_t)ward_read_u64le(reader);
	entry->accessed = (int64_t)ward_read_u64le(reader);
	entry->changed = (int64_t)ward_read_u64le(reader);
	entry->created = (int64_t)ward_read_u64le(reader);
	entry->flags = ward_read_u32le(reader);
	entry->attr_type = ward_read_u32le(reader);
	entry->attr_id = ward_read_u32le(reader);
	entry->path = read_str(reader, DISK_PATH_MAX);
	entry->run_count = ward_read_u32le(reader);
	if (entry->run_count > ward_reader_left(reader) / 16)
		return false;
	entry->runs = ward_read_bytes(reader, (size_t)entry->run_count * 16).ptr;
	if (reader->failed || (entry->flags & ~(unsigned)DISK_FLAGS) || entry->path.len == 0 ||
			has_nul(entry->path) || entry->size > INT64_MAX)
		return false;
	return entry->flags & DISK_PLAIN ? good_runs(entry, image_size) : entry->run_count == 0;
}

static bool read_trouble(struct ward_reader *reader, struct disk_trouble *trouble)
{
	uint32_t err = ward_read_u32le(reader);

	trouble->path = read_str(reader, DISK_PATH_MAX);
	trouble->message = read_str(reader, 200);
	trouble->err = (ward_err)err;
	return err > WARD_OK && err < WARD_ERR_COUNT && !has_nul(trouble->path) &&
	       !has_nul(trouble->message);
}

static bool read_body(struct ward_reader *reader, uint64_t image_size, struct disk_record *record)
{
	switch (record->kind) {
	case DISK_VOLUME:
		return read_volume(reader, image_size, &record->volume);
	case DISK_ENTRY:
		return read_entry(reader, image_size, &record->entry);
	case DISK_TROUBLE:
		return read_trouble(reader, &record->trouble);
	}
	return false;
}

ward_err disk_answer_read(ward_bytes *rest, uint64_t image_size, struct disk_record *record,
		struct ward_error *error)
{
	struct ward_reader head = ward_reader_from(*rest);
	uint32_t len = ward_read_u32le(&head);
	uint32_t kind = ward_read_u32le(&head);

	if (head.failed || len < HEAD || len > rest->len)
		return ward_fail(error, WARD_E_FORMAT, "the worker told half a record");
	struct ward_reader reader = ward_reader_from((ward_bytes){ rest->ptr + HEAD, len - HEAD });
	struct disk_record got = { .kind = (enum disk_record_kind)kind };

	if (!read_body(&reader, image_size, &got) || reader.failed || ward_reader_left(&reader) > 0)
		return ward_fail(error, WARD_E_FORMAT,
				"the worker told a record that makes no sense");
	*record = got;
	rest->ptr += len;
	rest->len -= len;
	return WARD_OK;
}

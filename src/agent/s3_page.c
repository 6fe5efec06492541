#include "agent/s3_page.h"

#include <stdlib.h>
#include <string.h>

#include "box/errand.h"

/* The XML at its largest, libxml2's copies of it, and the objects. */
enum { MEMORY_MAX = 512 << 20 };

/* ---- writing, within the jail ---- */

struct writing {
	uint8_t *to;
	size_t room, len;
	bool full;
};

static void put_bytes(struct writing *writing, const void *bytes, size_t len)
{
	writing->full = writing->full || len > writing->room - writing->len;
	if (writing->full || len == 0)
		return;
	memcpy(writing->to + writing->len, bytes, len);
	writing->len += len;
}

static void put_number(struct writing *writing, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	put_bytes(writing, bytes, len);
}

bool s3_page_write(const struct s3_page *page, uint8_t *to, size_t room, size_t *len)
{
	struct writing writing = { to, room, 0, false };
	size_t token = page->next ? strlen(page->next) : 0;

	if (page->count > S3_PAGE_OBJECTS || token > S3_TOKEN_MAX)
		return false;
	put_number(&writing, page->count, 4);
	put_number(&writing, page->passed, 8);
	put_number(&writing, token, 2);
	put_bytes(&writing, page->next, token);
	for (size_t i = 0; i < page->count; i++) {
		const struct s3_object *object = &page->objects[i];
		size_t key = strlen(object->key), etag = strlen(object->etag);

		if (etag > S3_ETAG_MAX)
			etag = S3_ETAG_MAX;
		put_number(&writing, key, 2);
		put_number(&writing, etag, 2);
		put_number(&writing, object->size, 8);
		put_number(&writing, (uint64_t)object->changed, 8);
		put_bytes(&writing, object->key, key);
		put_bytes(&writing, object->etag, etag);
	}
	*len = writing.len;
	return !writing.full;
}

/* ---- reading ---- */

/* A text of so many bytes, without a NUL; NULL when it is none, or there is no memory. */
static const char *read_text(struct ward_reader *reader, struct ward_arena *arena, size_t len)
{
	ward_bytes bytes = ward_read_bytes(reader, len);

	if (reader->failed || (len > 0 && memchr(bytes.ptr, '\0', len)))
		return NULL;
	return ward_arena_str(arena, (ward_str){ (const char *)bytes.ptr, len }).ptr;
}

static bool read_object(struct ward_reader *reader, struct ward_arena *arena,
		struct s3_object *object)
{
	size_t key = ward_read_u16le(reader), etag = ward_read_u16le(reader);

	object->size = ward_read_u64le(reader);
	object->changed = (int64_t)ward_read_u64le(reader);
	if (reader->failed || key == 0 || key > S3_KEY_MAX || etag > S3_ETAG_MAX)
		return false;
	object->key = read_text(reader, arena, key);
	object->etag = read_text(reader, arena, etag);
	return object->key && object->etag;
}

ward_err s3_page_read(struct ward_arena *arena, ward_bytes written, struct s3_page *page,
		struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(written);
	struct s3_page read = { .count = ward_read_u32le(&reader) };

	read.passed = (size_t)ward_read_u64le(&reader);
	size_t token = ward_read_u16le(&reader);
	bool good = !reader.failed && read.count <= S3_PAGE_OBJECTS && token <= S3_TOKEN_MAX;

	if (good && token > 0)
		good = (read.next = read_text(&reader, arena, token)) != NULL;
	if (good && read.count > 0)
		good = (read.objects = ward_new(arena, struct s3_object, read.count)) != NULL;
	for (size_t i = 0; good && i < read.count; i++)
		good = read_object(&reader, arena, &read.objects[i]);
	if (!good || ward_reader_left(&reader) > 0)
		return ward_fail(error, WARD_E_FORMAT, "the bucket's list makes no sense");
	*page = read;
	return WARD_OK;
}

ward_err s3_page_ask(struct ward_arena *arena, ward_bytes xml, struct s3_page *page,
		struct ward_error *error)
{
	static const struct errand errand = { "WARD_BUCKET", "ward-bucket", "a bucket's list",
		S3_ANSWER_MAX, S3_TIME_S, MEMORY_MAX };
	char *answer = NULL;
	size_t len = 0;

	if (xml.len == 0 || xml.len > S3_PAGE_BYTES)
		return ward_fail(error, WARD_E_FORMAT, "the answer is no list of objects");
	ward_err err = errand_run(&errand, xml, &answer, &len, error);

	if (!err)
		err = s3_page_read(arena, (ward_bytes){ (const uint8_t *)answer, len }, page,
				error);
	free(answer);
	return err;
}

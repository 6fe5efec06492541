#include "disk/ewf_kind.h"

#include <zlib.h>

static const struct ewf_kind *const kinds[] = { &ewf_first, &ewf_second };

bool ewf_read_at(const struct ewf *ewf, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	return ewf->source.read(ewf->source.context, file, at, to, len);
}

static const struct ewf_kind *kind_of(const struct disk_source *source)
{
	uint8_t head[8];

	if (source->files == 0 || !source->read(source->context, 0, 0, head, sizeof(head)))
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (memcmp(head, kinds[i]->magic, sizeof(head)) == 0)
			return kinds[i];
	}
	return NULL;
}

bool ewf_is(const struct disk_source *source)
{
	return kind_of(source) != NULL;
}

/* ---- what the sections of either version say ---- */

ward_err ewf_add_table(struct ewf *ewf, const struct ewf_table *table, struct ward_error *error)
{
	if (ewf->count == EWF_TABLES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the EnCase image has too many tables");
	if (ewf->count == ewf->room) {
		size_t room = ewf->room ? ewf->room * 2 : 64;
		struct ewf_table *tables = realloc(ewf->tables, room * sizeof(*tables));

		if (!tables)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		ewf->tables = tables;
		ewf->room = room;
	}
	ewf->tables[ewf->count++] = *table;
	ewf->chunks += table->count;
	return WARD_OK;
}

ward_err ewf_take_size(struct ewf *ewf, uint64_t sectors, uint64_t sector, uint64_t per_chunk,
		struct ward_error *error)
{
	uint64_t chunk, size;

	if (ckd_mul(&chunk, per_chunk, sector) || chunk < 512 || chunk > EWF_CHUNK_MAX ||
			ckd_mul(&size, sectors, sector) || size == 0 || size > INT64_MAX)
		return ward_fail(error, WARD_E_FORMAT,
				"the size that the EnCase image states makes no sense");
	ewf->size = size;
	ewf->chunk_size = (uint32_t)chunk;
	return WARD_OK;
}

void ewf_take_digest(struct ewf *ewf, const uint8_t *digest, size_t len)
{
	static const uint8_t none[20];

	if (len <= ewf->digest_len || memcmp(digest, none, len) == 0)
		return;
	memcpy(ewf->digest, digest, len);
	ewf->digest_len = len;
}

void ewf_take_unread(struct ewf *ewf, size_t file, uint64_t at, uint64_t count,
		const struct ewf_span *span)
{
	uint8_t bytes[4];

	for (uint64_t i = 0; i < count && ewf->spans < EWF_UNREAD_MAX; i++, ewf->spans++) {
		struct ward_reader reader = ward_reader_from((ward_bytes){ bytes, sizeof(bytes) });

		if (!ewf_read_at(ewf, file, at + i * span->len + span->count_at, bytes,
				    sizeof(bytes)))
			return;
		ewf->unread += ward_read_u32le(&reader);
	}
}

/* ---- from open to free ---- */

static int compare_tables(const void *a, const void *b)
{
	const struct ewf_table *one = a, *two = b;

	return (one->first > two->first) - (one->first < two->first);
}

/* Each begins where the one before it ends. */
static bool is_row(const struct ewf *ewf)
{
	uint64_t next = 0;

	for (size_t i = 0; i < ewf->count; i++) {
		if (ewf->tables[i].first != next)
			return false;
		next += ewf->tables[i].count;
	}
	return true;
}

static ward_err finish(struct ewf *ewf, struct ward_error *error)
{
	if (!ewf->chunk_size)
		return ward_fail(error, WARD_E_FORMAT, "the EnCase image says no size");
	if (ewf->count > 0)
		qsort(ewf->tables, ewf->count, sizeof(*ewf->tables), compare_tables);
	if ((ewf->size + ewf->chunk_size - 1) / ewf->chunk_size > ewf->chunks || !is_row(ewf))
		return ward_fail(error, WARD_E_FORMAT,
				"files of the EnCase image are missing: it is not whole");
	/* A deflated chunk that did not become smaller is stored as it is, with its check. */
	ewf->packed = malloc((size_t)ewf->chunk_size + 4096);
	for (size_t i = 0; i < EWF_CACHE; i++) {
		ewf->cache[i].chunk = UINT64_MAX;
		ewf->cache[i].bytes = malloc(ewf->chunk_size);
		if (!ewf->cache[i].bytes)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	return ewf->packed ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

ward_err ewf_open(const struct disk_source *source, struct ewf **ewf, struct ward_error *error)
{
	struct ewf *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->source = *source;
	made->kind = kind_of(source);
	if (!made->kind)
		err = ward_fail(error, WARD_E_FORMAT, "it is no EnCase image");
	for (size_t i = 0; i < source->files && !err; i++)
		err = made->kind->read_file(made, i, error);
	if (!err)
		err = finish(made, error);
	if (err)
		ewf_free(made);
	else
		*ewf = made;
	return err;
}

void ewf_free(struct ewf *ewf)
{
	for (size_t i = 0; ewf && i < EWF_CACHE; i++)
		free(ewf->cache[i].bytes);
	if (ewf) {
		free(ewf->tables);
		free(ewf->packed);
	}
	free(ewf);
}

uint64_t ewf_size(const struct ewf *ewf)
{
	return ewf->size;
}

size_t ewf_stored(const struct ewf *ewf, uint8_t digest[20])
{
	memcpy(digest, ewf->digest, ewf->digest_len);
	return ewf->digest_len;
}

uint64_t ewf_unread(const struct ewf *ewf)
{
	return ewf->unread;
}

/* ---- chunks ---- */

static const struct ewf_table *table_of(const struct ewf *ewf, uint64_t chunk)
{
	size_t low = 0, high = ewf->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (ewf->tables[middle].first <= chunk)
			low = middle;
		else
			high = middle;
	}
	return &ewf->tables[low];
}

/* False when it is damaged. */
static bool unpack(struct ewf *ewf, const struct ewf_chunk *chunk, uint8_t *to, size_t want)
{
	uLongf got = ewf->chunk_size;
	uint64_t len = chunk->checked ? chunk->len - 4 : chunk->len;

	if (chunk->deflated)
		return uncompress(to, &got, ewf->packed, (uLong)chunk->len) == Z_OK && got >= want;
	if (len < want || len > ewf->chunk_size)
		return false;
	struct ward_reader check = ward_reader_from((ward_bytes){ ewf->packed + len, 4 });

	if (chunk->checked && ward_read_u32le(&check) != adler32(1, ewf->packed, (uInt)len))
		return false;
	memcpy(to, ewf->packed, (size_t)len);
	return true;
}

static bool load_chunk(struct ewf *ewf, uint64_t number, uint8_t *to, size_t want)
{
	const struct ewf_table *table = table_of(ewf, number);
	struct ewf_chunk chunk = { 0 };
	uint64_t index = number - table->first, room = (uint64_t)ewf->chunk_size + 4096;

	if (index >= table->count || !ewf->kind->find(ewf, table, index, &chunk))
		return false;
	if (chunk.filled) {
		for (size_t i = 0; i < want; i++)
			to[i] = chunk.pattern[i % sizeof(chunk.pattern)];
		return true;
	}
	if (chunk.len > room)
		chunk.len = room;
	return chunk.len > 4 &&
	       ewf_read_at(ewf, table->file, chunk.at, ewf->packed, (size_t)chunk.len) &&
	       unpack(ewf, &chunk, to, want);
}

static struct ewf_slot *load(struct ewf *ewf, uint64_t chunk)
{
	struct ewf_slot *slot = &ewf->cache[chunk % EWF_CACHE];
	uint64_t left = ewf->size - chunk * ewf->chunk_size;
	size_t want = left < ewf->chunk_size ? (size_t)left : ewf->chunk_size;

	if (slot->chunk == chunk)
		return slot;
	slot->chunk = UINT64_MAX;
	if (!load_chunk(ewf, chunk, slot->bytes, want))
		return NULL;
	slot->chunk = chunk;
	slot->len = want;
	return slot;
}

bool ewf_read(struct ewf *ewf, uint64_t at, uint8_t *to, size_t len)
{
	if (at > ewf->size || len > ewf->size - at)
		return false;
	while (len > 0) {
		const struct ewf_slot *slot = load(ewf, at / ewf->chunk_size);
		size_t within = (size_t)(at % ewf->chunk_size);

		if (!slot || within >= slot->len)
			return false;
		size_t some = len < slot->len - within ? len : slot->len - within;

		memcpy(to, slot->bytes + within, some);
		to += some;
		at += some;
		len -= some;
	}
	return true;
}

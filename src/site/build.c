#include "site/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

/*
 * Five of six tags are taken: one search for an absent place in six then looks
 * at a second group, which mostly lies in the same line of memory.
 */
#define LOAD_PARTS 6
#define LOAD_TAKEN 5

/* ---- bytes ---- */

static ward_err fail_io(const struct site_build *build, const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_IO, "cannot %s %s: %s", what, build->path, strerror(errno));
}

static ward_err flush(struct site_build *build, struct ward_error *error)
{
	if (file_write_all(build->fd, build->piece, build->piece_len, NULL))
		return fail_io(build, "write", error);
	build->piece_len = 0;
	return WARD_OK;
}

static ward_err put(struct site_build *build, const void *bytes, size_t len,
		struct ward_error *error)
{
	const uint8_t *next = bytes;
	ward_err err = WARD_OK;

	checksum_add(&build->sum, bytes, len);
	build->offset += len;
	while (len > 0 && !err) {
		size_t room = PIECE - build->piece_len, some = len < room ? len : room;

		memcpy(build->piece + build->piece_len, next, some);
		build->piece_len += some;
		next += some;
		len -= some;
		if (build->piece_len == PIECE)
			err = flush(build, error);
	}
	return err;
}

static ward_err part_begin(struct site_build *build, enum site_part part, struct ward_error *error)
{
	static const uint8_t zeroes[SITE_ALIGN];
	size_t over = build->offset % SITE_ALIGN;
	ward_err err = over ? put(build, zeroes, SITE_ALIGN - over, error) : WARD_OK;

	build->head.part[part].offset = build->offset;
	build->sum = checksum_begin();
	return err;
}

static void part_end(struct site_build *build, enum site_part part)
{
	struct site_part_place *place = &build->head.part[part];

	place->size = build->offset - place->offset;
	place->checksum = checksum_end(&build->sum);
}

static ward_err put_spool(struct site_build *build, enum site_part part, struct spool *spool,
		struct ward_error *error)
{
	ward_bytes all = { NULL, 0 };
	ward_err err = part_begin(build, part, error);

	if (!err && spool_size(spool) > 0)
		err = spool_read(spool, &all, error);
	if (!err)
		err = put(build, all.ptr, all.len, error);
	part_end(build, part);
	spool_free(spool);
	return err;
}

/* ---- beginning ---- */

ward_err site_build_begin(struct site_build *build, const char *folder, const char *path,
		struct site_seed seed, struct ward_error *error)
{
	static const uint8_t head[sizeof(struct site_head)];
	ward_err err;

	*build = (struct site_build){ .fd = -1, .sum = checksum_begin() };
	spool_init(&build->blocks, folder);
	spool_init(&build->extra_blocks, folder);
	spool_init(&build->extras, folder);
	if (strlen(path) >= sizeof(build->path))
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", path);
	memcpy(build->path, path, strlen(path) + 1);
	build->head.seed = seed;
	build->head.labels_min = UINT32_MAX;
	build->piece = malloc(PIECE);
	build->last = malloc(SITE_WORD_ROOM);
	build->table = site_sorter_new(folder);
	if (!build->piece || !build->last || !build->table)
		return ward_fail(error, WARD_E_NOMEM, "no memory to write %s", path);
	build->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (build->fd < 0)
		return fail_io(build, "make", error);
	err = put(build, head, sizeof(head), error);
	return err ? err : part_begin(build, SITE_TEXT, error);
}

void site_build_end(struct site_build *build, bool keep)
{
	if (build->fd >= 0) {
		close(build->fd);
		if (!keep)
			unlink(build->path);
	}
	spool_free(&build->blocks);
	spool_free(&build->extra_blocks);
	spool_free(&build->extras);
	site_sorter_free(build->table);
	free(build->piece);
	free(build->last);
	*build = (struct site_build){ .fd = -1 };
}

/* ---- entries ---- */

static size_t put_number(uint8_t *out, uint64_t value)
{
	size_t len = 0;

	while (value >= 0x80) {
		out[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	out[len++] = (uint8_t)value;
	return len;
}

static uint64_t unsigned_of(int64_t number)
{
	return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

static ward_err add_place(struct site_build *build, uint64_t place, uint32_t entry,
		struct ward_error *error)
{
	uint8_t key[8];

	for (int i = 0; i < 8; i++)
		key[i] = (uint8_t)(place >> (56 - 8 * i));
	return site_sorter_add(build->table, (ward_bytes){ key, sizeof(key) },
			(ward_bytes){ (const uint8_t *)&entry, sizeof(entry) }, error);
}

static uint32_t count_labels(ward_str host)
{
	uint32_t count = 1;

	for (size_t i = 0; i < host.len; i++)
		count += host.ptr[i] == SITE_LABEL_SEP;
	return count;
}

static bool is_name(ward_site_kind kind)
{
	return kind != WARD_SITE_NETWORK && kind != WARD_SITE_HASH;
}

/* The first of its host brings the host's place; what is more than a name has one of its own. */
static ward_err add_places(struct site_build *build, const struct site_row *row,
		struct ward_error *error)
{
	uint32_t entry = (uint32_t)build->head.entries;
	size_t host = site_word_host(row->word);
	ward_err err = WARD_OK;

	if (is_name(row->kind)) {
		size_t last = site_word_host((ward_str){ build->last, build->last_len });
		bool same = entry > 0 && last == host &&
			    memcmp(build->last, row->word.ptr, host) == 0;

		if (!same)
			err = add_place(build, site_word_name(row->word, build->head.seed), entry,
					error);
	}
	if (!err && row->kind != WARD_SITE_DOMAIN && row->kind != WARD_SITE_HOST)
		err = add_place(build, site_word_place(row->kind, row->word, build->head.seed),
				entry, error);
	return err;
}

/* What a reader need not look for, because there is none. */
static void note_sizes(struct site_head *head, const struct site_row *row)
{
	ward_str word = row->word;
	uint32_t labels, parts = 0;

	if (row->kind == WARD_SITE_HASH) {
		head->hash_sizes |= UINT64_C(1) << (word.len - 2);
	} else if (row->kind == WARD_SITE_NETWORK) {
		unsigned bits = (uint8_t)word.ptr[word.len - 1];
		uint64_t *set = word.ptr[1] == '4' ? head->bits_4 : head->bits_6;

		set[bits / 64] |= UINT64_C(1) << (bits % 64);
	} else {
		labels = count_labels((ward_str){ word.ptr, site_word_host(word) });
		head->labels_min = labels < head->labels_min ? labels : head->labels_min;
		head->labels_max = labels > head->labels_max ? labels : head->labels_max;
	}
	for (size_t i = site_word_host(word); row->kind == WARD_SITE_PREFIX && i < word.len; i++)
		parts += word.ptr[i] == '/';
	head->parts_max = parts > head->parts_max ? parts : head->parts_max;
}

static ward_err add_extra(struct site_build *build, const struct site_row *row,
		struct ward_error *error)
{
	const ward_str pieces[2] = { row->ref, row->original };
	ward_err err = WARD_OK;

	for (int i = 0; i < 2 && !err; i++) {
		uint8_t number[10];

		err = spool_add(&build->extras, number, put_number(number, pieces[i].len), error);
		if (!err)
			err = spool_add(&build->extras, pieces[i].ptr, pieces[i].len, error);
	}
	build->has_extras = true;
	return err;
}

static ward_err begin_block(struct site_build *build, struct ward_error *error)
{
	uint64_t at = build->offset - build->head.part[SITE_TEXT].offset;
	uint64_t extra = spool_size(&build->extras);
	ward_err err = spool_add(&build->blocks, &at, sizeof(at), error);

	if (!err)
		err = spool_add(&build->extra_blocks, &extra, sizeof(extra), error);
	build->last_len = 0;
	return err;
}

static ward_err put_entry(struct site_build *build, const struct site_row *row, size_t shared,
		struct ward_error *error)
{
	bool extra = row->ref.len > 0 || row->original.len > 0;
	uint8_t head[64];
	size_t len = 1;

	head[0] = (uint8_t)row->kind;
	len += put_number(head + len, shared);
	len += put_number(head + len, row->word.len - shared);
	if (row->meta) {
		head[0] |= SITE_HAS_META;
		len += put_number(head + len, row->meta);
	}
	if (row->expires) {
		int64_t from;

		if (!build->has_expiry)
			build->head.expiry = row->expires;
		build->has_expiry = true;
		if (ckd_sub(&from, row->expires, build->head.expiry))
			return ward_fail(error, WARD_E_ARGUMENT, "an entry's end is out of range");
		head[0] |= SITE_HAS_EXPIRY;
		len += put_number(head + len, unsigned_of(from));
	}
	head[0] |= (uint8_t)((extra ? SITE_HAS_EXTRA : 0) | (row->removed ? SITE_REMOVED : 0));
	ward_err err = put(build, head, len, error);

	if (!err)
		err = put(build, row->word.ptr + shared, row->word.len - shared, error);
	if (!err && extra)
		err = add_extra(build, row, error);
	return err;
}

ward_err site_build_add(struct site_build *build, const struct site_row *row,
		struct ward_error *error)
{
	size_t shared = 0;
	ward_err err;

	if (build->head.entries == SITE_ENTRIES_MAX - 1)
		return ward_fail(error, WARD_E_LIMIT, "a list has at most %u entries",
				SITE_ENTRIES_MAX - 1);
	err = add_places(build, row, error);
	if (!err && build->head.entries % SITE_BLOCK == 0)
		err = begin_block(build, error);
	while (shared < row->word.len && shared < build->last_len &&
			row->word.ptr[shared] == build->last[shared])
		shared++;
	if (!err)
		err = put_entry(build, row, shared, error);
	if (err)
		return err;
	memcpy(build->last + shared, row->word.ptr + shared, row->word.len - shared);
	build->last_len = row->word.len;
	note_sizes(&build->head, row);
	build->head.entries++;
	return WARD_OK;
}

/* ---- the table ---- */

struct table {
	struct site_build *build;
	struct spool slots;
	uint64_t group; /* the one that is being filled */
	uint16_t tags[SITE_GROUP];
	uint32_t entries[SITE_GROUP];
	unsigned taken;
};

static ward_err end_group(struct table *table, struct ward_error *error)
{
	ward_err err = put(table->build, table->tags, sizeof(table->tags), error);

	if (!err)
		err = spool_add(&table->slots, table->entries, sizeof(table->entries), error);
	memset(table->tags, 0, sizeof(table->tags));
	memset(table->entries, 0, sizeof(table->entries));
	table->taken = 0;
	table->group++;
	return err;
}

static uint64_t place_of(const struct site_record *record)
{
	uint64_t place = 0;

	for (int i = 0; i < 8; i++)
		place = place << 8 | record->key.ptr[i];
	return place;
}

static uint64_t home_in(uint64_t place, uint64_t groups)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)place * groups >> 64);
}

/*
 * Places come in order, so each goes to its home or, when what came before has
 * filled it, to the first group that is not full: that is the one being filled.
 */
static ward_err fill_groups(struct table *table, uint64_t groups, struct ward_error *error)
{
	struct site_record record;
	ward_err err = WARD_OK;

	while (!err && site_sorter_next(table->build->table, &record)) {
		uint64_t place = place_of(&record), home = home_in(place, groups);

		while (!err && (table->group < home || table->taken == SITE_GROUP))
			err = end_group(table, error);
		table->tags[table->taken] = (uint16_t)place ? (uint16_t)place : 1;
		memcpy(&table->entries[table->taken++], record.value.ptr, sizeof(uint32_t));
	}
	while (!err && (table->group < groups || table->taken > 0))
		err = end_group(table, error);
	return err;
}

static ward_err put_table(struct site_build *build, const char *folder, struct ward_error *error)
{
	struct table table = { .build = build };
	uint64_t places = site_sorter_count(build->table);
	uint64_t groups = places * LOAD_PARTS / LOAD_TAKEN / SITE_GROUP + 1;
	ward_err err = part_begin(build, SITE_TAGS, error);

	spool_init(&table.slots, folder);
	if (!err)
		err = site_sorter_sort(build->table, error);
	if (!err)
		err = fill_groups(&table, groups, error);
	part_end(build, SITE_TAGS);
	if (!err)
		err = put_spool(build, SITE_SLOTS, &table.slots, error);
	spool_free(&table.slots);
	/* Homes are by this number; those beyond are for what the last ones had no room for. */
	build->head.groups = table.group;
	build->head.homes = groups;
	return err;
}

/* ---- the end ---- */

static ward_err put_metas(struct site_build *build, const struct site_metas *metas,
		struct ward_error *error)
{
	ward_err err = part_begin(build, SITE_METAS, error);

	if (!err)
		err = put(build, metas->at, metas->count * sizeof(*metas->at), error);
	part_end(build, SITE_METAS);
	if (!err)
		err = part_begin(build, SITE_WORDS, error);
	if (!err)
		err = put(build, metas->text.ptr, metas->text.len, error);
	part_end(build, SITE_WORDS);
	build->head.metas = metas->count;
	return err;
}

static ward_err put_head(struct site_build *build, const struct site_head *said,
		struct ward_error *error)
{
	struct site_head *head = &build->head;
	ward_err err = flush(build, error);

	if (err)
		return err;
	memcpy(head->magic, SITE_MAGIC, sizeof(head->magic));
	head->byte_order = SITE_BYTE_ORDER;
	head->version = SITE_VERSION;
	head->size = build->offset;
	memcpy(head->id, said->id, sizeof(head->id));
	memcpy(head->base, said->base, sizeof(head->base));
	memcpy(head->in_force, said->in_force, sizeof(head->in_force));
	head->said = said->said;
	head->checksum = checksum_of(head, offsetof(struct site_head, checksum));
	if (lseek(build->fd, 0, SEEK_SET) < 0 ||
			file_write_all(build->fd, head, sizeof(*head), NULL))
		return fail_io(build, "write", error);
	if (fsync(build->fd) < 0)
		return fail_io(build, "sync", error);
	return WARD_OK;
}

ward_err site_build_finish(struct site_build *build, const struct site_head *head,
		const struct site_metas *metas, struct ward_error *error)
{
	uint64_t end = build->offset - build->head.part[SITE_TEXT].offset;
	ward_err err = spool_add(&build->blocks, &end, sizeof(end), error);

	part_end(build, SITE_TEXT);
	if (build->head.labels_max == 0)
		build->head.labels_min = 0;
	if (!build->has_extras) {
		spool_free(&build->extra_blocks);
		spool_free(&build->extras);
	}
	if (!err)
		err = put_spool(build, SITE_BLOCKS, &build->blocks, error);
	if (!err)
		err = put_table(build, build->blocks.folder, error);
	if (!err)
		err = put_metas(build, metas, error);
	if (!err)
		err = put_spool(build, SITE_EXTRA_BLOCKS, &build->extra_blocks, error);
	if (!err)
		err = put_spool(build, SITE_EXTRAS, &build->extras, error);
	return err ? err : put_head(build, head, error);
}

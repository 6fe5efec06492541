#include "bank/digest_table.h"

/* So many rows are sorted at a time, 128 MB of them. */
#define ROWS_MAX ((uint32_t)1 << 24)

#define PER_BUCKET 4
#define BITS_MAX   28

int digest_table_bits(uint32_t count)
{
	int bits = 1;

	while (bits < BITS_MAX && (uint64_t)PER_BUCKET << bits < count)
		bits++;
	return bits;
}

static uint64_t key_of(const uint8_t *digest)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++)
		key = key << 8 | digest[i];
	return key;
}

static uint32_t bucket_of(const struct digest_table *table, uint64_t key)
{
	return (uint32_t)(key >> (64 - table->bits));
}

static uint32_t tag_of(const struct digest_table *table, uint64_t key)
{
	return (uint32_t)(key << table->bits >> 32);
}

static const uint8_t *digest_at(const struct digest_table *table, uint32_t place)
{
	return table->digests + place * table->size;
}

/* ---- finding ---- */

/* Below, at or above zero as the row is before, at or after the digest; a damaged row is before. */
static int row_cmp(const struct digest_table *table, const struct digest_row *row, uint32_t tag,
		const uint8_t *digest)
{
	if (row->tag != tag)
		return row->tag < tag ? -1 : 1;
	if (row->place >= table->count)
		return -1;
	return memcmp(digest_at(table, row->place), digest, table->size);
}

uint32_t digest_table_find(const struct digest_table *table, const uint8_t *digest)
{
	uint64_t key = key_of(digest);
	uint32_t bucket = bucket_of(table, key), tag = tag_of(table, key), low, high;

	if (table->count == 0)
		return 0;
	low = table->starts[bucket];
	high = table->starts[bucket + 1];
	if (high > table->count)
		high = table->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (row_cmp(table, &table->order[middle], tag, digest) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return digest_table_is(table, low, digest) ? low : table->count;
}

bool digest_table_is(const struct digest_table *table, uint32_t row, const uint8_t *digest)
{
	return row < table->count &&
	       row_cmp(table, &table->order[row], tag_of(table, key_of(digest)), digest) == 0;
}

/* ---- building ---- */

/* Whether the row at `a` comes before the one at `b`: by digest, then by place. */
static bool before(const struct digest_table *table, const struct digest_row *a,
		const struct digest_row *b)
{
	int order = row_cmp(table, a, b->tag, digest_at(table, b->place));

	return order != 0 ? order < 0 : a->place < b->place;
}

static void sift_down(const struct digest_table *table, struct digest_row *rows, size_t at,
		size_t count)
{
	struct digest_row row = rows[at];
	size_t child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && before(table, &rows[child], &rows[child + 1]))
			child++;
		if (!before(table, &row, &rows[child]))
			break;
		rows[at] = rows[child];
		at = child;
	}
	rows[at] = row;
}

static void sort_by_heap(const struct digest_table *table, struct digest_row *rows, size_t count)
{
	for (size_t at = count / 2; at-- > 0;)
		sift_down(table, rows, at, count);
	for (size_t end = count - 1; end > 0; end--) {
		struct digest_row last = rows[end];

		rows[end] = rows[0];
		rows[0] = last;
		sift_down(table, rows, 0, end);
	}
}

static bool is_sorted(const struct digest_table *table, const struct digest_row *rows, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (!before(table, &rows[i - 1], &rows[i]))
			return false;
	}
	return true;
}

/* A bucket has four rows or so, unless somebody made digests that begin alike. */
static void sort_bucket(const struct digest_table *table, struct digest_row *rows, size_t count)
{
	if (count > 32) {
		if (!is_sorted(table, rows, count))
			sort_by_heap(table, rows, count);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct digest_row row = rows[i];
		size_t at = i;

		for (; at > 0 && before(table, &row, &rows[at - 1]); at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}

/* Where each bucket begins; the last number is the end of the last. */
static void count_buckets(const struct digest_table *table, uint32_t *starts)
{
	size_t buckets = (size_t)1 << table->bits;
	uint32_t sum = 0;

	memset(starts, 0, (buckets + 1) * sizeof(*starts));
	for (uint32_t place = 0; place < table->count; place++)
		starts[bucket_of(table, key_of(digest_at(table, place)))]++;
	for (size_t i = 0; i <= buckets; i++) {
		uint32_t size = starts[i];

		starts[i] = sum;
		sum += size;
	}
}

struct range {
	uint32_t first; /* bucket */
	uint32_t end;
};

/*
 * Puts the range's digests in place.  Each bucket's start is moved to its end
 * meanwhile, which is the next one's start; so they are moved back after.
 */
static void sort_range(const struct digest_table *table, uint32_t *starts, struct range range,
		struct digest_row *rows)
{
	uint32_t base = starts[range.first];

	for (uint32_t place = 0; place < table->count; place++) {
		uint64_t key = key_of(digest_at(table, place));
		uint32_t bucket = bucket_of(table, key);

		if (bucket >= range.first && bucket < range.end)
			rows[starts[bucket]++ - base] =
					(struct digest_row){ tag_of(table, key), place };
	}
	for (uint32_t bucket = range.end - 1; bucket > range.first; bucket--)
		starts[bucket] = starts[bucket - 1];
	starts[range.first] = base;
	for (uint32_t bucket = range.first; bucket < range.end; bucket++)
		sort_bucket(table, rows + (starts[bucket] - base),
				starts[bucket + 1] - starts[bucket]);
}

/* As many buckets as hold at most ROWS_MAX rows, and at least one. */
static struct range next_range(const struct digest_table *table, const uint32_t *starts,
		uint32_t first)
{
	uint32_t buckets = (uint32_t)1 << table->bits, end = first + 1;

	while (end < buckets && starts[end + 1] - starts[first] <= ROWS_MAX)
		end++;
	return (struct range){ first, end };
}

ward_err digest_table_build(const struct digest_table *table, uint32_t *starts,
		digest_table_write *write, void *context, struct ward_error *error)
{
	uint32_t buckets = (uint32_t)1 << table->bits, room = 0;
	struct digest_row *rows = NULL;
	ward_err err = WARD_OK;
	struct range range;

	count_buckets(table, starts);
	for (uint32_t first = 0; first < buckets && !err; first = range.end) {
		uint32_t count;

		range = next_range(table, starts, first);
		count = starts[range.end] - starts[first];
		if (count > room) {
			free(rows);
			rows = malloc(count * sizeof(*rows));
			room = rows ? count : 0;
		}
		if (count > room)
			err = ward_fail(error, WARD_E_NOMEM, "no memory to sort %u digests", count);
		else if (count > 0)
			sort_range(table, starts, range, rows);
		if (!err)
			err = write(context, rows, count, error);
	}
	free(rows);
	return err;
}

#include "bank/segment.h"
#include "base/checksum.h"

#include <inttypes.h>
#include <stddef.h>
#include <sys/mman.h>

/* ---- opening ---- */

const char *segment_part_name(unsigned part, char out[32])
{
	static const char *const names[] = { "numbers", "labels", "quality", "label starts",
		"label text", "ref bases", "ref starts", "ref text", "removed" };
	static const char *const kind_names[] = { "signals", "owners", "order", "buckets" };

	if (part < SEGMENT_KINDS) {
		snprintf(out, 32, "%s", names[part]);
	} else {
		unsigned kind = (part - SEGMENT_KINDS) / SEGMENT_KIND_PARTS;

		snprintf(out, 32, "%s %s",
				kind == SEGMENT_FRAMES ? "frames"
				: kind == SEGMENT_TMK
						? "tmk"
						: ward_signal_kind_name((ward_signal_kind)kind),
				kind_names[(part - SEGMENT_KINDS) % SEGMENT_KIND_PARTS]);
	}
	return out;
}

_Static_assert(WARD_SIGNAL_KIND_COUNT <= SEGMENT_TMK, "a kind has no room in the head");

/* As it would be written today; its own checksum was right. */
static void renew_head(const struct segment_head_1 *old, struct segment_head *head)
{
	*head = (struct segment_head){
		.byte_order = old->byte_order,
		.version = SEGMENT_VERSION,
		.size = old->size,
		.entries = old->entries,
		.labels = old->labels,
		.removed = old->removed,
	};
	memcpy(head->magic, old->magic, sizeof(head->magic));
	memcpy(head->signals, old->signals, sizeof(old->signals));
	memcpy(head->removed_signals, old->removed_signals, sizeof(old->removed_signals));
	memcpy(head->part, old->part, sizeof(old->part));
}

static bool read_head_1(ward_bytes bytes, struct segment_head *head)
{
	struct segment_head_1 old;

	if (bytes.len < sizeof(old))
		return false;
	memcpy(&old, bytes.ptr, sizeof(old));
	renew_head(&old, head);
	return old.checksum == checksum_of(&old, offsetof(struct segment_head_1, checksum));
}

static bool read_head_2(ward_bytes bytes, struct segment_head *head)
{
	if (bytes.len < sizeof(*head))
		return false;
	memcpy(head, bytes.ptr, sizeof(*head));
	return head->checksum == checksum_of(head, offsetof(struct segment_head, checksum));
}

static ward_err read_head(ward_bytes bytes, struct segment_head *head, struct ward_error *error)
{
	struct segment_head_1 begins;

	/* The first fields of every version are the same. */
	if (bytes.len < sizeof(begins))
		return ward_fail(error, WARD_E_CORRUPT, "it ends in its head, after %zu bytes",
				bytes.len);
	memcpy(&begins, bytes.ptr, sizeof(begins));
	if (memcmp(begins.magic, SEGMENT_MAGIC, sizeof(begins.magic)) != 0)
		return ward_fail(error, WARD_E_CORRUPT, "this is not a file of a list");
	if (begins.byte_order != SEGMENT_BYTE_ORDER)
		return ward_fail(error, WARD_E_CORRUPT,
				"it was written on a machine of another byte order: "
				"import the list again here");
	if (begins.version != 1 && begins.version != SEGMENT_VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"it is of version %u, and this program reads up to %u",
				begins.version, SEGMENT_VERSION);
	if (!(begins.version == 1 ? read_head_1(bytes, head) : read_head_2(bytes, head)))
		return ward_fail(error, WARD_E_CORRUPT, "its head is damaged");
	if (head->size != bytes.len)
		return ward_fail(error, WARD_E_CORRUPT,
				"it has %zu bytes and was written with %" PRIu64, bytes.len,
				head->size);
	return WARD_OK;
}

static ward_err check_places(const struct segment_head *head, struct ward_error *error)
{
	char name[32];

	for (unsigned i = 0; i < SEGMENT_PARTS; i++) {
		const struct segment_place *place = &head->part[i];

		if (place->offset % SEGMENT_ALIGN != 0 || place->offset > head->size ||
				place->size > head->size - place->offset)
			return ward_fail(error, WARD_E_CORRUPT, "its part %s lies outside of it",
					segment_part_name(i, name));
	}
	return WARD_OK;
}

const void *segment_part(const struct segment *segment, unsigned part, uint64_t count, size_t size,
		struct ward_error *error)
{
	const struct segment_place *place = &segment->head.part[part];
	uint64_t want;
	char name[32];

	if (ckd_mul(&want, count, (uint64_t)size) || place->size != want) {
		(void)ward_fail(error, WARD_E_CORRUPT,
				"its part %s has %" PRIu64 " bytes, not %" PRIu64 " times %zu",
				segment_part_name(part, name), place->size, count, size);
		return NULL;
	}
	return segment->bytes.ptr + place->offset;
}

static bool has_part(const struct segment *segment, unsigned part)
{
	return segment->head.part[part].size > 0;
}

ward_bytes segment_part_bytes(const struct segment *segment, unsigned part)
{
	const struct segment_place *place = &segment->head.part[part];

	return (ward_bytes){ segment->bytes.ptr + place->offset, place->size };
}

static ward_err read_entries(struct segment *segment, struct ward_error *error)
{
	const struct segment_head *head = &segment->head;
	uint64_t blocks = ((uint64_t)head->entries + SEGMENT_REF_BLOCK - 1) / SEGMENT_REF_BLOCK;

	segment->run_count = head->part[SEGMENT_NUMBERS].size / sizeof(struct segment_run);
	segment->runs = segment_part(segment, SEGMENT_NUMBERS, segment->run_count,
			sizeof(*segment->runs), error);
	segment->label_starts = segment_part(segment, SEGMENT_LABEL_STARTS,
			(uint64_t)head->labels + 1, sizeof(*segment->label_starts), error);
	segment->removed = segment_part(segment, SEGMENT_REMOVED, head->removed,
			sizeof(*segment->removed), error);
	if (!segment->runs || !segment->label_starts || !segment->removed)
		return WARD_E_CORRUPT;
	segment->label_text = segment_part_bytes(segment, SEGMENT_LABEL_TEXT);
	segment->ref_text = segment_part_bytes(segment, SEGMENT_REF_TEXT);
	if (has_part(segment, SEGMENT_LABELS) &&
			!(segment->labels = segment_part(segment, SEGMENT_LABELS, head->entries,
					  sizeof(*segment->labels), error)))
		return WARD_E_CORRUPT;
	if (has_part(segment, SEGMENT_QUALITY) &&
			!(segment->quality = segment_part(segment, SEGMENT_QUALITY, head->entries,
					  1, error)))
		return WARD_E_CORRUPT;
	if (!has_part(segment, SEGMENT_REF_STARTS))
		return WARD_OK;
	/* One more than the entries, so that each has an end; it belongs to the last block. */
	segment->ref_starts = segment_part(segment, SEGMENT_REF_STARTS, (uint64_t)head->entries + 1,
			sizeof(*segment->ref_starts), error);
	segment->ref_bases = segment_part(segment, SEGMENT_REF_BASES, blocks,
			sizeof(*segment->ref_bases), error);
	return segment->ref_starts && segment->ref_bases ? WARD_OK : WARD_E_CORRUPT;
}

static ward_err read_digests(struct segment *segment, ward_signal_kind kind,
		struct ward_error *error)
{
	struct segment_signals *signals = &segment->signals[kind];
	int bits = digest_table_bits(signals->count);

	signals->digests = (struct digest_table){
		.digests = signals->bytes,
		.size = ward_signal_size(kind),
		.count = signals->count,
		.order = segment_part(segment, segment_part_at(kind, SEGMENT_ORDER), signals->count,
				sizeof(struct digest_row), error),
		.starts = segment_part(segment, segment_part_at(kind, SEGMENT_BUCKETS),
				((uint64_t)1 << bits) + 1, sizeof(uint32_t), error),
		.bits = bits,
	};
	return signals->digests.order && signals->digests.starts ? WARD_OK : WARD_E_CORRUPT;
}

static ward_err read_pdq(struct segment *segment, struct ward_error *error)
{
	ward_err err = pdq_index_open(segment_part_bytes(segment, segment_part_at(WARD_SIGNAL_PDQ,
										  SEGMENT_SIGNALS)),
			&segment->pdq, error);

	if (!err && segment->pdq.count != segment->head.signals[WARD_SIGNAL_PDQ])
		err = ward_fail(error, WARD_E_CORRUPT, "its PDQ index holds %u hashes, not %u",
				segment->pdq.count, segment->head.signals[WARD_SIGNAL_PDQ]);
	return err;
}

static ward_err read_kind(struct segment *segment, ward_signal_kind kind, struct ward_error *error)
{
	struct segment_signals *signals = &segment->signals[kind];
	unsigned owners = segment_part_at(kind, SEGMENT_OWNERS);
	ward_err err = WARD_OK;

	signals->count = segment->head.signals[kind];
	if (signals->count == 0)
		return WARD_OK;
	if (has_part(segment, owners) || signals->count != segment->head.entries) {
		signals->owners = segment_part(segment, owners, signals->count, sizeof(uint32_t),
				error);
		if (!signals->owners)
			return WARD_E_CORRUPT;
	}
	if (kind == WARD_SIGNAL_PDQ)
		return read_pdq(segment, error);
	signals->bytes = segment_part(segment, segment_part_at(kind, SEGMENT_SIGNALS),
			signals->count, ward_signal_size(kind), error);
	if (!signals->bytes)
		return WARD_E_CORRUPT;
	if (kind != WARD_SIGNAL_PHOTODNA)
		err = read_digests(segment, kind, error);
	return err;
}

ward_err segment_read(ward_bytes bytes, struct segment *segment, struct ward_error *error)
{
	struct segment read = { .bytes = bytes };
	ward_err err;

	err = read_head(bytes, &read.head, error);
	if (!err)
		err = check_places(&read.head, error);
	if (!err)
		err = read_entries(&read, error);
	for (int kind = WARD_SIGNAL_NONE + 1; kind < WARD_SIGNAL_KIND_COUNT && !err; kind++)
		err = read_kind(&read, (ward_signal_kind)kind, error);
	if (!err)
		err = segment_read_videos(&read, error);
	if (!err)
		*segment = read;
	return err;
}

ward_err segment_open(const char *path, struct segment *segment, struct ward_error *error)
{
	struct ward_error why = { 0 };
	struct file_map map;
	ward_err err = file_map_open(path, &map, error);

	if (err)
		return err;
	err = segment_read((ward_bytes){ map.ptr, map.len }, segment, &why);
	if (err) {
		file_map_close(&map);
		return ward_fail(error, err, "%s: %s", path, why.message);
	}
	segment->map = map;
	/* Advice: huge pages save the many look-ups of the page table; a refusal costs only time.
	 */
	(void)madvise((void *)(uintptr_t)map.ptr, map.len, MADV_HUGEPAGE);
	return WARD_OK;
}

void segment_close(struct segment *segment)
{
	file_map_close(&segment->map);
	*segment = (struct segment){ 0 };
}

/* ---- entries ---- */

/* The last run for which the search goes right, found by halving; 0 when there is none. */
static size_t run_at(const struct segment *segment, uint64_t value, bool by_number)
{
	size_t low = 0, high = segment->run_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		const struct segment_run *run = &segment->runs[middle];

		if ((by_number ? run->number : run->index) <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint64_t segment_number(const struct segment *segment, uint32_t index)
{
	const struct segment_run *run;

	if (segment->run_count == 0)
		return index;
	run = &segment->runs[run_at(segment, index, false)];
	return run->number + (index - run->index);
}

bool segment_find(const struct segment *segment, uint64_t number, uint32_t *index)
{
	const struct segment_run *run;
	uint64_t at, end = segment->head.entries;
	size_t i;

	if (segment->run_count == 0)
		return false;
	i = run_at(segment, number, true);
	run = &segment->runs[i];
	if (i + 1 < segment->run_count)
		end = run[1].index;
	if (number < run->number || ckd_add(&at, run->index, number - run->number) || at >= end ||
			at >= segment->head.entries)
		return false;
	*index = (uint32_t)at;
	return true;
}

/* Text between two places of a text part; empty when the places are damaged. */
static ward_str slice(ward_bytes text, uint64_t from, uint64_t to)
{
	if (from > to || to > text.len)
		return (ward_str){ "", 0 };
	return (ward_str){ (const char *)text.ptr + from, to - from };
}

ward_str segment_labels(const struct segment *segment, uint32_t index)
{
	uint32_t id = segment->labels && index < segment->head.entries ? segment->labels[index] : 0;

	if (id >= segment->head.labels)
		return (ward_str){ "", 0 };
	return slice(segment->label_text, segment->label_starts[id], segment->label_starts[id + 1]);
}

ward_str segment_ref(const struct segment *segment, uint32_t index)
{
	uint64_t base, from, to;

	if (!segment->ref_starts || index >= segment->head.entries)
		return (ward_str){ "", 0 };
	base = segment->ref_bases[index / SEGMENT_REF_BLOCK];
	if (ckd_add(&from, base, segment->ref_starts[index]))
		return (ward_str){ "", 0 };
	/* The next start is counted from the next base when a block ends here. */
	if ((index + 1) % SEGMENT_REF_BLOCK == 0 && index + 1 < segment->head.entries)
		base = segment->ref_bases[(index + 1) / SEGMENT_REF_BLOCK];
	if (ckd_add(&to, base, segment->ref_starts[index + 1]))
		return (ward_str){ "", 0 };
	return slice(segment->ref_text, from, to);
}

uint8_t segment_quality(const struct segment *segment, uint32_t index)
{
	return segment->quality && index < segment->head.entries ? segment->quality[index] : 255;
}

/* The first place that belongs to this entry or a later one. */
static uint32_t first_place(const struct segment_signals *signals, uint32_t index)
{
	uint32_t low = 0, high = signals->count;

	if (!signals->owners)
		return index < signals->count ? index : signals->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (signals->owners[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void segment_record(const struct segment *segment, uint32_t index, struct ward_record *record)
{
	record->number = segment_number(segment, index);
	record->labels = segment_labels(segment, index);
	record->ref = segment_ref(segment, index);
	record->quality = segment_quality(segment, index);
	record->frames = NULL;
	record->tmk = NULL;
	record->video = segment_video_number(segment, index);
	record->signal_count = 0;
	for (int i = WARD_SIGNAL_NONE + 1; i < WARD_SIGNAL_KIND_COUNT; i++) {
		ward_signal_kind kind = (ward_signal_kind)i;
		uint32_t count = segment->signals[kind].count;
		uint32_t place = first_place(&segment->signals[kind], index);

		for (; place < count && segment_owner(segment, kind, place) == index &&
				record->signal_count < WARD_RECORD_SIGNALS_MAX;
				place++)
			record->signals[record->signal_count++] =
					segment_signal(segment, kind, place);
	}
}

bool segment_removes(const struct segment *segment, uint64_t number)
{
	uint64_t low = 0, high = segment->head.removed;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (segment->removed[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < segment->head.removed && segment->removed[low] == number;
}

/* ---- signals ---- */

uint32_t segment_owner(const struct segment *segment, ward_signal_kind kind, uint32_t place)
{
	const struct segment_signals *signals = &segment->signals[kind];
	uint32_t owner = signals->owners ? signals->owners[place] : place;

	return owner < segment->head.entries ? owner : segment->head.entries;
}

ward_signal segment_signal(const struct segment *segment, ward_signal_kind kind, uint32_t place)
{
	size_t size = ward_signal_size(kind);
	ward_signal signal = { .kind = kind };

	if (kind == WARD_SIGNAL_PDQ)
		return ward_pdq_signal(segment->pdq.hashes[place]);
	memcpy(signal.bytes, segment->signals[kind].bytes + place * size, size);
	return signal;
}

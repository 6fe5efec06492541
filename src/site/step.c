/*
 * Entries of a file one after another, and one by its place.
 */
#include "site/file.h"

#include <assert.h>

/* ---- numbers ---- */

static uint64_t read_number(const uint8_t **at, const uint8_t *end, bool *failed)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		if (*at == end)
			break;
		uint8_t byte = *(*at)++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	*failed = true;
	return 0;
}

static uint64_t u64_at(ward_bytes part, uint64_t index)
{
	uint64_t value;

	memcpy(&value, part.ptr + index * sizeof(value), sizeof(value));
	return value;
}

/* ---- steps ---- */

static void enter_block(struct site_step *step, uint64_t block)
{
	const struct site_file *file = step->file;
	ward_bytes text = file->part[SITE_TEXT];
	uint64_t begin = u64_at(file->part[SITE_BLOCKS], block);
	uint64_t end = u64_at(file->part[SITE_BLOCKS], block + 1);

	if (begin > end || end > text.len)
		begin = end = 0;
	step->at = text.ptr + begin;
	step->end = text.ptr + end;
	step->len = 0;
	step->extra = 0;
	step->flags = 0;
}

void site_step_block(struct site_step *step, const struct site_file *file, uint64_t block)
{
	*step = (struct site_step){ .file = file, .next = (uint32_t)(block * SITE_BLOCK) };
}

/* Zig-zag: small numbers of either sign are short. */
static int64_t signed_of(uint64_t number)
{
	return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

bool site_step_next(struct site_step *step)
{
	const struct site_file *file = step->file;
	uint64_t shared, more;
	bool failed = false;

	if (step->next >= file->head.entries)
		return false;
	if (step->next % SITE_BLOCK == 0)
		enter_block(step, step->next / SITE_BLOCK);
	if (step->at == step->end)
		return false;
	step->extra += (step->flags & SITE_HAS_EXTRA) != 0;
	step->flags = *step->at++;
	shared = read_number(&step->at, step->end, &failed);
	more = read_number(&step->at, step->end, &failed);
	step->meta = 0;
	step->expires = 0;
	if (step->flags & SITE_HAS_META)
		step->meta = (uint32_t)read_number(&step->at, step->end, &failed);
	if (step->flags & SITE_HAS_EXPIRY) {
		int64_t from = signed_of(read_number(&step->at, step->end, &failed));

		if (ckd_add(&step->expires, file->head.expiry, from))
			failed = true;
	}
	if (failed || shared > step->len || more > (uint64_t)(step->end - step->at) ||
			shared + more > SITE_WORD_ROOM ||
			(step->flags & 7) >= WARD_SITE_KIND_COUNT) {
		step->next = (uint32_t)file->head.entries;
		return false;
	}
	step->kind = (ward_site_kind)(step->flags & 7);
	step->shared = shared;
	step->bytes = (ward_bytes){ step->at, more };
	step->len = shared + more;
	step->at += more;
	step->entry = step->next++;
	return true;
}

void site_file_extra(const struct site_step *step, ward_str *ref, ward_str *original)
{
	const struct site_file *file = step->file;
	ward_bytes extras = file->part[SITE_EXTRAS];
	const uint8_t *at = extras.ptr, *end = extras.ptr + extras.len;
	ward_str piece[2] = { { "", 0 }, { "", 0 } };
	bool failed = false;
	uint64_t begin;

	*ref = *original = piece[0];
	if (!(step->flags & SITE_HAS_EXTRA) || file->part[SITE_EXTRA_BLOCKS].len == 0)
		return;
	begin = u64_at(file->part[SITE_EXTRA_BLOCKS], step->entry / SITE_BLOCK);
	if (begin > extras.len)
		return;
	at += begin;
	for (unsigned i = 0; i <= step->extra && !failed; i++) {
		for (int j = 0; j < 2 && !failed; j++) {
			uint64_t len = read_number(&at, end, &failed);

			failed = failed || len > (uint64_t)(end - at);
			if (failed)
				break;
			piece[j] = (ward_str){ (const char *)at, len };
			at += len;
		}
	}
	if (failed)
		return;
	*ref = piece[0];
	*original = piece[1];
}

/* ---- walks ---- */

void site_walk_begin(struct site_walk *walk, const struct site_file *file, char *word)
{
	walk->word = word;
	site_step_block(&walk->step, file, 0);
}

bool site_walk_next(struct site_walk *walk)
{
	if (!site_step_next(&walk->step))
		return false;
	memcpy(walk->word + walk->step.shared, walk->step.bytes.ptr, walk->step.bytes.len);
	return true;
}

void site_walk_to(struct site_walk *walk, uint32_t entry)
{
	site_step_block(&walk->step, walk->step.file, entry / SITE_BLOCK);
	while (walk->step.next < entry && site_walk_next(walk))
		continue;
}

ward_str site_walk_word(const struct site_walk *walk)
{
	return (ward_str){ walk->word, walk->step.len };
}

/* ---- looking for a word ---- */

/*
 * How much of a word and of the entries on the way to it agree.  An entry that
 * shares more with the one before than that one did with the word differs from
 * the word where that one does; one that shares less differs where it stops.
 * So only the bytes that continue what agreed are compared, and no word is ever
 * put together.
 */
struct search {
	struct site_step step;
	const struct site_target *target;
	size_t same;
};

/* How many bytes of the target from `from` on agree. */
static size_t agree(const struct site_target *target, size_t from, ward_bytes bytes)
{
	size_t done = 0;

	for (int i = 0; i < 4 && done < bytes.len; i++) {
		ward_str piece = target->piece[i];

		if (from >= piece.len) {
			from -= piece.len;
			continue;
		}
		const uint8_t *want = (const uint8_t *)piece.ptr + from;
		size_t len = piece.len - from;

		from = 0;
		for (size_t j = 0; j < len && done < bytes.len; j++, done++) {
			if (bytes.ptr[done] != want[j])
				return done;
		}
	}
	return done;
}

static bool search_next(struct search *search)
{
	bool first = search->step.next % SITE_BLOCK == 0;

	if (!site_step_next(&search->step))
		return false;
	if (first)
		search->same = 0;
	if (search->step.shared < search->same)
		search->same = search->step.shared;
	else if (search->step.shared == search->same)
		search->same += agree(search->target, search->same, search->step.bytes);
	return true;
}

static bool search_to(struct search *search, const struct site_file *file, uint32_t entry,
		const struct site_target *target)
{
	*search = (struct search){ .target = target };
	site_step_block(&search->step, file, entry / SITE_BLOCK);
	do {
		if (!search_next(search))
			return false;
	} while (search->step.entry < entry);
	return true;
}

/* ---- the table ---- */

static uint64_t home_of(const struct site_file *file, uint64_t place)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)place * file->head.homes >> 64);
}

static uint16_t tag_of(uint64_t place)
{
	uint16_t tag = (uint16_t)place;

	return tag ? tag : 1;
}

void site_file_expect(const struct site_file *file, uint64_t place)
{
	if (file->head.groups > 0)
		__builtin_prefetch(file->part[SITE_TAGS].ptr +
				   home_of(file, place) * SITE_GROUP * sizeof(uint16_t));
}

#define LANES UINT64_C(0x0001000100010001)

/* Is any of four lanes of 16 bits zero? */
static bool has_zero(uint64_t lanes)
{
	return ((lanes - LANES) & ~lanes & (LANES << 15)) != 0;
}

bool site_file_may(const struct site_file *file, uint64_t place)
{
	uint64_t wanted = tag_of(place) * LANES;
	uint64_t group = file->head.groups ? home_of(file, place) : 0;

	for (; group < file->head.groups; group++) {
		const uint8_t *at =
				file->part[SITE_TAGS].ptr + group * SITE_GROUP * sizeof(uint16_t);
		uint64_t low, high;

		memcpy(&low, at, sizeof(low));
		memcpy(&high, at + sizeof(low), sizeof(high));
		if (has_zero(low ^ wanted) || has_zero(high ^ wanted))
			return true;
		if (has_zero(low) || has_zero(high))
			return false;
	}
	return false;
}

/* The entries that a place may be, one after another. */
struct probe {
	const struct site_file *file;
	uint64_t group;
	uint16_t tag;
	unsigned lane;
};

static struct probe probe_begin(const struct site_file *file, uint64_t place)
{
	return (struct probe){ file, file->head.groups ? home_of(file, place) : 0, tag_of(place),
		0 };
}

/* SITE_NONE when there are no more. */
static uint32_t probe_next(struct probe *probe)
{
	const struct site_file *file = probe->file;

	while (probe->group < file->head.groups) {
		const uint8_t *at = file->part[SITE_TAGS].ptr +
				    probe->group * SITE_GROUP * sizeof(uint16_t);
		uint64_t low, high, wanted = probe->tag * LANES;
		uint16_t tags[SITE_GROUP];

		memcpy(&low, at, sizeof(low));
		memcpy(&high, at + sizeof(low), sizeof(high));
		if (has_zero(low ^ wanted) || has_zero(high ^ wanted)) {
			memcpy(tags, at, sizeof(tags));
			while (probe->lane < SITE_GROUP) {
				uint32_t entry;

				if (tags[probe->lane++] != probe->tag)
					continue;
				memcpy(&entry,
						file->part[SITE_SLOTS].ptr +
								(probe->group * SITE_GROUP +
										probe->lane - 1) *
										sizeof(entry),
						sizeof(entry));
				if (entry < file->head.entries)
					return entry;
			}
		}
		if (has_zero(low) || has_zero(high))
			break;
		probe->group++;
		probe->lane = 0;
	}
	probe->group = file->head.groups;
	return SITE_NONE;
}

bool site_file_find(const struct site_file *file, uint64_t place, ward_site_kind kind,
		const struct site_target *target, struct site_step *step)
{
	struct probe probe = probe_begin(file, place);
	struct search search;
	uint32_t entry;

	while ((entry = probe_next(&probe)) != SITE_NONE) {
		if (!search_to(&search, file, entry, target) || search.step.kind != kind ||
				search.step.len != target->len || search.same != target->len)
			continue;
		*step = search.step;
		return true;
	}
	return false;
}

/* All entries of the host, from its first one on; paths are all that is left. */
static bool read_group(struct search *search, size_t host, struct site_group *group)
{
	*group = (struct site_group){ 0 };
	for (;;) {
		if (search->step.len == host && search->same == host) {
			bool domain = search->step.kind == WARD_SITE_DOMAIN;

			*(domain ? &group->domain : &group->host) = search->step;
			group->has_domain |= domain;
			group->has_host |= search->step.kind == WARD_SITE_HOST;
		} else if (search->step.len > host && search->same == host + 1) {
			group->has_paths = true;
			group->paths = search->step.entry;
			return true;
		} else {
			break;
		}
		if (!search_next(search))
			break;
	}
	return group->has_domain || group->has_host;
}

bool site_file_group(const struct site_file *file, uint64_t place, ward_str host,
		struct site_group *group)
{
	static const char separator[] = { SITE_PATH_SEP };
	const struct site_target target = { { host, { separator, 1 } }, host.len + 1 };
	struct probe probe = probe_begin(file, place);
	struct search search;
	uint32_t entry;

	while ((entry = probe_next(&probe)) != SITE_NONE) {
		if (search_to(&search, file, entry, &target) &&
				read_group(&search, host.len, group))
			return true;
	}
	return false;
}

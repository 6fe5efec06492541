/*
 * Equal hashes are found in a hash table, a part of it at a time: the hashes
 * are first dealt by a mix of their bits into parts small enough for the
 * cache.  The parts keep the order of ids, so the first of equal ones is met
 * first.
 */
#include "bank/index/pdq_copies.h"

#define PARTS_MAX  4096
#define PART_ABOUT 16384

struct dealt {
	uint32_t mix;
	uint32_t id;
};

/* The seed is unknown to whoever made the list, so that nobody can make the mixes collide. */
static uint64_t mix_of(const ward_pdq *hash, uint64_t seed)
{
	uint64_t mix = seed;

	for (int i = 0; i < 4; i++) {
		mix = (mix ^ hash->word[i]) * 0x9e3779b97f4a7c15;
		mix = (mix ^ mix >> 29) * 0xbf58476d1ce4e5b9;
		mix ^= mix >> 32;
	}
	return mix;
}

static size_t part_count(uint32_t count)
{
	size_t parts = 1;

	while (parts < PARTS_MAX && count / parts > PART_ABOUT)
		parts *= 2;
	return parts;
}

/* Deals everything; ends[i] is where part i ends. */
static struct dealt *deal(const ward_pdq *hashes, uint32_t count, size_t parts, size_t *ends)
{
	struct dealt *dealt = malloc((count ? count : 1) * sizeof(*dealt));
	/* Where the array lies is chance, and no answer depends on it. */
	uint64_t seed = (uint64_t)(uintptr_t)dealt * 0xbf58476d1ce4e5b9;

	memset(ends, 0, (parts + 1) * sizeof(*ends));
	if (!dealt)
		return NULL;
	for (uint32_t id = 0; id < count; id++)
		ends[(mix_of(&hashes[id], seed) >> 32 & (parts - 1)) + 1]++;
	for (size_t i = 0; i < parts; i++)
		ends[i + 1] += ends[i];
	for (uint32_t id = 0; id < count; id++) {
		uint64_t mix = mix_of(&hashes[id], seed);

		dealt[ends[mix >> 32 & (parts - 1)]++] = (struct dealt){ (uint32_t)mix, id };
	}
	return dealt;
}

struct finder {
	const ward_pdq *hashes;
	uint32_t *slots; /* positions in the part, plus one */
	size_t slot_count;
	struct pdq_copies *copies;
	uint64_t *pairs; /* first id above, copy's id below */
	size_t room;
};

static bool add_pair(struct finder *finder, uint32_t first, uint32_t id)
{
	if (finder->copies->count == finder->room) {
		size_t room = finder->room ? finder->room * 2 : 1024;
		uint64_t *pairs = realloc(finder->pairs, room * sizeof(*pairs));

		if (!pairs)
			return false;
		finder->pairs = pairs;
		finder->room = room;
	}
	finder->pairs[finder->copies->count++] = (uint64_t)first << 32 | id;
	finder->copies->is_copy[id / 8] |= (uint8_t)(1 << id % 8);
	return true;
}

static bool find_in_part(struct finder *finder, const struct dealt *part, size_t count)
{
	size_t slots = 16;

	while (slots < count * 2)
		slots *= 2;
	if (slots > finder->slot_count) {
		free(finder->slots);
		finder->slots = malloc(slots * sizeof(*finder->slots));
		finder->slot_count = finder->slots ? slots : 0;
		if (!finder->slots)
			return false;
	}
	memset(finder->slots, 0, slots * sizeof(*finder->slots));
	for (size_t i = 0; i < count; i++) {
		size_t slot = part[i].mix & (slots - 1);
		const struct dealt *other = NULL;

		for (; finder->slots[slot]; slot = (slot + 1) & (slots - 1)) {
			other = &part[finder->slots[slot] - 1];
			if (other->mix == part[i].mix &&
					memcmp(&finder->hashes[other->id],
							&finder->hashes[part[i].id],
							sizeof(ward_pdq)) == 0)
				break;
		}
		if (!finder->slots[slot])
			finder->slots[slot] = (uint32_t)i + 1;
		else if (!add_pair(finder, other->id, part[i].id))
			return false;
	}
	return true;
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* From one number a pair to two; in place would need no more memory, and be harder to follow. */
static bool split_pairs(struct finder *finder)
{
	struct pdq_copies *copies = finder->copies;

	if (copies->count == 0)
		return true;
	copies->pairs = malloc((size_t)copies->count * 2 * sizeof(*copies->pairs));
	if (!copies->pairs)
		return false;
	qsort(finder->pairs, copies->count, sizeof(*finder->pairs), by_value);
	for (size_t i = 0; i < copies->count; i++) {
		copies->pairs[2 * i] = (uint32_t)(finder->pairs[i] >> 32);
		copies->pairs[2 * i + 1] = (uint32_t)finder->pairs[i];
	}
	return true;
}

ward_err pdq_copies_find(const ward_pdq *hashes, uint32_t count, struct pdq_copies *copies,
		struct ward_error *error)
{
	size_t parts = part_count(count), ends[PARTS_MAX + 1], start = 0;
	struct finder finder = { .hashes = hashes, .copies = copies };
	struct dealt *dealt = deal(hashes, count, parts, ends);
	bool ok;

	*copies = (struct pdq_copies){ .is_copy = calloc((size_t)count / 8 + 1, 1) };
	ok = dealt && copies->is_copy;
	for (size_t i = 0; ok && i < parts; i++) {
		ok = find_in_part(&finder, dealt + start, ends[i] - start);
		start = ends[i];
	}
	free(dealt);
	free(finder.slots);
	ok = ok && split_pairs(&finder);
	free(finder.pairs);
	return ok ? WARD_OK
		  : ward_fail(error, WARD_E_NOMEM, "no memory to compare %u hashes", count);
}

void pdq_copies_free(struct pdq_copies *copies)
{
	free(copies->is_copy);
	free(copies->pairs);
	*copies = (struct pdq_copies){ 0 };
}

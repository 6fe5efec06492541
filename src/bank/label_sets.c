#include "bank/label_sets.h"
#include "base/checksum.h"

#define SLOTS_FIRST 1024
#define KNOWN_MAX   ((size_t)32 << 20) /* bytes of text that are remembered */
#define USED_MAX    ((size_t)1 << 20)

/* An empty slot has the id 0. */
struct label_slot {
	uint64_t hash;
	uint32_t id;
	uint32_t len;
	size_t offset; /* in `known` */
};

void label_sets_init(struct label_sets *sets, const char *folder)
{
	*sets = (struct label_sets){ 0 };
	spool_init(&sets->text, folder);
	spool_init(&sets->starts, folder);
	ward_buf_init(&sets->known, KNOWN_MAX);
}

void label_sets_free(struct label_sets *sets)
{
	spool_free(&sets->text);
	spool_free(&sets->starts);
	ward_buf_free(&sets->known);
	free(sets->slots);
	sets->slots = NULL;
}

/* Writes a new set's text and gives it the next number. */
static ward_err add_set(struct label_sets *sets, ward_str labels, uint32_t *id,
		struct ward_error *error)
{
	uint64_t start = spool_size(&sets->text);
	ward_err err;

	if (sets->count == UINT32_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a list has too many different labels");
	err = spool_add(&sets->starts, &start, sizeof(start), error);
	if (!err)
		err = spool_add(&sets->text, labels.ptr, labels.len, error);
	if (!err)
		*id = sets->count++;
	return err;
}

static struct label_slot *slot_for(struct label_sets *sets, ward_str labels, uint64_t hash)
{
	size_t at = hash & (sets->slot_count - 1);

	for (;; at = (at + 1) & (sets->slot_count - 1)) {
		struct label_slot *slot = &sets->slots[at];

		if (slot->id == 0 || (slot->hash == hash && slot->len == labels.len &&
						     memcmp(sets->known.ptr + slot->offset,
								     labels.ptr, labels.len) == 0))
			return slot;
	}
}

/* At most half of the slots are used, so that there is always an empty one near. */
static bool make_room(struct label_sets *sets)
{
	size_t count = sets->slot_count ? sets->slot_count * 2 : SLOTS_FIRST;
	struct label_slot *old = sets->slots, *slots;

	if (sets->used < sets->slot_count / 2)
		return true;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < sets->slot_count; i++) {
		size_t at = old[i].hash & (count - 1);

		if (old[i].id == 0)
			continue;
		while (slots[at].id != 0)
			at = (at + 1) & (count - 1);
		slots[at] = old[i];
	}
	free(old);
	sets->slots = slots;
	sets->slot_count = count;
	return true;
}

/* Too many different ones to remember: begins afresh. */
static void forget(struct label_sets *sets)
{
	memset(sets->slots, 0, sets->slot_count * sizeof(*sets->slots));
	sets->used = 0;
	ward_buf_clear(&sets->known);
	sets->last = 0;
}

static ward_err remember(struct label_sets *sets, struct label_slot *slot, ward_str labels,
		uint64_t hash, struct ward_error *error)
{
	size_t offset = sets->known.len;
	uint32_t id = 0;
	ward_err err = add_set(sets, labels, &id, error);

	if (err)
		return err;
	ward_buf_str(&sets->known, labels);
	if (sets->known.failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the labels of a list");
	*slot = (struct label_slot){ hash, id, (uint32_t)labels.len, offset };
	sets->used++;
	return WARD_OK;
}

ward_err label_sets_id(struct label_sets *sets, ward_str labels, uint32_t *id,
		struct ward_error *error)
{
	struct label_slot *slot;
	uint64_t hash;
	uint32_t none;
	ward_err err;

	if (sets->count == 0 && (err = add_set(sets, (ward_str){ "", 0 }, &none, error)))
		return err;
	if (labels.len == 0) {
		*id = 0;
		return WARD_OK;
	}
	if (sets->last != 0 && sets->last_len == labels.len &&
			memcmp(sets->known.ptr + sets->last_offset, labels.ptr, labels.len) == 0) {
		*id = sets->last;
		return WARD_OK;
	}
	if (!make_room(sets))
		return ward_fail(error, WARD_E_NOMEM, "no memory for the labels of a list");
	if (sets->used >= USED_MAX || sets->known.len + labels.len + 1 > KNOWN_MAX)
		forget(sets);
	hash = checksum_of(labels.ptr, labels.len);
	slot = slot_for(sets, labels, hash);
	if (slot->id == 0 && (err = remember(sets, slot, labels, hash, error)))
		return err;
	sets->last = slot->id;
	sets->last_offset = slot->offset;
	sets->last_len = labels.len;
	*id = slot->id;
	return WARD_OK;
}

ward_err label_sets_end(struct label_sets *sets, struct ward_error *error)
{
	uint64_t end;
	uint32_t none;
	ward_err err = WARD_OK;

	if (sets->count == 0)
		err = add_set(sets, (ward_str){ "", 0 }, &none, error);
	end = spool_size(&sets->text);
	return err ? err : spool_add(&sets->starts, &end, sizeof(end), error);
}

#include "workspace/latest.h"

#include <stdlib.h>

#define ROOM_FIRST 1024
#define KEY_BYTES  16
#define TAKEN      UINT64_MAX

struct latest_slot {
	uint8_t key[KEY_BYTES];
	uint64_t number; /* plus one; 0: the slot is free; TAKEN: the ref has none any more */
};

void latest_free(struct latest *latest)
{
	free(latest->slots);
	ward_digester_free(latest->digester);
	*latest = (struct latest){ 0 };
}

static struct latest_slot *find(const struct latest *latest, const uint8_t key[KEY_BYTES])
{
	size_t mask = latest->room - 1, at;

	memcpy(&at, key, sizeof(at));
	at &= mask;
	while (latest->slots[at].number != 0 && memcmp(latest->slots[at].key, key, KEY_BYTES) != 0)
		at = (at + 1) & mask;
	return &latest->slots[at];
}

/* At most half of the slots are used. */
static bool make_room(struct latest *latest)
{
	struct latest grown = { .room = latest->room ? 2 * latest->room : ROOM_FIRST };

	if (2 * latest->count < latest->room)
		return true;
	grown.slots = calloc(grown.room, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (size_t i = 0; i < latest->room; i++) {
		if (latest->slots[i].number != 0)
			*find(&grown, latest->slots[i].key) = latest->slots[i];
	}
	free(latest->slots);
	latest->slots = grown.slots;
	latest->room = grown.room;
	return true;
}

static ward_err slot_of(struct latest *latest, ward_str ref, struct latest_slot **slot,
		struct ward_error *error)
{
	struct ward_digests digests;

	if (!latest->digester)
		latest->digester = ward_digester_new();
	if (!latest->digester || !make_room(latest))
		return ward_fail(error, WARD_E_NOMEM, "no memory for the ids of so many records");
	ward_digester_update(latest->digester, (ward_bytes){ (const uint8_t *)ref.ptr, ref.len });
	ward_digester_finish(latest->digester, &digests);
	*slot = find(latest, digests.sha256);
	if ((*slot)->number == 0) {
		memcpy((*slot)->key, digests.sha256, KEY_BYTES);
		latest->count++;
	}
	return WARD_OK;
}

static ward_err replace(struct latest *latest, ward_str ref, uint64_t number, bool *had,
		uint64_t *before, struct ward_error *error)
{
	struct latest_slot *slot = NULL;
	ward_err err = slot_of(latest, ref, &slot, error);

	if (err || !slot)
		return err;
	*had = slot->number != 0 && slot->number != TAKEN;
	*before = *had ? slot->number - 1 : 0;
	slot->number = number;
	return WARD_OK;
}

ward_err latest_put(struct latest *latest, ward_str ref, uint64_t number, bool *had,
		uint64_t *before, struct ward_error *error)
{
	return replace(latest, ref, number + 1, had, before, error);
}

ward_err latest_take(struct latest *latest, ward_str ref, bool *had, uint64_t *before,
		struct ward_error *error)
{
	return replace(latest, ref, TAKEN, had, before, error);
}

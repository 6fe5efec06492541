#include "site/changed.h"

#include <stdlib.h>

/* Never that of an empty slot; the lowest bit is not the place's. */
static uint64_t clean(uint64_t place)
{
	return (place | 2) & ~UINT64_C(1);
}

static bool changed_grow(struct site_changed *changed)
{
	size_t room = changed->room ? 2 * changed->room : 1024;
	uint64_t *slots = calloc(room, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < changed->room; i++) {
		size_t at = (size_t)(changed->slots[i] >> 1) & (room - 1);

		while (changed->slots[i] && slots[at])
			at = (at + 1) & (room - 1);
		if (changed->slots[i])
			slots[at] = changed->slots[i];
	}
	free(changed->slots);
	changed->slots = slots;
	changed->room = room;
	return true;
}

/* The slot with the place, or the empty one where it belongs; there is always one. */
static uint64_t *slot_of(const struct site_changed *changed, uint64_t place)
{
	size_t at = (size_t)(place >> 1) & (changed->room - 1);

	while (changed->slots[at] && changed->slots[at] >> 1 != place >> 1)
		at = (at + 1) & (changed->room - 1);
	return &changed->slots[at];
}

ward_err site_changed_put(struct site_changed *changed, uint64_t place, bool added,
		struct ward_error *error)
{
	uint64_t *slot;

	place = clean(place);
	if (2 * changed->count >= changed->room && !changed_grow(changed))
		return ward_fail(error, WARD_E_NOMEM, "no memory to take entries back");
	slot = slot_of(changed, place);
	changed->count += *slot == 0;
	*slot = place | added;
	return WARD_OK;
}

uint64_t site_changed_find(const struct site_changed *changed, uint64_t place)
{
	return changed->room ? *slot_of(changed, clean(place)) : 0;
}

#include "site/metas.h"

#include "base/checksum.h"

#include <stdlib.h>

#define ROOM_FIRST 64
#define TEXT_MAX   ((size_t)1 << 26)

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory for the categories of a list");
}

ward_err site_metas_init(struct site_metas *metas, struct ward_error *error)
{
	uint32_t none;

	*metas = (struct site_metas){ 0 };
	ward_buf_init(&metas->text, TEXT_MAX);
	return site_metas_put(metas, &(struct site_meta){ 0 }, &none, error);
}

void site_metas_free(struct site_metas *metas)
{
	ward_buf_free(&metas->text);
	free(metas->at);
	free(metas->slots);
	*metas = (struct site_metas){ 0 };
}

static ward_str piece(const struct site_metas *metas, uint32_t number, int which)
{
	const uint32_t *at = metas->at[number];

	return (ward_str){ metas->text.ptr + at[which], at[which + 1] - at[which] };
}

struct site_meta site_metas_get(const struct site_metas *metas, uint32_t number)
{
	return (struct site_meta){ piece(metas, number, 0), piece(metas, number, 1),
		piece(metas, number, 2) };
}

static uint64_t hash_of(const struct site_meta *meta)
{
	struct checksum sum = checksum_begin();

	checksum_add(&sum, meta->category.ptr, meta->category.len);
	checksum_add(&sum, "/", 1);
	checksum_add(&sum, meta->class_code.ptr, meta->class_code.len);
	checksum_add(&sum, "/", 1);
	checksum_add(&sum, meta->reason.ptr, meta->reason.len);
	return checksum_end(&sum);
}

static bool is_same(const struct site_metas *metas, uint32_t number, const struct site_meta *meta)
{
	struct site_meta has = site_metas_get(metas, number);

	return ward_str_eq(has.category, meta->category) &&
	       ward_str_eq(has.class_code, meta->class_code) &&
	       ward_str_eq(has.reason, meta->reason);
}

/* The slot that has it, or where it belongs. */
static uint32_t find_slot(const struct site_metas *metas, const struct site_meta *meta)
{
	uint32_t slot = (uint32_t)hash_of(meta) & (metas->slot_count - 1);

	while (metas->slots[slot] && !is_same(metas, metas->slots[slot] - 1, meta))
		slot = (slot + 1) & (metas->slot_count - 1);
	return slot;
}

static bool grow(struct site_metas *metas)
{
	uint32_t room = metas->room ? 2 * metas->room : ROOM_FIRST;
	void *at = reallocarray(metas->at, room, sizeof(*metas->at));
	uint32_t *slots = calloc(2 * (size_t)room, sizeof(*slots));

	if (at)
		metas->at = at;
	if (!at || !slots) {
		free(slots);
		return false;
	}
	free(metas->slots);
	metas->slots = slots;
	metas->room = room;
	metas->slot_count = 2 * room;
	for (uint32_t i = 0; i < metas->count; i++) {
		struct site_meta meta = site_metas_get(metas, i);

		metas->slots[find_slot(metas, &meta)] = i + 1;
	}
	return true;
}

static bool append(struct site_metas *metas, const struct site_meta *meta)
{
	const ward_str pieces[3] = { meta->category, meta->class_code, meta->reason };
	uint32_t *at = metas->at[metas->count];

	for (int i = 0; i < 3; i++) {
		at[i] = (uint32_t)metas->text.len;
		ward_buf_str(&metas->text, pieces[i]);
	}
	at[3] = (uint32_t)metas->text.len;
	return !metas->text.failed;
}

ward_err site_metas_put(struct site_metas *metas, const struct site_meta *meta, uint32_t *number,
		struct ward_error *error)
{
	uint32_t slot;

	if (metas->count == metas->room && !grow(metas))
		return no_memory(error);
	slot = find_slot(metas, meta);
	if (!metas->slots[slot]) {
		if (metas->count == SITE_METAS_MAX)
			return ward_fail(error, WARD_E_LIMIT,
					"a list has at most %u different categories with classes "
					"and reasons",
					SITE_METAS_MAX);
		if (!append(metas, meta))
			return no_memory(error);
		metas->slots[slot] = ++metas->count;
	}
	*number = metas->slots[slot] - 1;
	return WARD_OK;
}

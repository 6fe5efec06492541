/*
 * A form of any step, then its seal: what is taken from any form seals, and
 * opens as the same.  The first byte is the step.  Then the bytes as a sealed
 * text, which must be refused, and as code words.
 */
#include <assert.h>
#include <sodium.h>

#include "portal/draft.h"
#include "portal/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[32] = { 1 };

static void take_and_seal(enum step step, ward_str body, struct ward_arena *arena)
{
	static struct form form;
	struct draft draft = draft_new(), opened;
	struct ward_error error;

	if (form_parse(body, arena, &form, &error) != WARD_OK)
		return;
	draft_take(&draft, step, &form);
	(void)draft_is_private(draft.words);
	(void)draft_first_bad(&draft);
	ward_str sealed = draft_seal(&draft, key, arena);

	if (!sealed.ptr)
		return;
	assert(draft_open(sealed, key, draft.begun, arena, &opened, &error) == WARD_OK);
	assert(ward_str_eq(opened.words, draft.words) &&
			ward_str_eq(opened.address, draft.address));
	assert(opened.what == draft.what && opened.contact == draft.contact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_arena arena;
	struct ward_error error;
	struct draft draft;
	struct receipt receipts[LANGUAGE_COUNT];
	ward_str text = { (const char *)data + (size > 0), size - (size > 0) };

	if (sodium_init() < 0 || size == 0)
		return 0;
	ward_arena_init(&arena, 1 << 24);
	take_and_seal((enum step)(data[0] % STEP_COUNT), text, &arena);
	assert(draft_open(text, key, 0, &arena, &draft, &error) != WARD_OK);
	size_t count = receipt_hear(text, receipts);

	for (size_t i = 0; i < count; i++)
		assert(receipts[i].words[5] < RECEIPT_LIST);
	ward_arena_free(&arena);
	return 0;
}

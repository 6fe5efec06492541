/* A token that somebody has typed, and one that was sealed of the bytes; a stop page's file. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "portal/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[PORTAL_TOKEN_KEY] = { 7 };

/* What was sealed is opened again, cut to what it has room for; and its page is one. */
static void try_sealed(const uint8_t *data, size_t size, struct ward_arena *arena)
{
	ward_str text = { (const char *)data, size };
	struct portal_block_about about = { .list = text, .entry = text, .host = text }, got;
	struct portal_block block = { .reason = (enum portal_block_reason)(size % 4),
		.host = text,
		.category = text,
		.owner = text,
		.base = text,
		.until = text };
	struct ward_buf out;

	ward_buf_init(&out, PORTAL_BLOCK_PAGE_MAX);
	portal_block_seal(&about, key, 1000, &out);
	assert(portal_block_open(ward_buf_text(&out), key, 1000, arena, &got));
	assert(got.entry.len == (size < PORTAL_ENTRY_MAX ? size : PORTAL_ENTRY_MAX));
	ward_buf_clear(&out);
	portal_block_page(&block, &languages[size % LANGUAGE_COUNT], &out);
	ward_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str text = { (const char *)data, size };
	struct portal_block_about about;
	struct portal_stop *stop = NULL;
	struct ward_arena arena;

	if (sodium_init() < 0)
		abort();
	ward_arena_init(&arena, 1 << 20);
	(void)!portal_block_open(text, key, 1000, &arena, &about);
	try_sealed(data, size, &arena);
	if (portal_stop_read(text, &stop, NULL) == WARD_OK)
		portal_stop_free(stop);
	ward_arena_free(&arena);
	return 0;
}

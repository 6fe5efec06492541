/*
 * intake_test.h - an intake with its vault and its people, for tests
 */
#ifndef INTAKE_TEST_H
#define INTAKE_TEST_H

#include "intake/intake.h"
#include "vault/vault_test.h"

static struct intake *intake;
static char keys[80];

/* Of a vault that is open. */
static inline bool open_intake_of_vault(intake_also *also, void *context)
{
	snprintf(keys, sizeof(keys), "%s", "/tmp/ward-intake-XXXXXX");
	return mkdtemp(keys) &&
	       intake_open(keys, store, vault, also, context, &intake, &error) == WARD_OK;
}

static inline bool open_intake(intake_also *also, void *context)
{
	return start() && open_intake_of_vault(also, context);
}

static inline void close_intake(void)
{
	intake_free(intake);
	remove_folder(keys);
	end();
}

static inline struct intake_item_new text_item(enum intake_kind kind, const char *text)
{
	return (struct intake_item_new){ .kind = kind, .text = ward_str_from(text) };
}

static inline struct intake_item_new media_item(const char *bytes)
{
	return (struct intake_item_new){ .kind = INTAKE_MEDIA,
		.bytes = { (const uint8_t *)bytes, strlen(bytes) },
		.type = WARD_STR("image/png") };
}

static inline struct intake_new report_of(const struct intake_item_new *items, size_t count)
{
	return (struct intake_new){ .channel = INTAKE_API,
		.holder = WARD_STR("platform"),
		.reporter = INTAKE_MEMBER,
		.items = items,
		.item_count = count,
		.actor = { WARD_STR("key:platform"), WARD_STR("") } };
}

/* One item, one report; its id, or "" with a line about why not. */
static inline const char *added(const struct intake_item_new item)
{
	static struct intake_added done[4];
	static unsigned next;
	struct intake_added *one = &done[next++ % 4];
	struct intake_new report = report_of(&item, 1);

	one->report[0] = '\0';
	if (intake_add(intake, &report, one, &error) != WARD_OK)
		printf("# %s\n", error.message);
	return one->report;
}

/* The items of a report, until the next call. */
static inline struct intake_item_list items_of(const char *report)
{
	static struct ward_arena arena;
	struct intake_item_list items = { .count = 0 };
	struct store_tx *tx;

	ward_arena_free(&arena);
	ward_arena_init(&arena, 8 << 20);
	if (store_read(store, &tx, &error) != WARD_OK ||
			intake_items(tx, ward_str_from(report), &arena, &items, &error) != WARD_OK)
		printf("# %s\n", error.message);
	store_read_end(tx);
	return items;
}

#endif

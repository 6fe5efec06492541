#include "desk/arrive.h"

#include "base/tree.h"
#include "desk/appeals.h"
#include "desk/jobs.h"

enum { ARENA = 8 << 20 };

/* The gravest kind is what a person has to look at. */
static const char *const by_weight[] = { "media", "conversation", "text", "url", "account" };

static ward_str gravest(const struct intake_item_list *items)
{
	for (size_t w = 0; w < sizeof(by_weight) / sizeof(by_weight[0]); w++) {
		for (size_t i = 0; i < items->count; i++) {
			if (ward_str_eq(items->at[i].kind, ward_str_from(by_weight[w])))
				return items->at[i].kind;
		}
	}
	return WARD_STR("");
}

static bool fill_item(const struct intake_item *item, struct ward_arena *arena,
		struct desk_arrival_item *to)
{
	char *sha256 = item->has_digests ? ward_new(arena, char, 65) : NULL;

	if (item->has_digests && !sha256)
		return false;
	*to = (struct desk_arrival_item){ .item = item->id,
		.first = item->first,
		.kind = item->kind };
	if (sha256) {
		ward_hex_format(item->sha256, sizeof(item->sha256), sha256);
		to->sha256 = ward_str_from(sha256);
	}
	if (ward_str_eq(item->kind, WARD_STR("account"))) {
		to->account = item->form;
	} else {
		to->url = item->form;
		to->host = item->host;
	}
	return true;
}

/* What a scan found is in the context: codes that the one who sent it wrote. */
static bool read_context(ward_str context, struct ward_arena *arena, struct desk_facts *facts,
		int64_t *priority)
{
	struct json_t *root = context.len > 0 ? tree_read(context, NULL) : NULL;
	const struct {
		const char *name;
		ward_str *to;
	} words[] = { { "finding", &facts->finding }, { "list", &facts->list },
		{ "labels", &facts->labels }, { "country", &facts->country } };
	bool fine = true;

	for (size_t i = 0; root && fine && i < sizeof(words) / sizeof(words[0]); i++) {
		*words[i].to = ward_arena_str(arena, tree_text(tree_member(root, words[i].name)));
		fine = words[i].to->ptr != NULL;
	}
	if (root && !tree_int(tree_member(root, "priority"), 0, 100, priority))
		*priority = -1;
	tree_free(root);
	return fine;
}

static ward_err find_strikes(struct store_tx *tx, const struct desk_arrival_item *items,
		size_t count, int64_t *strikes, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count && !err; i++) {
		int64_t weight = 0;

		if (items[i].account.len > 0)
			err = desk_strikes(tx, items[i].account, &weight, error);
		if (weight > *strikes)
			*strikes = weight;
	}
	return err;
}

static ward_err arrive(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct ward_error *error)
{
	struct intake_item_list items;
	struct intake_report report;
	struct desk_received received;
	struct desk_arrival arrival = { .report = id, .priority = -1 };
	ward_err err = intake_get(tx, id, arena, &report, error);

	if (!err)
		err = intake_items(tx, id, arena, &items, error);
	if (err)
		return err;
	struct desk_arrival_item *to = ward_new(arena, struct desk_arrival_item, items.count + 1);
	bool fine = to != NULL;

	for (size_t i = 0; fine && i < items.count; i++)
		fine = fill_item(&items.at[i], arena, &to[i]);
	arrival.at = report.at;
	arrival.items = to;
	arrival.item_count = items.count;
	arrival.facts = (struct desk_facts){ .channel = report.channel,
		.reporter = report.reporter,
		.kind = gravest(&items),
		.language = report.language,
		.country = report.jurisdiction,
		.urgent = report.urgency == INTAKE_NOW };
	if (!fine || !read_context(report.context, arena, &arrival.facts, &arrival.priority))
		return ward_fail(error, WARD_E_NOMEM, "the report is too large to become a job");
	if (arrival.priority < 0 && report.urgency == INTAKE_SOON)
		arrival.priority = 75;
	err = find_strikes(tx, to, items.count, &arrival.facts.strikes, error);
	return err ? err : desk_receive(tx, &arrival, &received, error);
}

ward_err desk_arrive(void *context, struct store_tx *tx, ward_str report, struct ward_error *error)
{
	struct ward_arena arena;

	(void)context;
	ward_arena_init(&arena, ARENA);
	ward_err err = arrive(tx, report, &arena, error);

	ward_arena_free(&arena);
	return err;
}

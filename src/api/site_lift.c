#include "api/site_lift.h"

#include <stdio.h>

enum { ROWS = 50, ARENA_MAX = 8 << 20 };

static ward_site_bare bare_of(bool whole)
{
	return whole ? WARD_SITE_BARE_DOMAIN : WARD_SITE_BARE_HOST;
}

ward_err site_lift_check(const struct workspace *workspace, const struct intake_site_appeal *appeal,
		struct ward_error *error)
{
	ward_str place = { 0 };
	bool whole = false;
	ward_err err = intake_site_appeal_place(appeal, &place, &whole, error);

	return err ? err : workspace_site_may_allow(workspace, place, bare_of(whole), error);
}

static ward_err tell(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct intake_site_appeal *appeal = context;

	return intake_site_appeal_applied(tx, appeal->id, error);
}

static ward_err apply(const struct workspace *workspace, struct store *store,
		struct intake_site_appeal *appeal, struct ward_error *error)
{
	ward_str place = { 0 };
	bool whole = false;
	ward_err err = intake_site_appeal_place(appeal, &place, &whole, error);

	if (!err)
		err = workspace_site_allow(workspace, place, bare_of(whole), appeal->id, error);
	return err ? err : store_write(store, tell, appeal, error);
}

/* The oldest ROWS of them behind the id `after`, which becomes the last one's. */
static ward_err apply_some(const struct workspace *workspace, struct store *store,
		char after[ID_TEXT_MAX], size_t *count, uint64_t *done, struct ward_error *error)
{
	struct intake_site_appeal *appeals = NULL;
	struct ward_arena arena;
	struct ward_error ignored;
	struct store_tx *tx;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	ward_arena_init(&arena, ARENA_MAX);
	err = intake_site_appeal_due(tx, ward_str_from(after), ROWS, &arena, &appeals, count,
			error);
	store_read_end(tx);
	/* One that fails does not keep back those behind it. */
	for (size_t i = 0; appeals && i < *count; i++) {
		ward_err failed = apply(workspace, store, &appeals[i], err ? &ignored : error);

		*done += !failed;
		err = err ? err : failed;
		snprintf(after, ID_TEXT_MAX, "%.*s", WARD_FMT(appeals[i].id));
	}
	ward_arena_free(&arena);
	return err;
}

ward_err site_lift_due(const struct workspace *workspace, struct store *store, uint64_t *done,
		struct ward_error *error)
{
	char after[ID_TEXT_MAX] = "";
	struct ward_error ignored;
	size_t count = ROWS;
	ward_err err = WARD_OK;

	*done = 0;
	while (count == ROWS) {
		count = 0;
		ward_err failed = apply_some(workspace, store, after, &count, done,
				err ? &ignored : error);

		err = err ? err : failed;
	}
	return err;
}

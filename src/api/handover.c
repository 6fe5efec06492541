#include "api/handover.h"

#include "api/serve.h"
#include "base/log.h"
#include "filing/handover.h"
#include "filing/package.h"
#include "vault/holds.h"

#include <ward/hash.h>

enum { ARENA_MAX = 64 << 20, TAR_MAX = 60 << 20, MAKE_MAX = 20 };

struct making {
	struct server *server;
	struct ward_arena *arena;
	struct filing_row row;
	struct vault_sealed *sealed; /* NULL: it is put off */
	struct filing_package_made made;
	char sha256[65], message[160];
	const char *alert; /* why it is put off */
	bool pages_missing;
};

/* ---- one ---- */

static ward_err seal(struct making *making, const struct filing_authority *authority,
		struct ward_buf *tar, struct ward_error *error)
{
	char origin[VAULT_ORIGIN_MAX];
	ward_str text = ward_buf_text(tar);

	snprintf(origin, sizeof(origin), "filing:%.*s", WARD_FMT(making->row.id));
	const struct vault_arrival arrival = {
		.bytes = { (const uint8_t *)text.ptr, text.len },
		.kind = WARD_STR("application/x-tar"),
		.origin = ward_str_from(origin),
		/* A workspace's own table may lack the authority's clock: "own" is in each. */
		.basis = legal_find(vault_legal(making->server->vault), authority->clock)
					 ? authority->clock
					 : WARD_STR(""),
	};
	ward_err err = vault_seal(making->server->vault, &arrival, &making->sealed, error);

	if (err)
		return err;
	const struct vault_facts *facts = vault_sealed_facts(making->sealed);

	ward_hex_format(facts->digests.sha256, 32, making->sha256);
	making->made = (struct filing_package_made){ ward_str_from(facts->id),
		ward_str_from(making->sha256), facts->digests.bytes, !making->pages_missing };
	return WARD_OK;
}

/* Whoever sees the report reads what it means; where it broke on this machine is for the log. */
static void put_off(struct making *making, const char *alert, const struct ward_error *why)
{
	bool sealing = strcmp(alert, "seal") == 0;

	making->alert = alert;
	snprintf(making->message, sizeof(making->message), "%s (%s); it is tried again.",
			strcmp(alert, "pages") == 0 ? "The pages could not be made"
			: sealing                   ? "The package could not be kept in the vault"
						    : "The package could not be made",
			ward_err_name(why->code));
	log_error("package_failed", "filing=%.*s alert=%s code=%s", WARD_FMT(making->row.id), alert,
			ward_err_name(why->code));
}

/* Pages are tried for a few minutes before they are done without (package.h). */
static void pack(struct making *making, const struct filing_authority *authority,
		struct ward_buf *tar)
{
	const struct filing_row *row = &making->row;
	struct filing_package package;
	struct ward_error error;
	ward_err err = filing_package_make(authority, row->draft,
			&(struct filing_package_facts){ row->id, row->reference, row->approved_at,
					row->environment != FILING_PRODUCTION },
			&package, &error);

	if (err) {
		put_off(making, "check", &error);
		return;
	}
	making->pages_missing = !package.has_pages;
	if (making->pages_missing && row->tries + 1 < FILING_PAGES_TRIES) {
		put_off(making, "pages", &package.why);
	} else {
		if (making->pages_missing)
			log_error("pages_failed", "filing=%.*s code=%s", WARD_FMT(row->id),
					ward_err_name(package.why.code));
		err = filing_package_tar(&package, tar, &error);
		if (err)
			put_off(making, "check", &error);
		else if (seal(making, authority, tar, &error))
			put_off(making, "seal", &error);
	}
	filing_package_free(&package);
}

static void make(struct making *making, const struct snapshot *snapshot)
{
	struct filing_authority *authority = NULL;
	struct ward_error error;
	struct ward_buf tar;

	ward_buf_init(&tar, TAR_MAX);
	if (filing_authority_find(workspace_folder(snapshot->workspace), making->row.authority,
			    &authority, &error))
		put_off(making, "check", &error);
	else
		pack(making, authority, &tar);
	filing_authority_free(authority);
	if (tar.ptr)
		explicit_bzero(tar.ptr, tar.len);
	ward_buf_free(&tar);
}

/* The package, its item and its row, or that it is put off. */
static ward_err keep_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	static const struct vault_actor vault_itself = { { "system", 6 }, { "", 0 } };
	static const struct filing_actor itself = { { "system", 6 }, { "", 0 } };
	struct making *making = context;

	if (!making->sealed)
		return filing_package_later(tx, &making->row, making->alert,
				ward_str_from(making->message), error);
	ward_err err = vault_put(tx, making->sealed, &vault_itself, error);

	return err ? err : filing_package_keep(tx, &itself, &making->row, &making->made, error);
}

static ward_err find(struct making *making, struct ward_error *error)
{
	struct filing_question anybody = { .viewer = WARD_STR("") };
	char id[ID_TEXT_MAX];
	struct store_tx *tx;
	ward_err err = store_read(making->server->store, &tx, error);

	if (err)
		return err;
	err = filing_package_due(tx, id, error);
	if (!err)
		err = filing_see(tx, &anybody, ward_str_from(id), making->arena, &making->row,
				error);
	store_read_end(tx);
	return err;
}

static ward_err make_one(struct server *server, const struct snapshot *snapshot,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct making making = { .server = server, .arena = &arena };

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = find(&making, error);

	if (!err) {
		make(&making, snapshot);
		err = store_write(server->store, keep_work, &making, error);
		if (!err)
			log_info("package", "filing=%.*s authority=%.*s made=%s",
					WARD_FMT(making.row.id), WARD_FMT(making.row.authority),
					making.sealed ? "yes" : "later");
		vault_sealed_free(making.sealed);
	}
	ward_arena_free(&arena);
	return err;
}

ward_err handover_make(struct server *server, const struct snapshot *snapshot,
		bool (*stop)(void *context), void *context, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = 0; i < MAKE_MAX && !err && !stop(context); i++)
		err = make_one(server, snapshot, error);
	/* Somebody was at it meanwhile: what was made is nobody's, and is swept.  It is not made
	 * anew at once, over and over, where it is not somebody but the store that refuses it.
	 */
	return err == WARD_E_NOT_FOUND || err == WARD_E_CONFLICT ? WARD_OK : err;
}

/*
 * The rows of the log that are about a package's items, one a line.  Each is
 * checked by its own digest; rows with numbers that follow each other by the
 * digest of the one before.  The row of the export holds, in its detail, the
 * digest of all earlier rows of its item ("custody": SHA-256 of their digests,
 * the newest first), so that it vouches for them; and the checkpoint that was made
 * behind it vouches for the row.
 */
#include <inttypes.h>
#include <openssl/evp.h>

#include "base/json.h"
#include "base/tree.h"
#include "vault/custody.h"
#include "vault/inner.h"
#include "vault/package_manifest.h"

/* ---- the digest of earlier rows ---- */

bool custody_digest_begin(struct custody_digest *digest)
{
	digest->context = EVP_MD_CTX_new();
	return digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1;
}

void custody_digest_add(struct custody_digest *digest, const uint8_t self[32])
{
	EVP_DigestUpdate(digest->context, self, 32);
}

void custody_digest_end(struct custody_digest *digest, uint8_t out[32])
{
	if (digest->context && out)
		EVP_DigestFinal_ex(digest->context, out, NULL);
	EVP_MD_CTX_free(digest->context);
	digest->context = NULL;
}

/* ---- lines ---- */

void custody_write(const struct audit_row *row, struct ward_buf *text)
{
	char previous[65], self[65];
	struct json json = json_to(text);

	ward_hex_format(row->previous, 32, previous);
	ward_hex_format(row->self, 32, self);
	json_object(&json);
	json_key_uint(&json, "number", row->number);
	json_key_int(&json, "at", row->at);
	json_key_str(&json, "actor", row->entry.actor);
	json_key_str(&json, "role", row->entry.role);
	json_key_str(&json, "action", row->entry.action);
	json_key_str(&json, "object", row->entry.object);
	json_key_str(&json, "digest", row->entry.digest);
	json_key_str(&json, "reason", row->entry.reason);
	json_key_str(&json, "detail", row->entry.detail);
	json_key_text(&json, "previous", previous);
	json_key_text(&json, "self", self);
	json_object_end(&json);
	ward_buf_char(text, '\n');
}

/* Text is borrowed from the tree. */
static bool take_row(const struct json_t *tree, struct audit_row *row)
{
	const struct {
		const char *name;
		ward_str *to;
	} words[] = {
		{ "actor", &row->entry.actor },
		{ "role", &row->entry.role },
		{ "action", &row->entry.action },
		{ "object", &row->entry.object },
		{ "digest", &row->entry.digest },
		{ "reason", &row->entry.reason },
		{ "detail", &row->entry.detail },
	};
	int64_t number;

	if (!tree_int(tree_member(tree, "number"), 1, INT64_MAX, &number) ||
			!tree_int(tree_member(tree, "at"), INT64_MIN, INT64_MAX, &row->at))
		return false;
	row->number = (uint64_t)number;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!tree_is_text(tree_member(tree, words[i].name)))
			return false;
		*words[i].to = tree_text(tree_member(tree, words[i].name));
	}
	return ward_hex_parse(tree_text(tree_member(tree, "previous")), row->previous, 32) &&
	       ward_hex_parse(tree_text(tree_member(tree, "self")), row->self, 32);
}

/* ---- checking ---- */

enum { SELVES_MAX = 100000 };

struct custody_state {
	const struct package_manifest *manifest;
	size_t item;           /* whose rows are read */
	uint8_t (*selves)[32]; /* of its rows so far */
	size_t self_count;
	bool sealed, exported; /* its first row, and the row of this export, were read */
	uint64_t last_number;  /* of the item's last row */
	/* The rows of the export follow each other: one a item, in their order. */
	uint64_t export_number;
	uint8_t export_self[32];
	uint64_t checkpoint_row;
	unsigned rows;
};

static ward_err fail_row(unsigned line, const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "custody.jsonl, line %u: %s", line, what);
}

/* What the row of the export says of the rows before it. */
static bool export_holds(const struct custody_state *state, const struct audit_row *row)
{
	uint8_t said[32], made[32];
	struct custody_digest digest;
	struct json_t *detail = tree_read(row->entry.detail, NULL);
	bool good = detail &&
		    ward_str_eq(tree_text(tree_member(detail, "package")),
				    ward_str_from(state->manifest->id)) &&
		    ward_hex_parse(tree_text(tree_member(detail, "custody")), said, 32);

	tree_free(detail);
	if (!good || !custody_digest_begin(&digest))
		return false;
	for (size_t i = state->self_count; i > 0; i--)
		custody_digest_add(&digest, state->selves[i - 1]);
	custody_digest_end(&digest, made);
	return memcmp(said, made, 32) == 0;
}

static bool is_this_export(const struct custody_state *state, const struct audit_row *row)
{
	struct json_t *detail;
	bool ours;

	if (!ward_str_eq(row->entry.action, WARD_STR("item.exported")))
		return false;
	detail = tree_read(row->entry.detail, NULL);
	ours = detail && ward_str_eq(tree_text(tree_member(detail, "package")),
					 ward_str_from(state->manifest->id));
	tree_free(detail);
	return ours;
}

static ward_err check_export(struct custody_state *state, const struct audit_row *row,
		unsigned line, struct ward_error *error)
{
	if (!export_holds(state, row))
		return fail_row(line, "the row of the export does not fit the rows before it",
				error);
	if (state->export_number > 0 &&
			(row->number != state->export_number + 1 ||
					memcmp(row->previous, state->export_self, 32) != 0))
		return fail_row(line, "the rows of the export do not follow each other", error);
	state->export_number = row->number;
	memcpy(state->export_self, row->self, 32);
	state->exported = true;
	return WARD_OK;
}

/* The row's digest is of its item as the manifest has it. */
static bool tells_item(const struct package_item *item, const struct audit_row *row)
{
	char digest[65];

	ward_hex_format(item->facts.digests.sha256, 32, digest);
	return ward_str_eq(row->entry.digest, ward_str_from(digest));
}

static ward_err check_row(struct custody_state *state, const struct audit_row *row, unsigned line,
		struct ward_error *error)
{
	const struct checkpoint *checkpoint = &state->manifest->checkpoint;
	const struct package_item *item = &state->manifest->items[state->item];
	uint8_t digest[32];
	ward_err err = WARD_OK;

	audit_digest(row, digest);
	if (memcmp(digest, row->self, 32) != 0)
		return fail_row(line, "the row is not what its digest says", error);
	if (row->number <= state->last_number)
		return fail_row(line, "the rows are not in order", error);
	if (row->number == state->last_number + 1 && state->self_count > 0 &&
			memcmp(row->previous, state->selves[state->self_count - 1], 32) != 0)
		return fail_row(line, "the row does not follow the one before it", error);
	if (state->exported)
		return fail_row(line, "there is a row behind that of the export", error);
	if (ward_str_eq(row->entry.action, WARD_STR("item.sealed"))) {
		if (state->self_count > 0 || !tells_item(item, row))
			return fail_row(line, "the row of the sealing is not of this item", error);
		state->sealed = true;
	}
	if (state->manifest->has_checkpoint && row->number == checkpoint->number) {
		if (memcmp(row->self, checkpoint->digest, 32) != 0)
			return fail_row(line, "the row is not the one that was signed", error);
		state->checkpoint_row = row->number;
	}
	if (is_this_export(state, row))
		err = check_export(state, row, line, error);
	if (!err && state->self_count == SELVES_MAX)
		err = ward_fail(error, WARD_E_LIMIT, "an item of the package has too many rows");
	if (err)
		return err;
	memcpy(state->selves[state->self_count++], row->self, 32);
	state->last_number = row->number;
	return WARD_OK;
}

static ward_err end_item(const struct custody_state *state, struct ward_error *error)
{
	if (!state->sealed || !state->exported)
		return ward_fail(error, WARD_E_CORRUPT,
				"custody.jsonl does not tell how the item %s came in or went out",
				state->manifest->items[state->item].facts.id);
	return WARD_OK;
}

/* Goes to the item that the row is about: the same one, or the next. */
static ward_err follow(struct custody_state *state, ward_str object, unsigned line,
		struct ward_error *error)
{
	const struct package_manifest *manifest = state->manifest;
	ward_str id = object;
	ward_err err;

	if (!ward_str_eq(ward_str_cut(&id, ':'), WARD_STR("item")))
		return fail_row(line, "the row is about no item", error);
	if (ward_str_eq(id, ward_str_from(manifest->items[state->item].facts.id)))
		return WARD_OK;
	err = end_item(state, error);
	if (err)
		return err;
	if (state->item + 1 == manifest->item_count ||
			!ward_str_eq(id, ward_str_from(manifest->items[state->item + 1].facts.id)))
		return fail_row(line, "the row is about another item", error);
	state->item++;
	state->self_count = 0;
	state->last_number = 0;
	state->sealed = state->exported = false;
	return WARD_OK;
}

static ward_err check_line(struct custody_state *state, ward_str line, unsigned number,
		struct ward_error *error)
{
	struct audit_row row = { .number = 0 };
	struct json_t *tree = tree_read(line, NULL);
	ward_err err = tree && take_row(tree, &row)
				       ? WARD_OK
				       : fail_row(number, "this is no row of the log", error);

	if (!err)
		err = follow(state, row.entry.object, number, error);
	if (!err)
		err = check_row(state, &row, number, error);
	tree_free(tree);
	return err;
}

ward_err custody_check(ward_str text, const struct package_manifest *manifest, unsigned *rows,
		uint64_t *checkpoint_row, struct ward_error *error)
{
	struct custody_state state = { .manifest = manifest };
	unsigned line = 0;
	ward_err err = WARD_OK;

	if (manifest->has_checkpoint && !checkpoint_holds(&manifest->checkpoint))
		return ward_fail(error, WARD_E_CORRUPT,
				"the checkpoint of the log is not signed by its key");
	state.selves = calloc(SELVES_MAX, sizeof(*state.selves));
	if (!state.selves)
		return ward_fail(error, WARD_E_NOMEM, "no memory to check a package");
	if (text.len == 0 || text.ptr[text.len - 1] != '\n')
		err = ward_fail(error, WARD_E_CORRUPT, "custody.jsonl was cut off");
	while (!err && text.len > 0)
		err = check_line(&state, ward_str_cut(&text, '\n'), ++line, error);
	if (!err)
		err = end_item(&state, error);
	if (!err && state.item + 1 != manifest->item_count)
		err = ward_fail(error, WARD_E_CORRUPT, "custody.jsonl does not tell of all items");
	free(state.selves);
	if (!err) {
		*rows = line;
		*checkpoint_row = state.checkpoint_row;
	}
	return err;
}

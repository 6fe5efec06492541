#include "filing/authority.h"

#include "base/file.h"
#include "base/tree.h"
#include "filing/authority_table.h"

/* The law that a package follows is another country's; the longest of the clocks is the default. */
static const ward_str default_clock = { "us-2258a-h", 10 };

struct authority {
	struct filing_authority told; /* the first member: what is given out */
	struct json_t *root;
	char *copy;
};

ward_err filing_authority_read(ward_str text, struct filing_authority **read,
		struct ward_error *error)
{
	struct json_t *root = tree_read(text, error);
	struct authority *made = root ? calloc(1, sizeof(*made)) : NULL;

	if (!root)
		return WARD_E_FORMAT;
	if (made)
		made->copy = strndup(text.ptr, text.len);
	if (!made || !made->copy) {
		free(made);
		tree_free(root);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	made->root = root;
	made->told = (struct filing_authority){
		.id = tree_text(tree_member(root, "id")),
		.authority = tree_text(tree_member(root, "authority")),
		.title = tree_text(tree_member(root, "title")),
		.intro = tree_text(tree_member(root, "intro")),
		.delivery = tree_text(tree_member(root, "delivery")),
		.clock = tree_text(tree_member(root, "clock")),
		.labels = tree_member(root, "labels"),
		.text = { made->copy, text.len },
	};
	if (made->told.authority.len == 0 || made->told.title.len == 0 ||
			!tree_is_object(made->told.labels)) {
		filing_authority_free(&made->told);
		return ward_fail(error, WARD_E_FORMAT,
				"an authority's file has authority, title and labels");
	}
	if (made->told.clock.len == 0)
		made->told.clock = default_clock;
	*read = &made->told;
	return WARD_OK;
}

void filing_authority_free(struct filing_authority *read)
{
	struct authority *made = (struct authority *)read;

	if (!made)
		return;
	tree_free(made->root);
	free(made->copy);
	free(made);
}

bool filing_authority_is_id(ward_str id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!plain && (i == 0 || !(c == '_' || c == '-')))
			return false;
	}
	return id.len > 0 && id.len < FILING_AUTHORITY_ID_MAX &&
	       !ward_str_eq(id, WARD_STR("ncmec"));
}

static ward_err find_built_in(ward_str id, struct filing_authority **read, struct ward_error *error)
{
	const struct {
		ward_str id;
		const uint8_t *text;
		size_t len;
	} all[] = {
		{ WARD_STR("generic"), authority_generic, authority_generic_len },
		{ WARD_STR("ncecc"), authority_ncecc, authority_ncecc_len },
		{ WARD_STR("accce"), authority_accce, authority_accce_len },
		{ WARD_STR("nca"), authority_nca, authority_nca_len },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (ward_str_eq(id, all[i].id))
			return filing_authority_read((ward_str){ (const char *)all[i].text,
								     all[i].len },
					read, error);
	}
	return ward_fail(error, WARD_E_NOT_FOUND, "there is no authority with the name \"%.*s\"",
			WARD_FMT(id));
}

ward_err filing_authority_find(const char *workspace, ward_str id, struct filing_authority **read,
		struct ward_error *error)
{
	char path[4096], *text = NULL;
	size_t len = 0;

	if (!filing_authority_is_id(id))
		return ward_fail(error, WARD_E_NOT_FOUND,
				"an authority's name is small letters, digits and \"_-\"");
	if (!workspace)
		return find_built_in(id, read, error);
	int room = snprintf(path, sizeof(path), "%s/authorities/%.*s.json", workspace,
			WARD_FMT(id));

	if (room < 0 || (size_t)room >= sizeof(path))
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	ward_err err = file_read(path, FILING_AUTHORITY_TEXT_MAX, &text, &len, error);

	if (err == WARD_E_NOT_FOUND)
		return find_built_in(id, read, error);
	/* One that is there and is no authority is the operator's to mend, not to be passed over.
	 */
	if (!err)
		err = filing_authority_read((ward_str){ text, len }, read, error);
	free(text);
	return err;
}

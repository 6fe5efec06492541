#include "filing/authority.h"

#include <dirent.h>

#include "base/file.h"
#include "base/tree.h"
#include "filing/authority_table.h"
#include "filing/schema.h"

enum { OWN_MAX = 200 }; /* files of the workspace's own that are told */

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

ward_str filing_authority_clock(const struct filing_authority *authority)
{
	return authority ? authority->clock : default_clock;
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

struct built_in {
	ward_str id;
	const uint8_t *text;
	size_t len;
};

enum { BUILT_IN_COUNT = 4 };

static struct built_in built_in_at(size_t index)
{
	const struct built_in all[BUILT_IN_COUNT] = {
		{ WARD_STR("generic"), authority_generic, authority_generic_len },
		{ WARD_STR("ncecc"), authority_ncecc, authority_ncecc_len },
		{ WARD_STR("accce"), authority_accce, authority_accce_len },
		{ WARD_STR("nca"), authority_nca, authority_nca_len },
	};

	return all[index];
}

static bool is_built_in(ward_str id)
{
	for (size_t i = 0; i < BUILT_IN_COUNT; i++) {
		if (ward_str_eq(id, built_in_at(i).id))
			return true;
	}
	return false;
}

static ward_err find_built_in(ward_str id, struct filing_authority **read, struct ward_error *error)
{
	for (size_t i = 0; i < BUILT_IN_COUNT; i++) {
		struct built_in one = built_in_at(i);

		if (ward_str_eq(id, one.id))
			return filing_authority_read((ward_str){ (const char *)one.text, one.len },
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

/* False ends the telling. */
static bool tell_one(const char *workspace, ward_str id, filing_authority_told *tell, void *context)
{
	struct filing_authority *found = NULL;
	struct ward_error error = { 0 };

	if (filing_authority_find(workspace, id, &found, &error))
		return true;
	found->id = id;
	bool more = tell(context, found);

	filing_authority_free(found);
	return more;
}

static int is_of_workspace(const struct dirent *entry)
{
	ward_str name = ward_str_from(entry->d_name), end = WARD_STR(".json");

	if (name.len <= end.len || memcmp(name.ptr + name.len - end.len, end.ptr, end.len) != 0)
		return 0;
	name.len -= end.len;
	return filing_authority_is_id(name) && !is_built_in(name);
}

void filing_authority_each(const char *workspace, filing_authority_told *tell, void *context)
{
	struct dirent **entries = NULL;
	char path[4096];
	bool more = true;

	for (size_t i = 0; i < BUILT_IN_COUNT && more; i++)
		more = tell_one(workspace, built_in_at(i).id, tell, context);
	int len = workspace ? snprintf(path, sizeof(path), "%s/authorities", workspace) : -1;
	int count = len > 0 && (size_t)len < sizeof(path)
				    ? scandir(path, &entries, is_of_workspace, alphasort)
				    : 0;

	for (int i = 0; i < count; i++) {
		ward_str name = ward_str_from(entries[i]->d_name);

		name.len -= strlen(".json");
		if (more && i < OWN_MAX)
			more = tell_one(workspace, name, tell, context);
		free(entries[i]);
	}
	free(entries);
}

static const struct filing_type *part_of(const struct filing_type *type, const char *name)
{
	for (unsigned i = 0; i < type->part_count; i++) {
		if (strcmp(type->parts[i].name, name) == 0)
			return type->parts[i].type;
	}
	return NULL;
}

const char *const *filing_incidents(void)
{
	static const char *const none[] = { NULL };
	const struct filing_type *summary = part_of(filing_type_report, "incidentSummary");
	const struct filing_type *type = summary ? part_of(summary, "incidentType") : NULL;

	return type && type->words ? type->words : none;
}

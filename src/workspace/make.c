/*
 * Making a workspace, and opening its store: what a program that only looks at
 * files does not link.
 */
#include "workspace/workspace.h"

#include <sys/stat.h>

#include "audit/signer.h"
#include "base/file.h"
#include "workspace/inner.h"
#include "workspace/rules.h"

enum { PATH_ROOM = WORKSPACE_PATH_ROOM };

/* ---- its settings ---- */

static const char intro[] = "# ward.conf - settings and policy of this workspace\n"
			    "#\n"
			    "# What stands behind \"#\" is what holds when nothing is said.  \"man "
			    "ward.conf\" tells\n"
			    "# more; \"ward policy show\" prints the rules in force, \"ward policy "
			    "test\" tries them.\n";

static const char outro[] = "\n"
			    "# Rules: the first one that matches any finding decides.  Once there "
			    "is one rule here,\n"
			    "# the default rules no longer hold; these are they:\n"
			    "#\n";

/* Each line with "# " before it. */
static void comment_out(struct ward_buf *out, ward_str text)
{
	while (text.len > 0) {
		ward_str line = ward_str_cut(&text, '\n');

		ward_buf_printf(out, "# %.*s\n", WARD_FMT(line));
	}
}

static ward_err write_rules(struct ward_buf *out, struct ward_error *error)
{
	struct ward_policy *policy = ward_policy_default();
	struct ward_buf rule;

	if (!policy)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the policy");
	ward_buf_init(&rule, CONF_BYTES_MAX);
	for (size_t i = 0; i < ward_policy_rules(policy); i++) {
		ward_buf_clear(&rule);
		rule_format(&rule, ward_policy_rule(policy, i));
		comment_out(out, ward_buf_text(&rule));
	}
	out->failed |= rule.failed;
	ward_buf_free(&rule);
	ward_policy_free(policy);
	return WARD_OK;
}

/* Every setting of the table, commented out at its default. */
static void write_settings(struct ward_buf *out)
{
	const char *section = "";
	struct setting_words words;

	for (size_t i = 0; settings_row(i, &words); i++) {
		char setting[SETTINGS_TEXT_MAX + 40];

		if (strcmp(section, words.section) != 0)
			ward_buf_printf(out, "%s\n%s {\n", section[0] ? "}\n" : "", words.section);
		section = words.section;
		snprintf(setting, sizeof(setting), "%s = %s", words.name, words.value);
		ward_buf_printf(out, "\t# %-28s # %s\n", setting, words.says);
	}
	ward_buf_str(out, WARD_STR("}\n"));
}

static ward_err write_conf(const char *path, struct ward_error *error)
{
	struct ward_buf text;
	ward_err err;

	ward_buf_init(&text, CONF_BYTES_MAX);
	ward_buf_str(&text, ward_str_from(intro));
	write_settings(&text);
	ward_buf_str(&text, ward_str_from(outro));
	err = write_rules(&text, error);
	if (!err && text.failed)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for ward.conf");
	if (!err)
		err = file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0600,
				error);
	ward_buf_free(&text);
	return err;
}

/* ---- all of it ---- */

static ward_err make_store(const char *folder, struct ward_error *error)
{
	struct store_options options = { .create = true, .migrate = true };
	char path[PATH_ROOM];
	struct store *store;
	ward_err err = workspace_join(path, folder, settings_default().store_place, error);

	if (err)
		return err;
	options.place = path;
	err = store_open(&options, &store, error);
	if (!err)
		store_free(store);
	return err;
}

ward_err workspace_init(const char *folder, struct ward_error *error)
{
	static const char *const folders[] = { "lists", "quarantine", "keys" };
	char path[PATH_ROOM];
	struct stat st;
	ward_err err = workspace_join(path, folder, "ward.conf", error);

	if (err)
		return err;
	if (lstat(path, &st) == 0)
		return ward_fail(error, WARD_E_EXISTS, "%s is a workspace already", folder);
	err = file_make_folders(folder, 0700, error);
	for (size_t i = 0; !err && i < sizeof(folders) / sizeof(*folders); i++) {
		err = workspace_join(path, folder, folders[i], error);
		if (!err)
			err = file_make_folders(path, 0700, error);
	}
	if (!err)
		err = make_store(folder, error);
	if (!err)
		err = workspace_join(path, folder, "keys", error);
	if (!err)
		err = signer_make(path, error);
	/* Last, for it makes the folder a workspace. */
	if (!err)
		err = workspace_join(path, folder, "ward.conf", error);
	return err ? err : write_conf(path, error);
}

/* ---- its store ---- */

/* A path is from the workspace's folder; an address is as it is. */
static ward_err store_place(const struct workspace *workspace, char place[PATH_ROOM],
		struct ward_error *error)
{
	const char *said = workspace_settings(workspace)->store_place;

	if (!strstr(said, "://") && said[0] != '/')
		return workspace_join(place, workspace_folder(workspace), said, error);
	snprintf(place, PATH_ROOM, "%s", said);
	return WARD_OK;
}

static ward_err open_store(const struct workspace *workspace, bool make, bool as_it_is,
		struct store **store, struct ward_error *error)
{
	char place[PATH_ROOM];
	struct store_options options = { .place = place,
		.readers = workspace_settings(workspace)->store_readers,
		.create = make,
		.migrate = make,
		.as_it_is = as_it_is };
	ward_err err = store_place(workspace, place, error);

	if (!err)
		err = store_open(&options, store, error);
	/* An address may hold a password, and is not repeated. */
	if (err == WARD_E_NOT_FOUND && !make && !strstr(place, "://"))
		return ward_fail(error, err,
				"the workspace's store is not there (%.100s): restore a backup "
				"with "
				"\"ward db restore\", or make an empty one with \"ward db "
				"migrate\"",
				workspace_settings(workspace)->store_place);
	return err;
}

ward_err workspace_store(const struct workspace *workspace, bool make, struct store **store,
		struct ward_error *error)
{
	return open_store(workspace, make, false, store, error);
}

ward_err workspace_store_as_it_is(const struct workspace *workspace, struct store **store,
		struct ward_error *error)
{
	return open_store(workspace, false, true, store, error);
}

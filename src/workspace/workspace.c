#include "workspace/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/signer.h"
#include "base/file.h"
#include "workspace/rules.h"

enum { PATH_ROOM = 4096, CONF_MEMORY = 32 << 20 };

struct workspace {
	char folder[PATH_ROOM];
	char lists[PATH_ROOM];
	char keys[PATH_ROOM];
	struct settings settings;
	struct ward_policy *policy;
};

/* ---- paths ---- */

static ward_err join(char out[PATH_ROOM], const char *folder, const char *name,
		struct ward_error *error)
{
	int len = snprintf(out, PATH_ROOM, "%s/%s", folder, name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_ARGUMENT,
							    "the workspace's path is too long");
}

/* ---- making one ---- */

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

static ward_err make_store(const char *folder, struct ward_error *error)
{
	struct store_options options = { .create = true, .migrate = true };
	char path[PATH_ROOM];
	struct store *store;
	ward_err err = join(path, folder, settings_default().store_place, error);

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
	ward_err err = join(path, folder, "ward.conf", error);

	if (err)
		return err;
	if (lstat(path, &st) == 0)
		return ward_fail(error, WARD_E_EXISTS, "%s is a workspace already", folder);
	err = file_make_folders(folder, 0700, error);
	for (size_t i = 0; !err && i < sizeof(folders) / sizeof(*folders); i++) {
		err = join(path, folder, folders[i], error);
		if (!err)
			err = file_make_folders(path, 0700, error);
	}
	if (!err)
		err = make_store(folder, error);
	if (!err)
		err = join(path, folder, "keys", error);
	if (!err)
		err = signer_make(path, error);
	/* Last, for it makes the folder a workspace. */
	if (!err)
		err = join(path, folder, "ward.conf", error);
	return err ? err : write_conf(path, error);
}

/* ---- opening one ---- */

/* True when `path`, links followed, lies below `folder`. */
static bool is_below(const char *path, const char *folder)
{
	char *real = realpath(path, NULL), *base = realpath(folder, NULL);
	size_t len = base ? strlen(base) : 0;
	bool below = real && base && strncmp(real, base, len) == 0 && real[len] == '/';

	free(real);
	free(base);
	return below;
}

/* Names are looked for below the workspace and nowhere else. */
static ward_err include_file(void *context, ward_str name, struct ward_arena *arena, ward_str *text,
		struct ward_error *error)
{
	const char *folder = context;
	char *path = ward_arena_printf(arena, "%s/%.*s", folder, WARD_FMT(name));
	char *content;
	size_t len;

	if (!path)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the configuration");
	if (!is_below(path, folder))
		return ward_fail(error, WARD_E_DENIED,
				"a file to include is named from the workspace's folder, and lies "
				"below it");
	ward_err err = file_read(path, CONF_BYTES_MAX, &content, &len, error);

	if (err)
		return err;
	*text = ward_arena_str(arena, (ward_str){ content, len });
	free(content);
	return text->ptr ? WARD_OK
			 : ward_fail(error, WARD_E_NOMEM, "no memory for the configuration");
}

static ward_err read_tree(struct workspace *workspace, ward_str text, struct ward_error *error)
{
	struct conf_node *first = NULL;
	struct ward_arena arena;

	ward_arena_init(&arena, CONF_MEMORY);
	ward_err err = conf_parse(&arena, "ward.conf", text, include_file, workspace->folder,
			&first, error);

	if (!err)
		err = settings_read(first, &workspace->settings, error);
	if (!err)
		err = rules_read(first, &workspace->policy, error);
	ward_arena_free(&arena);
	return err;
}

static ward_err read_conf(struct workspace *workspace, struct ward_error *error)
{
	char path[PATH_ROOM];
	char *text;
	size_t len;
	ward_err err = join(path, workspace->folder, "ward.conf", error);

	if (!err)
		err = file_read(path, CONF_BYTES_MAX, &text, &len, error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "%s is not a workspace; \"ward init DIR\" makes one",
				workspace->folder);
	if (err)
		return err;
	err = read_tree(workspace, (ward_str){ text, len }, error);
	free(text);
	return err;
}

ward_err workspace_open(const char *folder, struct workspace **workspace, struct ward_error *error)
{
	struct workspace *made = calloc(1, sizeof(*made));
	ward_err err;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the workspace");
	int len = snprintf(made->folder, PATH_ROOM, "%s", folder);

	err = len > 0 && len < PATH_ROOM
			      ? WARD_OK
			      : ward_fail(error, WARD_E_ARGUMENT,
						"the workspace's path is empty or too long");
	if (!err)
		err = join(made->lists, folder, "lists", error);
	if (!err)
		err = join(made->keys, folder, "keys/api", error);
	made->settings = settings_default();
	if (!err)
		err = read_conf(made, error);
	if (err) {
		workspace_free(made);
		return err;
	}
	*workspace = made;
	return WARD_OK;
}

void workspace_free(struct workspace *workspace)
{
	if (!workspace)
		return;
	ward_policy_free(workspace->policy);
	free(workspace);
}

const char *workspace_folder(const struct workspace *workspace)
{
	return workspace->folder;
}

const char *workspace_lists(const struct workspace *workspace)
{
	return workspace->lists;
}

const char *workspace_keys(const struct workspace *workspace)
{
	return workspace->keys;
}

const struct settings *workspace_settings(const struct workspace *workspace)
{
	return &workspace->settings;
}

const struct ward_policy *workspace_policy(const struct workspace *workspace)
{
	return workspace->policy;
}

/* A path is from the workspace's folder; an address is as it is. */
static ward_err store_place(const struct workspace *workspace, char place[PATH_ROOM],
		struct ward_error *error)
{
	const char *said = workspace->settings.store_place;

	if (!strstr(said, "://") && said[0] != '/')
		return join(place, workspace->folder, said, error);
	snprintf(place, PATH_ROOM, "%s", said);
	return WARD_OK;
}

ward_err workspace_store(const struct workspace *workspace, bool make, struct store **store,
		struct ward_error *error)
{
	char place[PATH_ROOM];
	struct store_options options = { .place = place,
		.readers = workspace->settings.store_readers,
		.create = make,
		.migrate = make };
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
				workspace->settings.store_place);
	return err;
}

/* The first rule about this list; NULL when none is. */
static const struct ward_rule *find_rule(const struct workspace *workspace, ward_str list)
{
	for (size_t i = 0; i < ward_policy_rules(workspace->policy); i++) {
		const struct ward_rule *rule = ward_policy_rule(workspace->policy, i);

		if (ward_str_eq(rule->list, list))
			return rule;
	}
	return NULL;
}

ward_err workspace_list_rename(const struct workspace *workspace, ward_str name, ward_str new_name,
		struct ward_error *error)
{
	const struct ward_rule *rule = find_rule(workspace, name);
	char folder[4096], unused[4096];
	struct ward_list_info info;
	ward_err err = workspace_list_folder(workspace, name, folder, sizeof(folder), error);

	if (!err)
		err = workspace_list_folder(workspace, new_name, unused, sizeof(unused), error);
	if (!err && rule && !find_rule(workspace, new_name))
		err = ward_fail(error, WARD_E_ARGUMENT,
				"rule \"%.*s\" of ward.conf is about this list and would match "
				"nothing: first put a rule for the new name beside it",
				WARD_FMT(rule->name));
	if (err || !ward_list_info_init(&info, new_name))
		return err;
	return ward_list_rename(folder, info.name, error);
}

ward_err workspace_list_folder(const struct workspace *workspace, ward_str name, char *path,
		size_t room, struct ward_error *error)
{
	struct ward_list_info info;

	if (!ward_list_info_init(&info, name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a list's name is up to %d letters, digits, dots, dashes and "
				"underscores, and begins with a letter or digit",
				WARD_LIST_NAME_MAX - 1);
	int len = snprintf(path, room, "%s/%s", workspace->lists, info.name);

	if (len < 0 || (size_t)len >= room)
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	return WARD_OK;
}

#include "workspace/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "workspace/inner.h"
#include "workspace/network.h"
#include "workspace/rules.h"

enum { PATH_ROOM = WORKSPACE_PATH_ROOM, CONF_MEMORY = 32 << 20 };

struct workspace {
	char folder[PATH_ROOM];
	char lists[PATH_ROOM];
	char sites[PATH_ROOM];
	char keys[PATH_ROOM];
	struct settings settings;
	struct ward_policy *policy;
	struct ward_arena arena; /* of gate_rules */
	const struct gate_rules *gate_rules;
};

/* ---- paths ---- */

ward_err workspace_join(char out[WORKSPACE_PATH_ROOM], const char *folder, const char *name,
		struct ward_error *error)
{
	int len = snprintf(out, PATH_ROOM, "%s/%s", folder, name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_ARGUMENT,
							    "the workspace's path is too long");
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
	if (!err)
		err = network_rules_read(first, ward_str_from(workspace->settings.network_profile),
				&workspace->arena, &workspace->gate_rules, error);
	ward_arena_free(&arena);
	return err;
}

static ward_err read_conf(struct workspace *workspace, struct ward_error *error)
{
	char path[PATH_ROOM];
	char *text;
	size_t len;
	ward_err err = workspace_join(path, workspace->folder, "ward.conf", error);

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
		err = workspace_join(made->lists, folder, "lists", error);
	if (!err)
		err = workspace_join(made->sites, folder, "sites", error);
	if (!err)
		err = workspace_join(made->keys, folder, "keys/api", error);
	made->settings = settings_default();
	ward_arena_init(&made->arena, CONF_MEMORY);
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
	ward_arena_free(&workspace->arena);
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

const char *workspace_sites(const struct workspace *workspace)
{
	return workspace->sites;
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

const struct gate_rules *workspace_gate_rules(const struct workspace *workspace)
{
	return workspace->gate_rules;
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

ward_err workspace_site_folder(const struct workspace *workspace, ward_str name, char *path,
		size_t room, struct ward_error *error)
{
	struct ward_site_info info;

	if (!ward_site_info_init(&info, name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a site list's name is up to %d letters, digits, dots, dashes and "
				"underscores, and begins with a letter or digit",
				WARD_SITE_NAME_MAX - 1);
	int len = snprintf(path, room, "%s/%s", workspace->sites, info.name);

	if (len < 0 || (size_t)len >= room)
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	return WARD_OK;
}

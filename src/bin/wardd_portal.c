#include "wardd_portal.h"
#include "wardd_block.h"

#include "base/file.h"
#include "base/log.h"
#include "portal/door.h"
#include "portal/helplines.h"
#include "vault/vault_keys.h"
#include "workspace/workspace.h"

enum { PATH_ROOM = 8192, PEM_MAX = 1 << 20, FILE_MAX = 4 << 20 };

struct wardd_portal {
	struct workspace *workspace;
	struct store *store;
	struct vault *vault;
	struct intake *intake;
	struct portal *portal;
	/* the files' texts */
	char *certificate, *private_key, *helplines, *stop_page, *script, *module;
	struct portal_options options;
};

static ward_err path_in(const struct wardd_portal *own, const char *name, char path[PATH_ROOM],
		struct ward_error *error)
{
	bool whole = name[0] == '/';
	int len = snprintf(path, PATH_ROOM, "%s%s%s", whole ? "" : workspace_folder(own->workspace),
			whole ? "" : "/", name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_LIMIT,
							    "the path %.40s... is too long", name);
}

/* A file the settings name; nothing when they name none. */
static ward_err read_named(const struct wardd_portal *own, const char *name, size_t len_max,
		char **text, size_t *len, struct ward_error *error)
{
	char path[PATH_ROOM];
	ward_err err;

	*len = 0;
	if (!name[0])
		return WARD_OK;
	err = path_in(own, name, path, error);
	return err ? err : file_read(path, len_max, text, len, error);
}

/* Both, or the page does without: it tells other ways. */
static void read_script(struct wardd_portal *own, const struct settings *settings)
{
	const char *folder = settings->portal_files[0] ? settings->portal_files : WARD_PORTAL_FILES;
	struct ward_error error;
	char name[PATH_ROOM];
	size_t script_len = 0, module_len = 0;

	snprintf(name, sizeof(name), "%s/stop.js", folder);
	ward_err err = read_named(own, name, FILE_MAX, &own->script, &script_len, &error);

	snprintf(name, sizeof(name), "%s/pdq.wasm", folder);
	if (!err)
		err = read_named(own, name, FILE_MAX, &own->module, &module_len, &error);
	if (err) {
		log_warn("portal_no_script", "code=%s", ward_err_name(err));
		return;
	}
	own->options.script = (ward_str){ own->script, script_len };
	own->options.module = (ward_str){ own->module, module_len };
}

static ward_err read_files(struct wardd_portal *own, const struct settings *settings,
		struct ward_error *error)
{
	struct portal_options *options = &own->options;
	size_t lines_len = 0, stop_len = 0, ignored;
	ward_err err = read_named(own, settings->certificate, PEM_MAX, &own->certificate, &ignored,
			error);

	if (!err)
		err = read_named(own, settings->private_key, PEM_MAX, &own->private_key, &ignored,
				error);
	if (!err)
		err = read_named(own, settings->portal_helplines, FILE_MAX, &own->helplines,
				&lines_len, error);
	if (!err)
		err = read_named(own, settings->portal_stop_page, FILE_MAX, &own->stop_page,
				&stop_len, error);
	if (err)
		return err;
	read_script(own, settings);
	options->listen = settings->portal_listen;
	options->owner = settings->portal_operator;
	options->leave = settings->portal_leave;
	options->certificate = own->certificate;
	options->private_key = own->private_key;
	options->connections_max = settings->portal_connections_max;
	options->reports_per_minute = settings->portal_reports_per_minute;
	options->no_reports = !settings->portal_reports;
	options->helplines = (ward_str){ own->helplines, lines_len };
	options->stop_page = (ward_str){ own->stop_page, stop_len };
	options->block = settings->portal_block;
	options->address = settings->portal_address;
	options->contact = settings->portal_contact;
	options->authority = settings->portal_authority;
	options->country = settings->portal_country;
	return WARD_OK;
}

static bool count_key(void *context, const struct vault_key *key)
{
	(void)key;
	++*(size_t *)context;
	return true;
}

/* Without keys nothing can be sealed, and every report would be turned away. */
static ward_err check_keys(struct store *store, struct ward_error *error)
{
	struct store_tx *tx;
	size_t count = 0;
	ward_err err = store_read(store, &tx, error);

	if (err)
		return err;
	err = vault_key_list(tx, count_key, &count, error);
	store_read_end(tx);
	if (!err && count == 0)
		err = ward_fail(error, WARD_E_NOT_FOUND,
				"the vault has no keys, so the portal could keep no report; make "
				"them first, with \"ward vault\", or say \"reports = no\" in "
				"portal { }");
	return err;
}

static ward_err open_intake(struct wardd_portal *own, intake_also *also, void *context,
		struct ward_error *error)
{
	char path[PATH_ROOM];
	ward_err err = workspace_store(own->workspace, false, &own->store, error);

	if (!err)
		err = vault_of_workspace(workspace_folder(own->workspace), own->store, &own->vault,
				error);
	if (!err && !own->options.no_reports)
		err = check_keys(own->store, error);
	if (!err)
		err = path_in(own, "keys", path, error);
	if (!err)
		err = intake_open(path, own->store, own->vault, also, context, &own->intake, error);
	if (!err)
		err = path_in(own, "keys/portal.key", path, error);
	if (!err)
		err = portal_key(path, own->options.key, error);
	if (!err)
		own->options.intake = portal_before(own->intake);
	return err;
}

ward_err wardd_portal_start(const char *folder, intake_also *also, void *context,
		struct gate_live *gate, struct wardd_portal **portal, struct ward_error *error)
{
	struct wardd_portal *own = calloc(1, sizeof(*own));
	ward_err err;

	if (!own)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	err = workspace_open(folder, &own->workspace, error);
	bool wanted = !err && workspace_settings(own->workspace)->portal_listen[0] != '\0';

	if (wanted)
		err = read_files(own, workspace_settings(own->workspace), error);
	if (wanted && !err)
		err = open_intake(own, also, context, error);
	own->options.why = wardd_block_why;
	own->options.why_context = gate;
	if (wanted && !err)
		err = portal_start(&own->options, &own->portal, error);
	if (wanted && !err)
		log_info("portal_ready", "address=%s", portal_address(own->portal));
	if (err || !wanted) {
		wardd_portal_free(own);
		own = NULL;
	}
	if (!err)
		*portal = own;
	return err;
}

ward_err wardd_portal_check(const char *folder, struct ward_error *error)
{
	struct wardd_portal *own = calloc(1, sizeof(*own));
	struct helplines *helplines = NULL;
	ward_err err;

	if (!own)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	err = workspace_open(folder, &own->workspace, error);
	if (!err && workspace_settings(own->workspace)->portal_listen[0])
		err = read_files(own, workspace_settings(own->workspace), error);
	if (!err && own->helplines)
		err = helplines_read(own->options.helplines, &helplines, error);
	helplines_free(helplines);
	wardd_portal_free(own);
	return err;
}

void wardd_portal_tick(struct wardd_portal *portal)
{
	if (portal)
		portal_tick(portal->portal);
}

bool wardd_portal_stats(const struct wardd_portal *portal, struct portal_stats *stats)
{
	if (portal)
		*stats = portal_stats(portal->portal);
	return portal != NULL;
}

void wardd_portal_free(struct wardd_portal *portal)
{
	if (!portal)
		return;
	portal_free(portal->portal);
	intake_free(portal->intake);
	vault_free(portal->vault);
	store_free(portal->store);
	workspace_free(portal->workspace);
	if (portal->private_key)
		explicit_bzero(portal->private_key, strlen(portal->private_key));
	free(portal->certificate);
	free(portal->private_key);
	free(portal->helplines);
	free(portal->stop_page);
	free(portal->script);
	free(portal->module);
	explicit_bzero(portal, sizeof(*portal));
	free(portal);
}

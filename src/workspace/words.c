/* What a workspace looks up in texts: its site lists, and the compiled terms that ward.conf names.
 */
#include "workspace/inner.h"
#include "workspace/workspace.h"

ward_err workspace_gate(const struct workspace *workspace, struct gate_rules_owner rules,
		struct gate_live **live, struct ward_error *error)
{
	const char *name = workspace_settings(workspace)->network_terms;
	char path[WORKSPACE_PATH_ROOM] = "";
	ward_err err = WARD_OK;

	if (name[0] == '/')
		err = workspace_join(path, "", name + 1, error);
	else if (name[0])
		err = workspace_join(path, workspace_folder(workspace), name, error);
	if (!err)
		return gate_live_open(workspace_sites(workspace), path, rules, live, error);
	if (rules.drop)
		rules.drop(rules.owner);
	return err;
}

/* Lists that only allow or count need not be asked of every text. */
static bool any_blocks(const struct ward_site_view *sites)
{
	for (size_t i = 0; i < ward_site_view_lists(sites); i++) {
		const struct ward_site_info *info =
				ward_site_list_info(ward_site_view_list(sites, i));

		if (info->enabled && info->sense == WARD_SITE_BLOCK)
			return true;
	}
	return false;
}

void workspace_scan_words(const struct gate_state *state, struct ward_scan_options *options)
{
	options->sites = any_blocks(state->sites) ? state->sites : NULL;
	options->terms = state->terms;
	options->terms_from = gate_profile_of(state->rules, SIZE_MAX)->note_from;
}

#include "bin/known.h"

#include "base/clock.h"

ward_err known_workspace(const struct cli *cli, struct workspace **workspace,
		struct ward_error *error)
{
	if (!cli->workspace || !cli->workspace[0])
		return ward_fail(error, WARD_E_ARGUMENT,
				"which workspace? Give it by -w DIR or $WARD_HOME (\"ward init "
				"DIR\" makes one)");
	return workspace_open(cli->workspace, workspace, error);
}

ward_err known_open(const struct cli *cli, struct known *known, struct ward_error *error)
{
	struct known opened = { 0 };
	ward_err err = known_workspace(cli, &opened.workspace, error);

	if (!err)
		err = ward_bank_open(workspace_lists(opened.workspace), &opened.bank, error);
	if (err) {
		known_close(&opened);
		return err;
	}
	opened.view = ward_bank_acquire(opened.bank);
	opened.policy = workspace_policy(opened.workspace);
	*known = opened;
	return WARD_OK;
}

void known_close(struct known *known)
{
	if (known->view)
		ward_bank_release(known->view);
	ward_bank_free(known->bank);
	workspace_free(known->workspace);
	*known = (struct known){ 0 };
}

struct ward_scan_options known_scan_options(const struct known *known)
{
	const struct settings *settings = workspace_settings(known->workspace);
	struct ward_scan_options options = ward_scan_options_default();

	options.limits = settings->limits;
	options.size = settings->exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	options.all_orientations = settings->all_orientations;
	options.archives = settings->archives;
	options.radius = settings->radius;
	options.now = clock_now();
	return options;
}

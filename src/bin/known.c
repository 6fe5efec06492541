#include "bin/known.h"

ward_err known_open_folder(const char *folder, struct known *known, struct ward_error *error)
{
	struct ward_bank *bank;
	ward_err err = ward_bank_open(folder, &bank, error);

	if (err)
		return err;
	*known = (struct known){ .bank = bank, .view = ward_bank_acquire(bank) };
	return WARD_OK;
}

ward_err known_open(const struct cli *cli, struct known *known, struct ward_error *error)
{
	char folder[4096];
	ward_err err;

	if (!cli->workspace)
		return ward_fail(error, WARD_E_ARGUMENT,
				"which lists? Give the workspace by -w DIR or $WARD_HOME (\"ward "
				"init DIR\" makes one)");
	int len = snprintf(folder, sizeof(folder), "%s/lists", cli->workspace);

	if (len < 0 || (size_t)len >= sizeof(folder))
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	err = known_open_folder(folder, known, error);
	if (err)
		return err;
	known->policy = ward_policy_default();
	if (!known->policy) {
		known_close(known);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	return WARD_OK;
}

void known_close(struct known *known)
{
	if (known->view)
		ward_bank_release(known->view);
	ward_bank_free(known->bank);
	ward_policy_free(known->policy);
	*known = (struct known){ 0 };
}
